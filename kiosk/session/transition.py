"""The visit: `transition(state, event) -> (state, commands)`. A table of (screen, event), and a few rules above it.

Above the table: the card's removal, ticks, the terminal's own troubles, language and text size hold on every screen;
an answer to an earlier visit is dropped; an event that a screen doesn't expect changes nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.steps import HOLDER_STEPS, Result, go, stay
from kiosk.session.timing import IDLE_PAPER_SECONDS, tick

Next = tuple[s.State, tuple[c.Command, ...]]


def transition(state: s.State, event: e.Event) -> Next:
    """The next state and what the runtime is asked to do. Total: never raises, whatever comes."""
    if isinstance(event, e.Tick):
        return tick(state, event)
    always = ALWAYS.get(type(event))
    if always is not None:
        return always(state, event)
    if getattr(event, "visit", state.visit) != state.visit:
        return stay(state)
    step = HOLDER_STEPS.get((type(state.screen), type(event)))
    result = step(state, state.screen, event) if step else stay(state)
    return _mark_alive(result, event)


def _mark_alive(result: Result, event: e.Event) -> Result:
    """A holder's touch answers the "still there?" question and gives the screen its time again."""
    after, commands = result
    if isinstance(event, e.Touched | e.PinChanged):
        return replace(after, warned=False, deadline=None), commands
    return result


def _inserted(state: s.State, _event: e.CardInserted) -> Next:
    if state.blocked_by is not None:
        return replace(state, card_in=True), ()
    if not isinstance(state.screen, s.Welcome):
        return replace(state, card_in=True), ()
    visit = state.visit + 1
    return go(replace(state, card_in=True, visit=visit), s.Reading(), c.ReadCard(visit))


def _refused(state: s.State, event: e.CardRefused) -> Next:
    if not isinstance(state.screen, s.Welcome):
        return replace(state, card_in=True), ()
    return go(replace(state, card_in=True), s.Failed(event.failure))


def _home(state: s.State) -> s.State:
    """Nobody is here: nothing of the holder is kept, the paper and the clock are."""
    screen: s.Screen = s.OutOfService(state.blocked_by) if state.blocked_by else s.Welcome()
    return s.State(
        screen=screen, paper=state.paper, visit=state.visit, now=state.now, blocked_by=state.blocked_by,
        deadline=state.now + IDLE_PAPER_SECONDS,
    )  # fmt: skip


def _removed(state: s.State, _event: e.CardRemoved) -> Next:
    if isinstance(state.screen, s.Welcome | s.OutOfService) and not state.card_in:
        return stay(state)
    return _home(state), (c.EndVisit(state.visit), c.AskPaper())


def _blocked(state: s.State, event: e.ServiceBlocked) -> Next:
    after = replace(_home(replace(state, blocked_by=event.failure)), card_in=state.card_in)
    return after, (c.EndVisit(state.visit),)


def _restored(state: s.State, _event: e.ServiceRestored) -> Next:
    if state.blocked_by is None:
        return stay(state)
    after = _home(replace(state, blocked_by=None))
    if state.card_in:  # a card that was left inside while we were out of service
        return replace(after, screen=s.TakeCard(), card_in=True), (c.AskPaper(),)
    return after, (c.AskPaper(),)


def _paper(state: s.State, event: e.PaperReported) -> Next:
    return replace(state, paper=event.paper), ()


def _language(state: s.State, event: e.LanguageChosen) -> Next:
    return replace(state, ui=replace(state.ui, language=event.language)), ()


def _large_text(state: s.State, event: e.LargeTextChosen) -> Next:
    return replace(state, ui=replace(state.ui, large_text=event.large_text)), ()


ALWAYS: dict[type, Callable[[s.State, Any], Next]] = {
    e.CardInserted: _inserted,
    e.CardRefused: _refused,
    e.CardRemoved: _removed,
    e.ServiceBlocked: _blocked,
    e.ServiceRestored: _restored,
    e.PaperReported: _paper,
    e.LanguageChosen: _language,
    e.LargeTextChosen: _large_text,
}
