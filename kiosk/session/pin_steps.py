"""Another PIN: old, new, new again. The core sees counts and verdicts, never a digit."""

from dataclasses import replace

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.clock import alive
from kiosk.session.going import Result, fail, go, stay
from kiosk.session.steps import PIN_LENGTH


def change_chosen(state: s.State, screen: s.Menu, _event: e.ChangePinChosen) -> Result:
    """Begin with the old one; without a card there is none, and a ward has none here."""
    if not isinstance(screen.card, s.Card):
        return stay(state)
    return go(state, s.ChangePin(screen.card), c.ForgetPin())


def change_keyed(state: s.State, screen: s.ChangePin, event: e.PinChanged) -> Result:
    """Another count of digits; somebody is there."""
    return alive(replace(state, screen=replace(screen, length=event.length)))


def change_submitted(state: s.State, screen: s.ChangePin, _event: e.PinSubmitted) -> Result:
    """Six digits go where the stage wants them."""
    if screen.length != PIN_LENGTH:
        return stay(state)
    if screen.stage is s.PinStage.OLD:
        return go(state, s.ChangePin(screen.card, s.PinStage.NEW), c.TakeOldPin(state.visit))
    if screen.stage is s.PinStage.NEW:
        return state, (c.JudgeNewPin(state.visit),)
    return go(state, s.ChangingPin(screen.card), c.ChangePin(state.visit))


def new_pin_judged(state: s.State, screen: s.ChangePin, event: e.NewPinJudged) -> Result:
    """Again, or another one."""
    if screen.stage is not s.PinStage.NEW:
        return stay(state)
    stage = s.PinStage.AGAIN if event.flaw is None else s.PinStage.NEW
    return go(state, s.ChangePin(screen.card, stage, flaw=event.flaw))


def new_pins_differ(state: s.State, screen: s.ChangingPin, event: e.NewPinJudged) -> Result:
    """The two entries of the new PIN were not the same; the card saw nothing."""
    return go(state, s.ChangePin(screen.card, s.PinStage.NEW, flaw=event.flaw))


def old_pin_rejected(state: s.State, screen: s.ChangingPin, event: e.PinRejected) -> Result:
    """Begin again, but never with the last try."""
    if event.tries_left <= 1:
        return fail(state, Failure.PIN_LAST_TRY)
    return go(state, s.ChangePin(screen.card, tries_left=event.tries_left), c.ForgetPin())


def pin_replaced(state: s.State, screen: s.ChangingPin, _event: e.PinReplaced) -> Result:
    """It holds from now on."""
    return go(state, s.NewPinSet(screen.card))


def leave_change(state: s.State, screen: s.ChangePin, _event: e.Event) -> Result:
    """The old PIN stays."""
    return go(state, s.Menu(screen.card), c.ForgetPin())
