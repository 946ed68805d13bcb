"""The holder's account: open, see, link a phone, sessions, wards, freeze, close."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import select

from backend_client.contract.account import (
    Account,
    ConfirmPhone,
    Done,
    LinkPhone,
    Notice,
    OpenAccount,
    PhoneCheck,
    SessionInfo,
    Sessions,
    Wards,
)
from central.access_log.noting import ACCOUNT, RELATION, note_in_session, note_read
from central.api.office import Central, Context, Scoped
from central.errors import CentralRefusal
from central.identity import accounts, guardians, phones
from central.identity.card_state import freeze as freeze_card
from central.identity.tables import sessions
from central.identity.tokens import Grant, end_sessions

router = APIRouter(prefix="/api/v1/account", tags=["account"])


def own(grant: Grant) -> int:
    """The holder's number; 403 for a guardian who acts for somebody else."""
    if grant.person is None or grant.person != grant.holder:
        raise CentralRefusal(403, "insufficient_scope", "An account is for its holder alone.")
    return grant.person


Seeing = Annotated[Grant, Depends(Scoped("account"))]
Changing = Annotated[Grant, Depends(Scoped("account.change"))]
Opening = Annotated[Grant, Depends(Scoped("acct.open"))]
Guarding = Annotated[Grant, Depends(Scoped("guardian"))]


@router.get("/notice")
def notice() -> Notice:
    """What to show before consent is asked for."""
    return accounts.notice()


@router.post("", status_code=201)
def open_account(central: Central, grant: Opening, body: OpenAccount) -> Account:
    """凭卡开通: open the holder's account by card alone."""
    own(grant)
    return accounts.open_account(central.engine, grant, body)


@router.get("")
def see(central: Central, grant: Seeing) -> Account:
    """The holder's account."""
    number = own(grant)
    note_in_session(central, grant, ACCOUNT)
    return accounts.account_of(central.engine, number)


@router.post("/phone", status_code=202)
def link_phone(central: Central, grant: Changing, body: LinkPhone) -> PhoneCheck:
    """Send a code to the number that the holder wants to link."""
    accounts.account_of(central.engine, own(grant))
    return phones.start(central.engine, central.sms, body.phone, own(grant), phones.LINK)


@router.post("/phone/confirm")
def confirm_phone(central: Central, grant: Changing, body: ConfirmPhone) -> Account:
    """Link the number whose code came."""
    person, phone = phones.confirm(central.engine, body.check_id, body.code, phones.LINK)
    if person != own(grant):
        raise phones.WrongCode
    return accounts.link_phone(central.engine, person, phone)


@router.delete("/phone")
def unlink_phone(central: Central, grant: Changing) -> Account:
    """Forget the number."""
    return accounts.link_phone(central.engine, own(grant), None)


@router.get("/sessions")
def see_sessions(central: Central, grant: Seeing) -> Sessions:
    """Where the holder is signed in now."""
    number = own(grant)
    note_in_session(central, grant, ACCOUNT)
    return Sessions(sessions=tuple(_live(central, number, grant.sid)))


def _live(central: Context, person: int, current: str) -> list[SessionInfo]:
    now = datetime.now(UTC).timestamp()
    wanted = select(sessions).where(sessions.c.holder == person, sessions.c.ended == 0, sessions.c.ends > now)
    with central.engine.connect() as connection:
        rows = connection.execute(wanted.order_by(sessions.c.started.desc())).all()
    return [
        SessionInfo(
            sid=row.sid, device=row.client_id, acr=row.acr, started=datetime.fromtimestamp(row.started, UTC),
            auth_time=datetime.fromtimestamp(row.auth_time, UTC), current=row.sid == current,
            acting=row.person != row.holder,
        )
        for row in rows
    ]  # fmt: skip


@router.post("/sessions/{sid}/end")
def end_session(central: Central, grant: Seeing, sid: str) -> Done:
    """End one of the holder's sessions."""
    ended = end_sessions(central.engine, sessions.c.sid == sid, sessions.c.holder == own(grant))
    return Done(ended=len(ended))


@router.post("/freeze")
def freeze(central: Central, grant: Seeing) -> Done:
    """The card is lost: it signs in no more, and every session is over. A phone sign-in is enough to ask for it."""
    return Done(ended=len(freeze_card(central.engine, own(grant))))


@router.post("/close")
def close(central: Central, grant: Changing) -> Done:
    """Close the account: consent is withdrawn, the phone forgotten, every session over."""
    return Done(ended=len(accounts.close(central.engine, own(grant))))


@router.get("/wards")
def see_wards(central: Central, grant: Guarding) -> Wards:
    """Whom the holder may act for; each of them sees in their log that it was asked."""
    with central.engine.connect() as connection:
        found = guardians.relations(connection, central.keys.seed, own(grant))
    for relation in found:
        note_read(central, replace(grant, person=relation.ward), RELATION)
    return Wards(wards=guardians.wards(central.keys.seed, central.keys.pairwise_salt, found))
