"""What each kind of reading leaves behind: who read whose record, where, and what for. Never what was read."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import Engine, select

from backend_client.contract.masking import masked_name
from central.access_log.appending import Appender, Entry, appender_of
from central.access_log.chain import Line
from central.api.office import Context
from central.errors import CentralRefusal
from central.identity.clients import Client
from central.identity.scopes import ACR_PHONE
from central.identity.tables import sessions
from central.identity.tokens import Grant
from central.synthetic.person import person

REMEMBERED = 100_000


class DailyLimit(CentralRefusal):
    """Asked too often today."""

    def __init__(self) -> None:
        super().__init__(429, "daily_limit", "This record was asked for too often today; come back tomorrow.")


@dataclass(frozen=True)
class Theme:
    """What is read. `code`: unit 2 + sequence 2 (services.md section 11), unit 00 is this platform itself;
    `name`: what the daily limit counts.
    """

    code: str
    name: str
    fields: tuple[str, ...]


CONTRIBUTIONS = Theme("0202", "contributions", ("person", "enrolments", "rows", "pension_acc", "medical_acc"))
FAMILY_PLANNING = Theme("0401", "family-planning", ("marital", "spouse", "children", "certificate", "address"))
IDENTITY = Theme("0101", "identity", ("name", "id_no"))
SUBJECT = Theme("0101", "identity", ("sub", "acr"))
RELATION = Theme("0102", "household", ("name", "id_no", "relation"))
OWN_LOG = Theme("0001", "access-log", ("access_log",))
ACCOUNT = Theme("0002", "account", ("account", "phone", "sessions"))
CARD = Theme("0003", "card", ("state",))
OF_SCOPE = {"social": CONTRIBUTIONS, "family": FAMILY_PLANNING}


@dataclass(frozen=True)
class Reader:
    """Who reads. `dept`: terminal, site or service by its id; `operator`: `self`, a guardian, or empty."""

    dept: str
    operator: str
    channel: str


@dataclass(frozen=True)
class Why:
    """What for, and what came of it. `case`: a document's number. `limited`: counts against the daily limit."""

    purpose: str
    case: str | None = None
    found: bool = True
    limited: bool = False


QUERY = Why("query")
PUBLIC = Reader("public", "", "paper")


def appender(central: Context) -> Appender:
    """The log of this central."""
    return appender_of(central.engine, central.keys)


def subject_of(central: Context, number: int) -> str:
    """How the log names a person."""
    return central.keys.pairwise(number, "access-log")


def note(central: Context, number: int, reader: Reader, theme: Theme, why: Why) -> None:
    """One line about a reading whose answer has not left yet; DailyLimit when it was one too many."""
    if appender(central).append(_entry(central, number, reader, theme, why)).denied:
        raise DailyLimit


def _entry(central: Context, number: int, reader: Reader, theme: Theme, why: Why) -> Entry:
    line = Line(
        subject=subject_of(central, number), dept=reader.dept, operator=reader.operator, purpose=why.purpose,
        project_no=why.case, theme_code=theme.code, fields=theme.fields if why.found else (), channel=reader.channel,
        legal_basis="statute", result="ok" if why.found else "empty",
    )  # fmt: skip
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    return Entry(number, line, (day, theme.name, central.settings.daily_limit) if why.limited else None)


def note_read(central: Context, grant: Grant, theme: Theme, why: Why = QUERY) -> None:
    """A reading by whoever signed in: the holder, or a guardian."""
    note(central, grant.person or 0, reader_of(central, grant), theme, why)


def sign_in_of(central: Context, grant: Grant) -> Entry | None:
    """A new session's answer names the person to the terminal, and that is a reading; None when nobody is named."""
    if grant.person is None:
        return None
    return _entry(central, grant.person, reader_of(central, grant), IDENTITY, Why("sign-in"))


def reader_of(central: Context, grant: Grant) -> Reader:
    """Who stands behind a grant."""
    acts = grant.holder is not None and grant.holder != grant.person
    operator = masked_name(person(central.keys.seed, grant.holder or 0).name) if acts else "self"
    return Reader(grant.client_id, operator, "phone" if grant.acr == ACR_PHONE else "terminal")


class _Noted:
    """Sessions whose line is written, so that pages, polls and repeated introspections don't fill the log."""

    def __init__(self) -> None:
        self._known, self._lock = OrderedDict[tuple[str, ...], None](), threading.Lock()

    def __contains__(self, key: tuple[str, ...]) -> bool:
        return key in self._known

    def add(self, key: tuple[str, ...]) -> None:
        """Remember, and forget the oldest of very many: then there is one line more."""
        with self._lock:
            self._known[key] = None
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)


@lru_cache(maxsize=8)
def _noted(engine: Engine) -> _Noted:
    del engine  # one for each database
    return _Noted()


def note_in_session(central: Context, grant: Grant, theme: Theme, why: Why = QUERY) -> None:
    """As `note_read`, once in a session: for what is turned page by page, and for the log itself."""
    key, noted = (grant.sid, theme.code), _noted(central.engine)
    if key not in noted:
        note_read(central, grant, theme, why)
        noted.add(key)


def told_already(central: Context, client: Client, sid: str) -> bool:
    """Is there nothing to note? A terminal knows who signed in at it."""
    return client.kind == "terminal" or (sid, client.client_id, "told") in _noted(central.engine)


def note_told(central: Context, client: Client, sid: str) -> None:
    """A site or service is told who is signed in: one line for each session and client (`sub` never changes in it)."""
    if told_already(central, client, sid):
        return
    with central.engine.connect() as connection:
        number = connection.execute(select(sessions.c.person).where(sessions.c.sid == sid)).scalar()
    if number is not None:
        note(central, number, Reader(client.client_id, "", client.kind), SUBJECT, Why("sign-in"))
    _noted(central.engine).add((sid, client.client_id, "told"))
