"""Time: how long each screen waits and what happens then. Time comes as Tick events only; durations are in timing.py.

A holder is asked "still there?" before a screen ends and can have more time with one touch (WCAG 2.2, 2.2.1).
What the machine waits for (reader, central, printers) has a guard that no touch moves.
"""

from dataclasses import dataclass, replace
from enum import Enum

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.going import Result, end, fail, go
from kiosk.session.timing import PATIENCE_MOST


class Kind(Enum):
    """Whose time it is."""

    HOLDER = "the holder's: warned, extendable, then the visit ends"
    GUARD = "the machine's: then the visit ends as a failure"
    IDLE = "nobody's: the printers are asked again"
    LEFT_CARD = "nobody's: reminds of the card"


@dataclass(frozen=True)
class Limit:
    """`duration`: its name in the table of durations; `failure`: what a guard's end is called."""

    kind: Kind
    duration: str
    failure: Failure | None = None

    def seconds(self, state: s.State) -> float:
        """How long, for this terminal and this holder."""
        length: float = getattr(state.timing, self.duration)
        return length * state.patience if self.kind is Kind.HOLDER else length


def _holder(duration: str) -> Limit:
    return Limit(Kind.HOLDER, duration)


LIMITS: dict[type, Limit] = {
    s.OutOfService: Limit(Kind.IDLE, "idle_paper"),
    s.Welcome: Limit(Kind.IDLE, "idle_paper"),
    s.Reading: Limit(Kind.GUARD, "reading", Failure.CARD_COMMUNICATION),
    s.PinEntry: _holder("pin_entry"),
    s.SigningIn: Limit(Kind.GUARD, "signing_in", Failure.CENTRAL_SLOW),
    s.Menu: _holder("menu"),
    s.Loading: Limit(Kind.GUARD, "loading", Failure.CENTRAL_SLOW),
    s.Viewing: _holder("viewing"),
    s.ChoosePaper: _holder("choose_paper"),
    s.Printing: Limit(Kind.GUARD, "printing", Failure.PRINT_UNKNOWN),
    s.Done: _holder("done"),
    s.AwaitingRepair: _holder("repair"),
    s.Resuming: Limit(Kind.GUARD, "resuming", Failure.CARD_COMMUNICATION),
    s.MakingCopy: Limit(Kind.GUARD, "making_copy", Failure.CENTRAL_SLOW),
    s.ShowingCopy: _holder("showing_copy"),
    s.ChangePin: _holder("change_pin"),
    s.ChangingPin: Limit(Kind.GUARD, "changing_pin", Failure.PIN_CHANGE_UNKNOWN),
    s.NewPinSet: _holder("done"),
    s.Failed: _holder("failed"),
    s.TakeCard: Limit(Kind.LEFT_CARD, "reminder"),
    s.CardForgotten: Limit(Kind.LEFT_CARD, "forgotten_reminder"),
    s.AskingPhone: Limit(Kind.GUARD, "asking_phone", Failure.CENTRAL_SLOW),
    s.ShowingPhone: _holder("showing_phone"),
    s.AccountQuestion: _holder("account_question"),
    s.ChangingAccount: Limit(Kind.GUARD, "changing_account", Failure.CENTRAL_SLOW),
    s.AccountOver: _holder("done"),
    s.NumberEntry: _holder("number_entry"),
    s.SendingCode: Limit(Kind.GUARD, "changing_account", Failure.CENTRAL_SLOW),
    s.CodeEntry: _holder("code_entry"),
    s.CheckingCode: Limit(Kind.GUARD, "changing_account", Failure.CENTRAL_SLOW),
    s.ChoosingSite: _holder("menu"),
    s.OpeningSite: Limit(Kind.GUARD, "opening_site", Failure.SITE_SLOW),
    s.AtSite: _holder("at_site"),
}
# What is under way is followed to its end, and what came out is shown, also when the session is over by then.
BEYOND_SESSION = (s.Printing, s.ChangingPin, s.ChangingAccount, s.CheckingCode, s.Done)


def has_holders_time(screen: s.Screen) -> bool:
    """May the holder ask for more time here?"""
    return LIMITS[type(screen)].kind is Kind.HOLDER


def session_seconds(state: s.State) -> float:
    """How long the session lasts: by phone only as long as its one token."""
    most = state.timing.session
    return most if state.sign_in_seconds is None else min(most, state.sign_in_seconds)


def session_end(state: s.State) -> float | None:
    """When the session ends whatever is touched, on the clock of the ticks; None before sign-in."""
    return None if state.signed_in_at is None else state.signed_in_at + session_seconds(state)


def tick(state: s.State, screen: s.Screen, event: e.Tick) -> Result:
    """Time went on: start a screen's clock, warn, or end the screen. A clock that jumps back starts it anew."""
    if event.now < state.now:
        return _restarted(state, screen, event.now), ()
    limit, state = LIMITS[type(screen)], replace(state, now=event.now)
    if state.deadline is None:
        return replace(state, deadline=event.now + limit.seconds(state), warned=False), ()
    over = session_end(state)
    if over is not None and event.now >= over and not isinstance(screen, BEYOND_SESSION):
        return fail(state, Failure.SESSION_EXPIRED if state.card_in else Failure.PHONE_OVER)
    if event.now >= state.deadline:
        return _over(state, limit)
    if isinstance(screen, s.AwaitingRepair):
        return _ask_printers(_announced(state, limit, over), screen)
    return _announced(state, limit, over), ()


def _restarted(state: s.State, screen: s.Screen, now: float) -> s.State:
    if isinstance(screen, s.AwaitingRepair):
        screen = replace(screen, ask_at=None)
    signed_in_at = None if state.signed_in_at is None else min(state.signed_in_at, now)
    return replace(state, screen=screen, now=now, deadline=None, warned=False, signed_in_at=signed_in_at)


def _announced(state: s.State, limit: Limit, over: float | None) -> s.State:
    """The question before a screen's end, and the notice before the session's."""
    asks = limit.kind is Kind.HOLDER and state.deadline is not None
    if asks and not state.warned and state.now >= (state.deadline or 0) - state.timing.warning:
        state = replace(state, warned=True)
    near = over is not None and state.now >= over - state.timing.session_notice
    if near and limit.kind is Kind.HOLDER and state.ending is s.Announced.NOT_YET:
        state = replace(state, ending=s.Announced.SHOWN)
    return state


def _ask_printers(state: s.State, screen: s.AwaitingRepair) -> Result:
    following = replace(screen, ask_at=state.now + state.timing.repair_paper)
    if screen.ask_at is None:
        return replace(state, screen=following), ()
    if state.now < screen.ask_at:
        return state, ()
    return replace(state, screen=following), (c.AskPaper(),)


def _over(state: s.State, limit: Limit) -> Result:
    screen = state.screen
    if limit.failure is not None:
        return fail(state, limit.failure)
    if isinstance(screen, s.TakeCard):
        return _remind(state, screen)
    if isinstance(screen, s.CardForgotten):
        return _remind_louder(state, screen)
    if limit.kind is Kind.IDLE:
        return _idle(state)
    return end(state)


def _idle(state: s.State) -> Result:
    left_inside = (c.PlaySound(c.Cue.TAKE_CARD),) if state.card_in else ()
    return go(state, state.screen, c.AskPaper(), *left_inside)


def _remind(state: s.State, screen: s.TakeCard) -> Result:
    again = s.TakeCard(screen.reminders + 1)
    if again.reminders * state.timing.reminder < state.timing.forgotten:
        return go(state, again, c.PlaySound(c.Cue.TAKE_CARD))
    return go(replace(state, ui=s.Ui()), s.CardForgotten(), c.PlaySound(c.Cue.CARD_FORGOTTEN))


def _remind_louder(state: s.State, screen: s.CardForgotten) -> Result:
    if screen.reported:
        return go(state, screen)  # the attendant knows; nobody is there to hear it
    sound = c.PlaySound(c.Cue.CARD_FORGOTTEN)
    again = replace(screen, reminders=screen.reminders + 1)
    if again.reminders * state.timing.forgotten_reminder < state.timing.forgotten_report:
        return go(state, again, sound)
    return go(state, replace(again, reported=True), sound, c.Report(Failure.CARD_FORGOTTEN))


def alive(state: s.State) -> Result:
    """Somebody is there: the question is answered, the screen has its time again, the notice is read."""
    read = s.Announced.READ if state.ending is s.Announced.SHOWN else state.ending
    return replace(state, warned=False, deadline=None, ending=read), ()


def touched(state: s.State, _screen: s.Screen, _event: e.Touched) -> Result:
    """A touch anywhere."""
    return alive(state)


def more_time(state: s.State, _screen: s.Screen, _event: e.MoreTimeTouched) -> Result:
    """Longer from now on, up to ten times; each touch starts the screen's time again."""
    return alive(replace(state, patience=min(state.patience + 1, PATIENCE_MOST)))


def wake(state: s.State, _screen: s.CardForgotten, _event: e.Touched) -> Result:
    """Somebody stands before a forgotten card: say what is to be done, and nothing else."""
    return go(state, s.TakeCard())
