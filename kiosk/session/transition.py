"""The visit: `transition(state, event) -> (state, commands)`. One look into the matrix of screens and events."""

from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.going import Result, stay
from kiosk.session.matrix import MATRIX, Decision, Ignored


def decide(state: s.State, event: e.Event) -> Decision:
    """The step for this pair, or the reason why it changes nothing. An answer to an earlier visit is no event here."""
    if getattr(event, "visit", state.visit) != state.visit:
        return Ignored.EARLIER_VISIT
    return MATRIX[type(state.screen), type(event)]


def transition(state: s.State, event: e.Event) -> Result:
    """The next state and what the runtime is asked to do. Total: never raises, whatever comes."""
    decision = decide(state, event)
    if isinstance(decision, Ignored):
        return stay(state)
    return decision(state, state.screen, event)
