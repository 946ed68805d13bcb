"""Sessions and their opaque access tokens: given, looked up, ended. Only tokens' digests are stored."""

import hashlib
import math
import secrets
import time
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, Row, bindparam, delete, insert, select, update

from central.errors import InsufficientAuthentication, InsufficientScope, InvalidGrant, InvalidToken
from central.identity.card_grant import CardHolder
from central.identity.clients import Client, demand_valid
from central.identity.scopes import ACR_TERMINAL, ACTING_SCOPES, LEVELS, TERMINAL_SCOPE, needs
from central.identity.single_use import due
from central.identity.tables import logouts, sessions, sites, tokens
from central.prepared import Prepared
from central.storage import writing

TOKEN_SECONDS = 300
SESSION_SECONDS = 900
TICKET_SCOPE = "openid"
_TOKEN = Prepared(
    select(sessions, *(column for column in tokens.c if column.name != "sid"))
    .join(tokens, tokens.c.sid == sessions.c.sid)
    .where(tokens.c.digest == bindparam("wanted"))
)
_SWEEP_TOKENS = Prepared(delete(tokens).where(tokens.c.expires < bindparam("over")))
_KEEP_SESSION, _KEEP_TOKEN = Prepared(insert(sessions)), Prepared(insert(tokens))

__all__ = [
    "TERMINAL_SCOPE",
    "TICKET_SCOPE",
    "Grant",
    "end",
    "end_sessions",
    "give",
    "held_session",
    "live_session",
    "look_up",
    "renew",
    "require",
    "revoke",
]


@dataclass(frozen=True)
class Grant:
    """What a live token stands for; `person` None for a terminal's own token.

    `person`: whose records it opens; `holder`: who signed in (another person when acting as a guardian).
    """

    person: int | None
    holder: int | None
    card_id: str | None
    client_id: str
    scope: str
    audience: str
    sid: str
    acr: str
    jkt: str
    x5t: str | None
    auth_time: float
    issued: float
    expires: float
    ends: float


@dataclass(frozen=True)
class Wanted:
    """What a token request asks for: scope, RFC 8707 audience, thumbprints of the key and certificate to bind."""

    scope: str
    audience: str
    jkt: str
    x5t: str | None = None


@dataclass(frozen=True)
class Held:
    """What a caller has shown to hold: the key of its DPoP proof, and its TLS certificate or None."""

    jkt: str
    x5t: str | None = None


@dataclass(frozen=True)
class Parent:
    """A live session that opens another."""

    sid: str
    ends: float


def live_session(engine: Engine, sid: str) -> Row[tuple[object, ...]] | None:
    """The row of a session that is not over."""
    live = (sessions.c.sid == sid, sessions.c.ended == 0, sessions.c.ends > time.time())
    with engine.connect() as connection:
        return connection.execute(select(sessions).where(*live)).one_or_none()


def held_session(connection: Connection, sid: str) -> Row[tuple[object, ...]] | None:
    """The same, and it doesn't end before this transaction does."""
    live = (sessions.c.sid == sid, sessions.c.ended == 0, sessions.c.ends > time.time())
    return connection.execute(select(sessions).where(*live).with_for_update(read=True)).one_or_none()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _new_token(sid: str, wanted: Wanted, ends: float) -> tuple[str, dict[str, object]]:
    token, now = secrets.token_urlsafe(32), time.time()
    row: dict[str, object] = {
        "digest": _digest(token), "sid": sid, "scope": wanted.scope, "audience": wanted.audience, "issued": now,
        "expires": min(now + TOKEN_SECONDS, ends),
    }  # fmt: skip
    return token, row


def give(
    connection: Connection,
    *,
    holder: CardHolder | None,
    client_id: str,
    wanted: Wanted,
    person: int | None = None,
    parent: Parent | None = None,
) -> tuple[str, Grant]:
    """A new session of at most 15 minutes and its first token.

    `person`: whom a guardian acts for. `parent`: the session that opened this one and ends it with itself.
    """
    demand_valid(connection, client_id)
    now, sid = time.time(), str(uuid.uuid4())
    ends = min(now + SESSION_SECONDS, parent.ends if parent else math.inf)
    of_holder = {} if holder is None else {"holder": holder.person, "card_id": holder.card_id}
    session: dict[str, object] = {
        "sid": sid, "holder": None, "card_id": None, **of_holder, "person": person or (holder and holder.person),
        "client_id": client_id, "parent": parent.sid if parent else None, "acr": holder.acr if holder else ACR_TERMINAL,
        "jkt": wanted.jkt, "x5t": wanted.x5t, "started": now,
        "auth_time": holder.auth_time if holder else now, "ends": ends, "ended": 0,
    }  # fmt: skip
    token, row = _new_token(sid, wanted, ends)
    if due("tokens", connection.engine):
        _SWEEP_TOKENS.run(connection, over=now - SESSION_SECONDS)
    _KEEP_SESSION.run(connection, **session)
    _KEEP_TOKEN.run(connection, **row)
    return token, _grant({**session, **row})


def renew(connection: Connection, holder: CardHolder, client: Client, wanted: Wanted) -> tuple[str, Grant]:
    """Another token of a session that goes on: same card, client and key, within its 15 minutes."""
    session = select(sessions).where(sessions.c.sid == holder.sid)
    row = connection.execute(session).one_or_none()
    if row is None or row.ended or row.ends <= time.time():
        raise InvalidGrant("the session is over")
    if (row.card_id, row.client_id, row.jkt, row.x5t) != (holder.card_id, client.client_id, wanted.jkt, wanted.x5t):
        raise InvalidGrant("the session belongs to another card, client or key")
    if row.person != row.holder and not set(wanted.scope.split(" ")) <= ACTING_SCOPES:
        raise InvalidGrant("a guardian's session opens records only")
    if holder.auth_time < int(row.auth_time):
        raise InvalidGrant("the PIN was entered before the session's last proof")
    token, fields = _new_token(row.sid, wanted, row.ends)
    connection.execute(
        update(sessions).where(sessions.c.sid == row.sid).values(auth_time=holder.auth_time, acr=holder.acr)
    )
    _KEEP_TOKEN.run(connection, **fields)
    row = connection.execute(session).one()
    return token, _grant({**row._mapping, **fields})


def _grant(fields: dict[str, object]) -> Grant:
    return Grant(**{name: fields[name] for name in Grant.__dataclass_fields__})  # type: ignore[arg-type]


def look_up(engine: Engine, token: str) -> Grant | None:
    """The grant of a live token of a live session."""
    row = _TOKEN.look_up(engine, wanted=_digest(token))
    if row is None or row["ended"] or min(row["expires"], row["ends"]) < time.time():
        return None
    return _grant(row)


def require(engine: Engine, token: str, held: Held, scope: str, audience: str) -> Grant:
    """The grant, if the token is alive, for us, belongs to this key, covers the scope and is proof enough for it."""
    grant = look_up(engine, token)
    if grant is None:
        raise InvalidToken("unknown, expired or revoked")
    if grant.jkt != held.jkt or (grant.x5t is not None and grant.x5t != held.x5t):
        raise InvalidToken("bound to another key or certificate")
    if grant.audience != audience:
        raise InvalidToken("made for another resource")
    if scope not in grant.scope.split():
        raise InsufficientScope(scope)
    if scope in needs():
        _assured(grant, scope)
    return grant


def _assured(grant: Grant, scope: str) -> None:
    need = needs()[scope]
    strong = LEVELS.index(grant.acr) >= LEVELS.index(need.acr)
    recent = need.max_age is None or time.time() - grant.auth_time <= need.max_age
    if not strong or not recent:
        raise InsufficientAuthentication(need.acr_values, need.max_age)


def revoke(connection: Connection, token: str, client_id: str) -> None:
    """End the session of a token of this client. Unknown ones are nobody's business (RFC 7009 section 2.2)."""
    row = _TOKEN.row(connection, wanted=_digest(token))
    if row is not None and row["client_id"] == client_id and not row["ended"]:
        end(connection, sessions.c.sid == row["sid"])


def end_sessions(engine: Engine, *which: ColumnElement[bool]) -> list[str]:
    """End the live sessions that match (columns of `sessions`) and those that they opened: all their tokens are dead.

    Gives their sids; sites among them are owed a back-channel logout from here on.
    """
    with writing(engine) as connection:
        return end(connection, *which)


def end(connection: Connection, *which: ColumnElement[bool]) -> list[str]:
    """The same in a transaction that ends more than sessions: what can't be done again must not be done by half."""
    sids = _over(connection, *which)
    if sids:
        sids |= _over(connection, sessions.c.parent.in_(sids))
        _owe_logouts(connection, sids)
    return list(sids)


def _over(connection: Connection, *which: ColumnElement[bool]) -> dict[str, str]:
    """Holds the rows first, so that a session that is being opened by one of them is there to be found afterwards."""
    live = (sessions.c.ended == 0, sessions.c.ends > time.time())
    ending = update(sessions).where(*live, *which).values(ended=1)
    rows = connection.execute(ending.returning(sessions.c.sid, sessions.c.client_id)).all()
    return {str(row.sid): str(row.client_id) for row in rows}


def _owe_logouts(connection: Connection, sids: dict[str, str]) -> None:
    known = set(connection.execute(select(sites.c.client_id).where(sites.c.client_id.in_(sids.values()))).scalars())
    owed = [
        {"sid": sid, "client_id": client_id, "due": time.time(), "tries": 0}
        for sid, client_id in sids.items() if client_id in known
    ]  # fmt: skip
    if owed:
        connection.execute(insert(logouts), owed)
