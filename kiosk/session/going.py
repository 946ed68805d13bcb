"""The moves that steps are made of: stay, go on, end a visit, fail, go home."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import state as s

Result = tuple[s.State, tuple[c.Command, ...]]
Step = Callable[[s.State, Any, Any], Result]


def stay(state: s.State) -> Result:
    """Nothing changes, nothing is asked."""
    return state, ()


def go(state: s.State, screen: s.Screen, *commands: c.Command) -> Result:
    """Another screen, with its time to run from the next tick."""
    return replace(state, screen=screen, deadline=None, warned=False), commands


def without_holder(state: s.State, screen: s.Screen, ui: s.Ui) -> s.State:
    """The terminal as it is, with nothing of any holder."""
    return s.State(
        screen=screen, ui=ui, paper=state.paper, sites=state.sites, visit=state.visit, card_in=state.card_in,
        now=state.now, blocked_by=state.blocked_by, clock_off=state.clock_off, timing=state.timing,
    )  # fmt: skip


def end(state: s.State) -> Result:
    """The holder's visit is over; only the card is left to take, or nothing when there was none."""
    if not state.card_in:
        return home(state), (c.EndVisit(state.visit), c.AskPaper())
    after = without_holder(state, s.TakeCard(), state.ui)
    return after, (c.EndVisit(state.visit), c.PlaySound(c.Cue.TAKE_CARD))


def fail(state: s.State, failure: Failure) -> Result:
    """The visit can't go on: say why, forget the holder, revoke."""
    after = without_holder(state, s.Failed(failure), state.ui)
    left_inside = (c.PlaySound(c.Cue.TAKE_CARD),) if state.card_in else ()
    return after, (c.EndVisit(state.visit), *left_inside)


def home(state: s.State) -> s.State:
    """Nobody is here: nothing of the holder is kept, not even the language; the paper and the clock are."""
    screen: s.Screen = s.OutOfService(state.blocked_by) if state.blocked_by else s.Welcome()
    return replace(without_holder(state, screen, s.Ui()), deadline=state.now + state.timing.idle_paper)
