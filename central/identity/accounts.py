"""Accounts: opened by card with a notice, a phone linked, closed. One person has one account."""

import hashlib
import tomllib
import uuid
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend_client.contract.account import Account, Notice, OpenAccount
from backend_client.contract.masking import masked_id
from central.errors import CentralRefusal
from central.identity.approvals import withdraw
from central.identity.tables import accounts, phone_checks, sessions
from central.identity.tokens import Grant, end
from central.storage import writing

NOTICES = Path(__file__).with_name("notice.toml")
REAL_NAME = 2


class NoAccount(CentralRefusal):
    """The holder has none."""

    def __init__(self) -> None:
        super().__init__(404, "no_account", "There is no account yet; open one by card.")


@lru_cache(maxsize=1)
def notice() -> Notice:
    """The newest notice."""
    newest = tomllib.loads(NOTICES.read_text(encoding="utf-8"))["notice"][0]
    zh, en = newest["zh"].strip(), newest["en"].strip()
    return Notice(version=newest["version"], zh=zh, en=en, digest=hashlib.sha256(f"{zh}\n{en}".encode()).hexdigest())


def open_account(engine: Engine, grant: Grant, consent: OpenAccount) -> Account:
    """Open the holder's account. 409 when there is one, or when the notice read is not the newest."""
    now = datetime.now(UTC).isoformat()
    if (consent.notice_version, consent.notice_digest) != (notice().version, notice().digest):
        raise CentralRefusal(409, "old_notice", "The notice has changed; show the new one and ask again.")
    row = {
        "person": grant.person, "account_id": uuid.uuid4().hex, "state": "open", "opened_at": now,
        "opened_terminal": grant.client_id, "notice_version": consent.notice_version,
        "notice_digest": consent.notice_digest, "consent_at": now, "phone": None,
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(delete(accounts).where(accounts.c.person == grant.person, accounts.c.state == "closed"))
        try:
            connection.execute(insert(accounts).values(**row))
        except IntegrityError as error:
            raise CentralRefusal(409, "account_exists", "This person has an account already.") from error
    return account_of(engine, grant.person)


def _row(engine: Engine, person: int | None) -> Row[tuple[object, ...]]:
    with engine.connect() as connection:
        found = connection.execute(select(accounts).where(accounts.c.person == person)).one_or_none()
    if found is None or found.state != "open":
        raise NoAccount
    return found


def account_of(engine: Engine, person: int | None) -> Account:
    """The open account of a person; NoAccount."""
    row = _row(engine, person)
    return Account(
        account_id=row.account_id, state=row.state, level=REAL_NAME,
        opened_at=datetime.fromisoformat(row.opened_at), opened_terminal=row.opened_terminal,
        notice_version=row.notice_version, consent_at=datetime.fromisoformat(row.consent_at),
        phone=masked_id(row.phone) if row.phone else None,
    )  # fmt: skip


def owner_of(engine: Engine, phone: str) -> int | None:
    """Whose open account has this number."""
    wanted = select(accounts.c.person).where(accounts.c.phone == phone, accounts.c.state == "open")
    with engine.connect() as connection:
        return connection.execute(wanted).scalar_one_or_none()


def link_phone(engine: Engine, person: int, phone: str | None) -> Account:
    """Link a number that was proven (or none). A number belongs to one account: its last owner loses it."""
    _row(engine, person)
    with writing(engine) as connection:
        if phone is not None:
            connection.execute(update(accounts).where(accounts.c.phone == phone).values(phone=None))
        connection.execute(update(accounts).where(accounts.c.person == person).values(phone=phone))
    return account_of(engine, person)


def close(engine: Engine, person: int) -> list[str]:
    """Close: consent is withdrawn, the phone forgotten, every session over. Gives the sids that ended."""
    _row(engine, person)
    with writing(engine) as connection:
        connection.execute(update(accounts).where(accounts.c.person == person).values(state="closed", phone=None))
        connection.execute(delete(phone_checks).where(phone_checks.c.person == person))
        withdraw(connection, person)
        return end(connection, sessions.c.holder == person)
