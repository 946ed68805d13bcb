"""Time: how long each screen waits, what happens then. Time comes as Tick events only.

A holder is asked "still there?" at least 20 seconds before a screen ends (WCAG 2.2, 2.2.1).
"""

from dataclasses import dataclass, replace

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.steps import Result, end, fail, go

WARNING_SECONDS = 20.0
SESSION_SECONDS = 900.0
IDLE_PAPER_SECONDS = 10.0


@dataclass(frozen=True)
class Limit:
    """`seconds` until the end of a screen; `asks`: warn before; `failure`: what a guard's end is called."""

    seconds: float
    asks: bool = False
    failure: Failure | None = None


LIMITS: dict[type, Limit] = {
    s.Welcome: Limit(IDLE_PAPER_SECONDS),
    s.OutOfService: Limit(IDLE_PAPER_SECONDS),
    s.Reading: Limit(15, failure=Failure.CARD_COMMUNICATION),
    s.PinEntry: Limit(65, asks=True),
    s.SigningIn: Limit(30, failure=Failure.CENTRAL_SLOW),
    s.Menu: Limit(80, asks=True),
    s.Loading: Limit(30, failure=Failure.CENTRAL_SLOW),
    s.Viewing: Limit(110, asks=True),
    s.ChoosePaper: Limit(80, asks=True),
    s.Printing: Limit(240, failure=Failure.PRINT_UNKNOWN),
    s.Done: Limit(45, asks=True),
    s.Failed: Limit(45, asks=True),
    s.TakeCard: Limit(30),
}


def tick(state: s.State, event: e.Tick) -> Result:
    """Time went on: start a screen's clock, warn, or end the screen. A clock that jumps back starts it anew."""
    jumped = event.now < state.now
    state = replace(state, now=event.now)
    limit = LIMITS[type(state.screen)]
    if state.deadline is None or jumped:
        return replace(state, deadline=event.now + limit.seconds, warned=False), ()
    if state.signed_in_at is not None and event.now - state.signed_in_at > SESSION_SECONDS:
        return _session_over(state)
    if event.now >= state.deadline:
        return _over(state, limit)
    if limit.asks and not state.warned and event.now >= state.deadline - WARNING_SECONDS:
        return replace(state, warned=True), ()
    return state, ()


def _session_over(state: s.State) -> Result:
    if isinstance(state.screen, s.Printing):
        return state, ()  # the paper is followed to its end; the token's own end is central's business
    return fail(state, Failure.SESSION_EXPIRED)


def _over(state: s.State, limit: Limit) -> Result:
    if isinstance(state.screen, s.Welcome | s.OutOfService):
        return go(state, state.screen, c.AskPaper())
    if isinstance(state.screen, s.TakeCard):
        return go(state, s.TakeCard())
    if limit.failure is not None:
        return fail(state, limit.failure)
    return end(state)
