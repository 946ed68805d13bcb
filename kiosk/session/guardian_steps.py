"""Acting for a child or an elder: into a ward's session with another PIN, and back. Each way is another visit's number,

so that nothing that was asked for in the one session can be shown in the other.
"""

from dataclasses import replace

from backend_client.contract.account import WardsOverview
from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.going import Result, fail, go, stay

OWN_GOES_ON = frozenset({
    Failure.ACTING_OVER, Failure.CENTRAL_UNREACHABLE, Failure.CENTRAL_SLOW, Failure.CENTRAL_BUSY,
})  # fmt: skip
"""Why a ward's sign-in fails, and says nothing against the holder's own session."""


def ward_chosen(state: s.State, screen: s.Viewing, event: e.WardChosen) -> Result:
    """For whom, on the pad: the PIN once more. Only with a card, only from the list that is on the screen."""
    card, record = screen.card, screen.record
    if not isinstance(card, s.Card) or not isinstance(record, WardsOverview):
        return stay(state)
    if not 0 <= event.place < len(record.wards):
        return stay(state)
    chosen, visit = record.wards[event.place], state.visit + 1
    ward = s.Acting(card, chosen.relation_id, chosen.name, chosen.id_no, s.WardKind(chosen.kind))
    return go(replace(state, visit=visit), s.PinEntry(ward), c.BeginActing(visit, ward))


def own_again(state: s.State, screen: s.Screen) -> Result:
    """The ward's session is over, the holder's own goes on, at this screen."""
    visit = state.visit + 1
    return go(replace(state, visit=visit), screen, c.EndActing(visit))


def own_touched(state: s.State, screen: s.Screen, _event: e.OwnTouched) -> Result:
    """Back to the holder's own menu, from wherever the ward's name stands above."""
    ward = getattr(screen, "card", None)
    return own_again(state, s.Menu(ward.card)) if isinstance(ward, s.Acting) else stay(state)


def own_session_over(state: s.State, screen: s.Menu, _event: e.OwnSessionOver) -> Result:
    """It ran out meanwhile: ask for the PIN."""
    if not isinstance(screen.card, s.Card):
        return stay(state)
    return go(state, s.PinEntry(screen.card, failure=Failure.SESSION_EXPIRED), c.ForgetPin())


def sign_in_failed(state: s.State, screen: s.SigningIn, event: e.StepFailed) -> Result:
    """What the visit stands on failed; unless it is the ward's sign-in alone, and the holder's own goes on."""
    if isinstance(screen.card, s.Acting) and event.failure in OWN_GOES_ON and not event.fatal:
        return own_again(state, s.Failed(event.failure, screen.card.card))
    return fail(state, event.failure)
