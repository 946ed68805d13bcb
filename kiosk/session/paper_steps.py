"""What the screens do on the way to paper: choose, print one after the other, wait for a repair, resume."""

from dataclasses import replace

from backend_client.contract.documents import Medium
from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.clock import alive
from kiosk.session.going import Result, end, fail, go, stay


def print_asked(state: s.State, screen: s.Viewing, _event: e.PrintAsked) -> Result:
    """Which paper? Documents need the card."""
    if isinstance(screen.card, s.ByPhone):
        return stay(state)
    return go(state, s.ChoosePaper(screen.card, screen.service, screen.record, screen.year), c.AskPaper())


def paper_chosen(state: s.State, screen: s.ChoosePaper, event: e.PaperChosen) -> Result:
    """The first of these papers, when their printers can print."""
    if not event.media or any(state.paper.fault(medium) for medium in event.media):
        return stay(state)
    return go(state, s.Printing(screen.card, screen.service, event.media), _make(state, screen.service, event.media[0]))


def _make(state: s.State, service: str, medium: Medium) -> c.MakeDocument:
    return c.MakeDocument(state.visit, service, medium, state.ui.large_print)


def large_print_chosen(state: s.State, _screen: s.ChoosePaper, event: e.LargePrintChosen) -> Result:
    """The same papers in another size."""
    return alive(replace(state, ui=replace(state.ui, large_print=event.large_print)))


def back_to_record(state: s.State, screen: s.ChoosePaper, _event: e.BackTouched) -> Result:
    """No paper yet."""
    return go(state, s.Viewing(screen.card, screen.service, screen.record, screen.year))


def document_step(state: s.State, screen: s.Printing, event: e.DocumentStep) -> Result:
    """How far the document is; news of another medium are late."""
    if event.medium is not screen.media[0]:
        return stay(state)
    return replace(state, screen=replace(screen, step=event.step)), ()


def document_ended(state: s.State, screen: s.Printing, event: e.DocumentEnded) -> Result:
    """The next document, or what came out."""
    if event.printed.medium is not screen.media[0]:
        return stay(state)
    ended, rest = (*screen.ended, event.printed), screen.media[1:]
    if not rest:
        return go(state, s.Done(screen.card, screen.service, ended), c.AskPaper())
    return go(state, s.Printing(screen.card, screen.service, rest, ended=ended), _make(state, screen.service, rest[0]))


def clearable(ended: tuple[s.Printed, ...]) -> Medium | None:
    """The first medium whose fault an attendant can clear; its document was voided, so another may be made."""
    return next((printed.medium for printed in ended if printed.failure in s.CLEARABLE), None)


def wait_touched(state: s.State, screen: s.Done, _event: e.WaitTouched) -> Result:
    """Call the attendant and wait; keep a ticket in case the card is pulled, but none for a ward's paper."""
    medium = clearable(screen.ended)
    if medium is None:
        return stay(state)
    fault = next(one.failure for one in screen.ended if one.medium is medium and one.failure is not None)
    waiting = s.AwaitingRepair(screen.card, screen.service, medium, screen.ended)
    ticket = (c.KeepPlace(state.visit, screen.service, medium),) if isinstance(screen.card, s.Card) else ()
    return go(state, waiting, c.Report(fault), *ticket, c.AskPaper())


def paper_reported_while_waiting(state: s.State, screen: s.AwaitingRepair, event: e.PaperReported) -> Result:
    """Ready again: first make sure of the card."""
    state = replace(state, paper=event.paper)
    if event.paper.fault(screen.medium) is not None:
        return stay(state)
    resuming = s.Resuming(screen.card, screen.service, screen.medium, screen.ended)
    return go(state, resuming, c.CheckCard(state.visit))


def stop_waiting(state: s.State, screen: s.AwaitingRepair, _event: e.BackTouched) -> Result:
    """Back to what came out."""
    return go(state, s.Done(screen.card, screen.service, screen.ended), c.DropPlace())


def menu_instead(state: s.State, screen: s.AwaitingRepair, _event: e.HomeTouched) -> Result:
    """Something else instead of waiting."""
    return go(state, s.Menu(screen.card), c.DropPlace())


def end_waiting(state: s.State, _screen: s.AwaitingRepair, _event: e.EndTouched) -> Result:
    """The holder doesn't want that paper any more."""
    after, commands = end(state)
    return after, (c.DropPlace(), *commands)


def same_card(state: s.State, screen: s.Resuming, _event: e.SameCard) -> Result:
    """A new document of the journal; the one that failed was voided."""
    others = tuple(printed for printed in screen.ended if printed.medium is not screen.medium)
    again = s.Printing(screen.card, screen.service, (screen.medium,), ended=others)
    return go(state, again, c.DropPlace(), _make(state, screen.service, screen.medium))


def other_card(state: s.State, _screen: s.Resuming, event: e.StepFailed) -> Result:
    """Not the card that was read, or it doesn't answer: the visit ends."""
    after, commands = fail(state, event.failure)
    if event.failure is Failure.CARD_SWAPPED:
        return after, (c.DropPlace(), *commands)
    return after, commands


def copyable(ended: tuple[s.Printed, ...]) -> bool:
    """Did a page come out? A slip has no copy."""
    return any(one.medium is Medium.A4 and one.failure is None for one in ended)


def copy_asked(state: s.State, screen: s.Done, _event: e.CopyAsked) -> Result:
    """The same document as files for the phone."""
    if not copyable(screen.ended):
        return stay(state)
    making = s.MakingCopy(screen.card, screen.service)
    return go(state, making, c.MakeCopy(state.visit, state.ui.large_print))


def copy_ready(state: s.State, screen: s.MakingCopy, event: e.CopyReady) -> Result:
    """Show where it is."""
    return go(state, s.ShowingCopy(screen.card, screen.service, event.link))


def copy_failed(state: s.State, screen: s.MakingCopy, event: e.StepFailed) -> Result:
    """The paper is out all the same: say so and go on."""
    return fail(state, event.failure) if event.fatal else go(state, s.Failed(event.failure, screen.card))
