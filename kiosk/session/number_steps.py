"""Linking a phone: its number, the code that central sends there, and the account as it is then.

No number leaves before it is whole, no code before one was sent; who leaves these screens leaves no digit behind.
"""

from dataclasses import replace

from backend_client.contract.account import AccountOverview
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.account_steps import account_failed
from kiosk.session.clock import alive
from kiosk.session.going import Result, fail, go, stay
from kiosk.session.number import CODE_LENGTH, NUMBER_LENGTH, LinkTrouble

Linking = s.NumberEntry | s.SendingCode | s.CodeEntry | s.CheckingCode


def digits_keyed(state: s.State, screen: s.NumberEntry | s.CodeEntry, event: e.DigitsKeyed) -> Result:
    """Other digits; somebody is there."""
    if not event.digits.fits(NUMBER_LENGTH if isinstance(screen, s.NumberEntry) else CODE_LENGTH):
        return stay(state)
    if isinstance(screen, s.NumberEntry):
        return alive(replace(state, screen=replace(screen, digits=event.digits, sent=False)))
    return alive(replace(state, screen=replace(screen, digits=event.digits)))


def number_submitted(state: s.State, screen: s.NumberEntry, _event: e.DigitsSubmitted) -> Result:
    """A whole number gets a code; what is none is said before anything is sent."""
    if len(screen.digits) != NUMBER_LENGTH:
        return stay(state)
    if not screen.digits.is_number:
        return alive(replace(state, screen=replace(screen, trouble=LinkTrouble.NOT_A_NUMBER)))
    sending = s.SendingCode(screen.card, screen.service, screen.record, screen.digits, screen.sent)
    return go(state, sending, c.SendCode(state.visit, screen.digits))


def code_sent(state: s.State, screen: s.SendingCode, _event: e.CodeSent) -> Result:
    """Ask for it."""
    return go(state, s.CodeEntry(screen.card, screen.service, screen.record, screen.number))


def number_refused(state: s.State, screen: s.SendingCode, event: e.NumberRefused) -> Result:
    """No code now: back to the number, or to the code that was sent there before and still counts."""
    if screen.again:
        entry = s.CodeEntry(screen.card, screen.service, screen.record, screen.number, trouble=event.trouble)
        return go(state, entry)
    number = s.NumberEntry(screen.card, screen.service, screen.record, screen.number, trouble=event.trouble)
    return go(state, number)


def code_wanted(state: s.State, screen: s.CodeEntry, _event: e.CodeWanted) -> Result:
    """None came: another one to the same number."""
    sending = s.SendingCode(screen.card, screen.service, screen.record, screen.number, again=True)
    return go(state, sending, c.SendCode(state.visit, screen.number))


def code_submitted(state: s.State, screen: s.CodeEntry, _event: e.DigitsSubmitted) -> Result:
    """Six digits go to central, fewer go nowhere."""
    if not screen.digits.is_code:
        return stay(state)
    checking = s.CheckingCode(screen.card, screen.service, screen.record, screen.number)
    return go(state, checking, c.ConfirmCode(state.visit, screen.digits))


def code_refused(state: s.State, screen: s.CheckingCode, event: e.CodeRefused) -> Result:
    """Once more, or another code."""
    trouble = LinkTrouble.WRONG_CODE if event.left else LinkTrouble.CODE_OVER
    entry = s.CodeEntry(screen.card, screen.service, screen.record, screen.number, trouble=trouble, left=event.left)
    return go(state, entry)


def phone_linked(state: s.State, screen: s.CheckingCode, event: e.RecordLoaded) -> Result:
    """The account as it is now, its number masked."""
    if event.service != screen.service or not isinstance(event.record, AccountOverview):
        return stay(state)
    return go(state, s.Viewing(screen.card, screen.service, event.record), c.ForgetCode())


def other_number(state: s.State, screen: s.CodeEntry, _event: e.BackTouched) -> Result:
    """It was mistyped, or another phone is at hand; what was typed may be corrected."""
    return go(state, s.NumberEntry(screen.card, screen.service, screen.record, screen.number, sent=True))


def linking_left(state: s.State, screen: s.NumberEntry, _event: e.BackTouched) -> Result:
    """The account stays as it was."""
    return go(state, s.Viewing(screen.card, screen.service, screen.record), c.ForgetCode())


def menu_without_linking(state: s.State, screen: Linking, _event: e.HomeTouched) -> Result:
    """Something else; the account stays as it was."""
    return go(state, s.Menu(screen.card), c.ForgetCode())


def linking_failed(state: s.State, screen: s.SendingCode | s.CheckingCode, event: e.StepFailed) -> Result:
    """As with every change of the account; nothing of the number is kept for later."""
    if event.fatal:
        return fail(state, event.failure)
    changing = s.ChangingAccount(screen.card, screen.service, s.AccountChange.LINK_PHONE)
    after, commands = account_failed(state, changing, event)
    return after, (*commands, c.ForgetCode())
