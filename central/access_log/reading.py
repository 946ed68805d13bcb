"""What a read of a record leaves behind, and what the holder sees of it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from backend_client.contract.access_log import AccessLine
from backend_client.contract.masking import masked_name
from central.access_log.appending import Appender, Entry, appender_of
from central.access_log.chain import Line, shard_of
from central.access_log.tables import lines
from central.api.office import Context
from central.errors import CentralRefusal
from central.identity.scopes import ACR_PHONE
from central.identity.tokens import Grant
from central.synthetic.contributions import CST
from central.synthetic.person import person

DAYS, MOST = 90, 500


class DailyLimit(CentralRefusal):
    """Asked too often today."""

    def __init__(self) -> None:
        super().__init__(429, "daily_limit", "This record was asked for too often today; come back tomorrow.")


@dataclass(frozen=True)
class Theme:
    """What is read. `code`: unit 2 + sequence 2 (services.md section 11); `name`: what the daily limit counts."""

    code: str
    name: str
    fields: tuple[str, ...]


CONTRIBUTIONS = Theme("0202", "contributions", ("person", "enrolments", "rows", "pension_acc", "medical_acc"))
FAMILY_PLANNING = Theme("0401", "family-planning", ("marital", "spouse", "children", "certificate", "address"))
OWN_LOG = Theme("0001", "access-log", ("access_log",))


def appender(central: Context) -> Appender:
    """The log of this central."""
    return appender_of(central.engine, central.keys)


def note_read(
    central: Context, grant: Grant, theme: Theme, *, found: bool = True, purpose: str = "query", limited: bool = False
) -> None:
    """One line about a read whose answer has not left yet; DailyLimit when it was one too many."""
    number = grant.person or 0
    line = Line(
        at=datetime.now(CST).isoformat(timespec="milliseconds"), subject=central.keys.pairwise(number, "access-log"),
        dept=grant.client_id, operator=_operator(central, grant), purpose=purpose, project_no=None,
        theme_code=theme.code, fields=theme.fields if found else (),
        channel="phone" if grant.acr == ACR_PHONE else "terminal", legal_basis="statute",
        result="ok" if found else "empty",
    )  # fmt: skip
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    counted = (day, theme.name, central.settings.daily_limit) if limited else None
    if appender(central).append(Entry(number, line, counted)).denied:
        raise DailyLimit


def _operator(central: Context, grant: Grant) -> str:
    """`self`, or the masked name of the guardian who acts."""
    if grant.holder is None or grant.holder == grant.person:
        return "self"
    return masked_name(person(central.keys.seed, grant.holder).name)


def lines_about(central: Context, number: int) -> tuple[AccessLine, ...]:
    """The newest 500 lines about a person in 90 days, newest first."""
    since = (datetime.now(CST) - timedelta(days=DAYS)).isoformat(timespec="milliseconds")
    wanted = select(lines.c.body).where(lines.c.person == number, lines.c.at >= since)
    with central.engine.connect() as connection:
        bodies = connection.execute(wanted.order_by(lines.c.at.desc(), lines.c.number.desc()).limit(MOST)).scalars()
        return tuple(_shown(json.loads(body)) for body in bodies)


def _shown(body: dict[str, object]) -> AccessLine:
    return AccessLine.model_validate({name: body[name] for name in AccessLine.model_fields})


def head_for(central: Context, number: int) -> str:
    """The signed head of the chain that a person's lines stand in."""
    return appender(central).signed_head(shard_of(number)) or ""
