"""What a holder's screens do with the events they expect, from the card to the record: one small function a pair."""

from dataclasses import replace
from typing import Any

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.clock import alive
from kiosk.session.going import Result, end, fail, go, stay
from kiosk.session.guardian_steps import own_again

PIN_LENGTH = 6


def card_read(state: s.State, _screen: s.Reading, event: e.CardRead) -> Result:
    """The card is known: ask for the PIN."""
    return go(state, s.PinEntry(event.card))


def broken(state: s.State, _screen: s.Screen, event: e.StepFailed) -> Result:
    """What the visit stands on failed."""
    return fail(state, event.failure)


def pin_keyed(state: s.State, screen: s.PinEntry, event: e.PinChanged) -> Result:
    """Another count of digits; somebody is there."""
    return alive(replace(state, screen=replace(screen, length=event.length)))


def pin_submitted(state: s.State, screen: s.PinEntry, _event: e.PinSubmitted) -> Result:
    """Six digits go to the card, fewer go nowhere."""
    if screen.length != PIN_LENGTH:
        return stay(state)
    return go(state, s.SigningIn(screen.card, screen.then), c.SignIn(state.visit))


def pin_rejected(state: s.State, screen: s.SigningIn, event: e.PinRejected) -> Result:
    """Once more, but never the last try."""
    if event.tries_left <= 1:
        return fail(state, Failure.PIN_LAST_TRY)
    again = s.PinEntry(screen.card, 0, event.tries_left, Failure.PIN_WRONG, screen.then)
    return go(state, again, c.ForgetPin())


def signed_in(state: s.State, screen: s.SigningIn, event: e.SignedIn) -> Result:
    """The menu, or the place where this holder was; a ward waits for nothing. The session's end is not moved."""
    first = state.now if state.signed_in_at is None else state.signed_in_at
    waited = None if isinstance(screen.card, s.Acting) else event.place
    state, place = replace(state, signed_in_at=first), waited or screen.then
    if place is None:
        return go(state, s.Menu(screen.card))
    loading = s.Loading(screen.card, place.service, to_paper=place.medium is not None)
    return go(state, loading, c.LoadRecord(state.visit, place.service))


def choose_service(state: s.State, screen: s.Menu, event: e.ServiceChosen) -> Result:
    """Ask central for the record."""
    return go(state, s.Loading(screen.card, event.service), c.LoadRecord(state.visit, event.service))


def record_loaded(state: s.State, screen: s.Loading, event: e.RecordLoaded) -> Result:
    """Show it, or go on to its paper; a record of another service is late."""
    if event.service != screen.service:
        return stay(state)
    if screen.to_paper and not isinstance(screen.card, s.ByPhone):
        return go(state, s.ChoosePaper(screen.card, event.service, event.record), c.AskPaper())
    return go(state, s.Viewing(screen.card, event.service, event.record))


def loading_failed(state: s.State, screen: s.Loading, event: e.StepFailed) -> Result:
    """Say so and stay signed in; with a token that ran out, ask for the PIN and come back. A phone has none."""
    if event.fatal:
        return fail(state, event.failure)
    if event.failure is Failure.ACTING_OVER and isinstance(screen.card, s.Acting):
        return own_again(state, s.Failed(event.failure, screen.card.card))
    if event.failure is Failure.SESSION_EXPIRED:
        if isinstance(screen.card, s.ByPhone):
            return fail(state, Failure.PHONE_OVER)
        back = s.Place(screen.service)
        return go(state, s.PinEntry(screen.card, failure=event.failure, then=back), c.ForgetPin())
    return go(state, s.Failed(event.failure, screen.card))


def year_chosen(state: s.State, screen: s.Viewing, event: e.YearChosen) -> Result:
    """Another year of the same record."""
    return go(state, replace(screen, year=event.year))


def page_turned(state: s.State, screen: s.Viewing, event: e.PageTurned) -> Result:
    """The page beside this one, from central."""
    return go(state, s.Loading(screen.card, screen.service), c.TurnPage(state.visit, screen.service, event.older))


def to_menu(state: s.State, screen: Any, _event: e.Event) -> Result:
    """Back to what this terminal offers."""
    return go(state, s.Menu(screen.card))


def after_failure(state: s.State, screen: s.Failed, _event: e.Event) -> Result:
    """Back to the menu while the visit goes on; a visit that has failed has none."""
    return stay(state) if screen.card is None else go(state, s.Menu(screen.card))


def end_touched(state: s.State, _screen: s.Screen, _event: e.EndTouched) -> Result:
    """The holder is done."""
    return end(state)
