"""The account: what may be done with it, each after a question; before opening, the question is the whole notice."""

import hashlib
from dataclasses import replace

from backend_client.contract.account import AccountOverview, Notice
from backend_client.contract.model import Record
from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.going import Result, fail, go, stay, without_holder


def offered(record: Record) -> tuple[s.AccountChange, ...]:
    """What may be done with the account that is on the screen."""
    if not isinstance(record, AccountOverview):
        return ()
    if record.account is None:
        return (s.AccountChange.OPEN,) if record.notice is not None else ()
    others = any(not session.current for session in record.sessions)
    phone = s.AccountChange.LINK_PHONE if record.account.phone is None else s.AccountChange.UNLINK_PHONE
    ends = (s.AccountChange.END_OTHERS,) if others else ()
    return (phone, *ends, s.AccountChange.FREEZE, s.AccountChange.CLOSE)


def shown_digest(notice: Notice) -> str:
    """SHA-256 of the words that were on the screen, as central counts it: not what central said that it is."""
    return hashlib.sha256(f"{notice.zh}\n{notice.en}".encode()).hexdigest()


def account_touched(state: s.State, screen: s.Viewing, event: e.AccountTouched) -> Result:
    """Ask first, a phone for its number. An account is the card's: by phone one may only look, for a ward not even
    that.
    """
    card, record = screen.card, screen.record
    if not isinstance(card, s.Card) or not isinstance(record, AccountOverview) or event.change not in offered(record):
        return stay(state)
    if event.change is s.AccountChange.LINK_PHONE:
        return go(state, s.NumberEntry(card, screen.service, record))
    return go(state, s.AccountQuestion(card, screen.service, record, event.change))


def account_confirmed(state: s.State, screen: s.AccountQuestion, _event: e.AccountConfirmed) -> Result:
    """Do it; a consent goes with version and digest of what was shown."""
    notice, command = screen.record.notice, c.ChangeAccount(state.visit, screen.change)
    if screen.change is s.AccountChange.OPEN and notice is not None:
        command = replace(command, version=notice.version, digest=shown_digest(notice))
    return go(state, s.ChangingAccount(screen.card, screen.service, screen.change), command)


def account_kept(state: s.State, screen: s.AccountQuestion, _event: e.BackTouched) -> Result:
    """No: everything stays as it is."""
    return go(state, s.Viewing(screen.card, screen.service, screen.record))


def account_answered(state: s.State, screen: s.ChangingAccount, event: e.RecordLoaded) -> Result:
    """The account as it is now; where it could not be opened because the notice changed, the new notice."""
    record = event.record
    if event.service != screen.service or not isinstance(record, AccountOverview):
        return stay(state)
    if screen.change is s.AccountChange.OPEN and record.account is None and record.notice is not None:
        return go(state, s.AccountQuestion(screen.card, screen.service, record, screen.change, renewed=True))
    return go(state, s.Viewing(screen.card, screen.service, record))


def account_left(state: s.State, screen: s.ChangingAccount, _event: e.AccountLeft) -> Result:
    """Said once, and nothing of the holder is kept."""
    after = without_holder(state, s.AccountOver(screen.change), state.ui)
    return after, (c.EndVisit(state.visit), c.PlaySound(c.Cue.TAKE_CARD))


def account_failed(state: s.State, screen: s.ChangingAccount, event: e.StepFailed) -> Result:
    """Say so and stay signed in; where the PIN is not fresh enough, ask for it and come back to the account."""
    if event.fatal:
        return fail(state, event.failure)
    if event.failure is Failure.SESSION_EXPIRED:
        back = s.Place(screen.service)
        return go(state, s.PinEntry(screen.card, failure=event.failure, then=back), c.ForgetPin())
    return go(state, s.Failed(event.failure, screen.card))
