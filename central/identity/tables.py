"""Tables of identity: sessions and their tokens. A token lives only as long as its session does."""

from sqlalchemy import Column, Float, Index, Integer, String, Table, text

from central.storage import metadata

sessions = Table(
    "sessions", metadata,
    Column("sid", String(36), primary_key=True),
    Column("person", Integer, nullable=True),  # whose records; None for a terminal's own session
    Column("holder", Integer, nullable=True),  # who is signed in; another person when acting as a guardian
    Column("card_id", String(32), nullable=True),
    Column("client_id", String(40), nullable=False),
    Column("parent", String(36), nullable=True),  # the terminal's session that opened a site's
    Column("acr", String(60), nullable=False),
    Column("jkt", String(43), nullable=False),
    Column("x5t", String(43), nullable=True),  # x5t#S256 of the terminal's certificate (RFC 8705)
    Column("started", Float, nullable=False),
    Column("auth_time", Float, nullable=False),
    Column("ends", Float, nullable=False, index=True),  # 8 µs a sign-in, for who sweeps
    Column("ended", Integer, nullable=False),
    Index("sessions_of_person", "holder", "ended"),
    Index("sessions_of_parent", "parent", sqlite_where=text("parent IS NOT NULL")),
)  # fmt: skip
tokens = Table(
    "tokens", metadata,
    Column("digest", String(64), primary_key=True),
    Column("sid", String(36), nullable=False),
    Column("scope", String(200), nullable=False),
    Column("audience", String(200), nullable=False),
    Column("issued", Float, nullable=False),
    Column("expires", Float, nullable=False, index=True),
    sqlite_with_rowid=False,
)  # fmt: skip
accounts = Table(
    "accounts", metadata,
    Column("person", Integer, primary_key=True),
    Column("account_id", String(32), nullable=False, unique=True),
    Column("state", String(10), nullable=False),
    Column("opened_at", String(40), nullable=False),
    Column("opened_terminal", String(40), nullable=False),
    Column("notice_version", String(20), nullable=False),
    Column("notice_digest", String(64), nullable=False),
    Column("consent_at", String(40), nullable=False),
    Column("phone", String(11), nullable=True, unique=True),
)  # fmt: skip
phone_checks = Table(
    "phone_checks", metadata,
    Column("check_id", String(43), primary_key=True),
    Column("person", Integer, nullable=True),  # None while somebody only claims to be the number's owner
    Column("phone", String(11), nullable=False, index=True),
    Column("code", String(64), nullable=False),
    Column("sent", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("tries", Integer, nullable=False),
)  # fmt: skip
staff_cards = Table(
    "staff_cards", metadata,
    Column("card_id", String(32), primary_key=True),
    Column("staff_id", String(20), nullable=False),
    Column("state", String(10), nullable=False),
)  # fmt: skip
guesses = Table(
    "guesses", metadata,
    Column("kind", String(10), primary_key=True),
    Column("address", String(45), primary_key=True),
    Column("until", Float, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
)  # fmt: skip
ended_relations = Table(
    "ended_relations", metadata,
    Column("guardian", Integer, primary_key=True),
    Column("ward", Integer, primary_key=True),
    Column("ended", Float, nullable=False),
)  # fmt: skip
device_codes = Table(
    "device_codes", metadata,
    Column("digest", String(64), primary_key=True),
    Column("user_code", String(9), nullable=False, unique=True),
    Column("client_id", String(40), nullable=False),
    Column("scope", String(200), nullable=False),
    Column("audience", String(200), nullable=False),
    Column("state", String(10), nullable=False),  # pending, approved, denied, used
    Column("person", Integer, nullable=True),
    Column("auth_time", Float, nullable=True),
    Column("expires", Float, nullable=False),
    Column("interval", Integer, nullable=False),
    Column("polled", Float, nullable=False),
)  # fmt: skip
sites = Table(
    "sites", metadata,
    Column("client_id", String(40), primary_key=True),
    Column("name_zh", String(60), nullable=False),
    Column("name_en", String(60), nullable=False),
    Column("redirect_uri", String(300), nullable=False),
    Column("initiate_login_uri", String(300), nullable=False),
    Column("backchannel_logout_uri", String(300), nullable=False),
    Column("acr", String(60), nullable=False),  # the weakest sign-in that it takes
)  # fmt: skip
login_tickets = Table(
    "login_tickets", metadata,
    Column("digest", String(64), primary_key=True),
    Column("sid", String(36), nullable=False),
    Column("client_id", String(40), nullable=False),
    Column("expires", Float, nullable=False),
)  # fmt: skip
authorization_codes = Table(
    "authorization_codes", metadata,
    Column("digest", String(64), primary_key=True),
    Column("client_id", String(40), nullable=False),
    Column("redirect_uri", String(300), nullable=False),
    Column("challenge", String(43), nullable=False),
    Column("nonce", String(500), nullable=True),
    Column("person", Integer, nullable=False),
    Column("parent", String(36), nullable=True),
    Column("acr", String(60), nullable=False),
    Column("auth_time", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("sid", String(36), nullable=True),  # of the session that it was spent for
)  # fmt: skip
logouts = Table(
    "logouts", metadata,
    Column("sid", String(36), primary_key=True),
    Column("client_id", String(40), nullable=False),
    Column("due", Float, nullable=False),
    Column("tries", Integer, nullable=False),
)  # fmt: skip
enrolment_codes = Table(
    "enrolment_codes", metadata,
    Column("digest", String(64), primary_key=True),
    Column("terminal_id", String(40), nullable=False),
    Column("expires", Float, nullable=False),
)  # fmt: skip
certificates = Table(
    "certificates", metadata,
    Column("x5t", String(43), primary_key=True),
    Column("terminal_id", String(40), nullable=False, index=True),
    Column("public_jwk", String(400), nullable=False),
    Column("not_after", Float, nullable=False),
    Column("state", String(10), nullable=False),  # new until it is used, then valid; old, revoked
)  # fmt: skip
