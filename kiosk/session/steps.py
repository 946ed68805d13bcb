"""What each screen does with each event it expects: one small function a pair, and the table that lists them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s

Result = tuple[s.State, tuple[c.Command, ...]]
Step = Callable[[s.State, Any, Any], Result]


def stay(state: s.State) -> Result:
    """Nothing changes, nothing is asked."""
    return state, ()


def go(state: s.State, screen: s.Screen, *commands: c.Command) -> Result:
    """Another screen, with its time to run from the next tick."""
    return replace(state, screen=screen, deadline=None, warned=False), commands


def end(state: s.State) -> Result:
    """The holder's visit is over; only the card is left to take."""
    after = s.State(
        screen=s.TakeCard(), ui=state.ui, paper=state.paper, visit=state.visit, card_in=state.card_in, now=state.now,
        blocked_by=state.blocked_by,
    )  # fmt: skip
    return after, (c.EndVisit(state.visit),)


def fail(state: s.State, failure: Failure) -> Result:
    """The visit can't go on: say why, forget the holder, revoke."""
    ended, commands = end(state)
    return replace(ended, screen=s.Failed(failure)), commands


def _read(state: s.State, _screen: s.Reading, event: e.CardRead) -> Result:
    return go(state, s.PinEntry(event.card))


def _broken(state: s.State, _screen: s.Screen, event: e.StepFailed) -> Result:
    return fail(state, event.failure)


def _pin_changed(state: s.State, screen: s.PinEntry, event: e.PinChanged) -> Result:
    return replace(state, screen=replace(screen, length=event.length)), ()


def _pin_submitted(state: s.State, screen: s.PinEntry, _event: e.PinSubmitted) -> Result:
    if screen.length != 6:
        return stay(state)
    return go(state, s.SigningIn(screen.card), c.SignIn(state.visit))


def _pin_rejected(state: s.State, screen: s.SigningIn, event: e.PinRejected) -> Result:
    if event.tries_left <= 1:
        return fail(state, Failure.PIN_LAST_TRY)
    return go(state, s.PinEntry(screen.card, 0, event.tries_left, Failure.PIN_WRONG), c.ForgetPin())


def _signed_in(state: s.State, screen: s.SigningIn, _event: e.SignedIn) -> Result:
    return go(replace(state, signed_in_at=state.now), s.Menu(screen.card))


def _choose_service(state: s.State, screen: s.Menu, event: e.ServiceChosen) -> Result:
    return go(state, s.Loading(screen.card, event.service), c.LoadRecord(state.visit, event.service))


def _loaded(state: s.State, screen: s.Loading, event: e.RecordLoaded) -> Result:
    if event.service != screen.service:
        return stay(state)
    return go(state, s.Viewing(screen.card, event.service, event.record))


def _loading_failed(state: s.State, screen: s.Loading, event: e.StepFailed) -> Result:
    return fail(state, event.failure) if event.fatal else go(state, s.Failed(event.failure, screen.card))


def _year(state: s.State, screen: s.Viewing, event: e.YearChosen) -> Result:
    return go(state, replace(screen, year=event.year))


def _ask_print(state: s.State, screen: s.Viewing, _event: e.PrintAsked) -> Result:
    return go(state, s.ChoosePaper(screen.card, screen.service, screen.record, screen.year), c.AskPaper())


def _choose_paper(state: s.State, screen: s.ChoosePaper, event: e.PaperChosen) -> Result:
    if not event.media or any(state.paper.fault(medium) for medium in event.media):
        return stay(state)
    first = c.MakeDocument(state.visit, screen.service, event.media[0])
    return go(state, s.Printing(screen.card, screen.service, event.media), first)


def _document_step(state: s.State, screen: s.Printing, event: e.DocumentStep) -> Result:
    if event.medium is not screen.media[0]:
        return stay(state)
    return replace(state, screen=replace(screen, step=event.step)), ()


def _document_ended(state: s.State, screen: s.Printing, event: e.DocumentEnded) -> Result:
    if event.printed.medium is not screen.media[0]:
        return stay(state)
    ended, rest = (*screen.ended, event.printed), screen.media[1:]
    if not rest:
        return go(state, s.Done(screen.card, screen.service, ended), c.AskPaper())
    following = c.MakeDocument(state.visit, screen.service, rest[0])
    return go(state, s.Printing(screen.card, screen.service, rest, ended=ended), following)


def _menu(state: s.State, screen: Any, _event: e.Event) -> Result:
    return go(state, s.Menu(screen.card))


def _back_to_record(state: s.State, screen: s.ChoosePaper, _event: e.BackTouched) -> Result:
    return go(state, s.Viewing(screen.card, screen.service, screen.record, screen.year))


def _after_failure(state: s.State, screen: s.Failed, _event: e.Event) -> Result:
    return stay(state) if screen.card is None else go(state, s.Menu(screen.card))


def _end(state: s.State, _screen: s.Screen, _event: e.EndTouched) -> Result:
    return end(state)


ENDABLE = (s.Reading, s.PinEntry, s.SigningIn, s.Menu, s.Loading, s.Viewing, s.ChoosePaper, s.Done, s.Failed)
HOLDER_STEPS: dict[tuple[type, type], Step] = {
    (s.Reading, e.CardRead): _read,
    (s.Reading, e.StepFailed): _broken,
    (s.PinEntry, e.PinChanged): _pin_changed,
    (s.PinEntry, e.PinSubmitted): _pin_submitted,
    (s.PinEntry, e.StepFailed): _broken,
    (s.SigningIn, e.PinRejected): _pin_rejected,
    (s.SigningIn, e.SignedIn): _signed_in,
    (s.SigningIn, e.StepFailed): _broken,
    (s.Menu, e.ServiceChosen): _choose_service,
    (s.Loading, e.RecordLoaded): _loaded,
    (s.Loading, e.StepFailed): _loading_failed,
    (s.Loading, e.BackTouched): _menu,
    (s.Loading, e.HomeTouched): _menu,
    (s.Viewing, e.YearChosen): _year,
    (s.Viewing, e.PrintAsked): _ask_print,
    (s.Viewing, e.BackTouched): _menu,
    (s.Viewing, e.HomeTouched): _menu,
    (s.ChoosePaper, e.PaperChosen): _choose_paper,
    (s.ChoosePaper, e.BackTouched): _back_to_record,
    (s.ChoosePaper, e.HomeTouched): _menu,
    (s.Printing, e.DocumentStep): _document_step,
    (s.Printing, e.DocumentEnded): _document_ended,
    (s.Printing, e.StepFailed): _broken,
    (s.Done, e.HomeTouched): _menu,
    (s.Failed, e.HomeTouched): _after_failure,
    (s.Failed, e.BackTouched): _after_failure,
    **{(screen, e.EndTouched): _end for screen in ENDABLE},
}
