"""What the terminal does with its own events on any screen: cards, troubles, paper, clock, language, text size."""

from dataclasses import replace

from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.going import Result, go, home


def card_inserted(state: s.State, _screen: s.Welcome, _event: e.CardInserted) -> Result:
    """A visit begins."""
    visit = state.visit + 1
    return go(replace(state, card_in=True, visit=visit), s.Reading(), c.ReadCard(visit))


def card_refused(state: s.State, _screen: s.Welcome, event: e.CardRefused) -> Result:
    """Something that is no use is in the reader."""
    return go(replace(state, card_in=True), s.Failed(event.failure))


def card_while_closed(state: s.State, _screen: s.OutOfService, _event: e.Event) -> Result:
    """Nothing can be done with it here: say that it is to be taken."""
    return replace(state, card_in=True), (c.PlaySound(c.Cue.TAKE_CARD),)


def card_removed(state: s.State, _screen: s.Screen, _event: e.CardRemoved) -> Result:
    """Whatever was going on is over, and nothing of the holder is left."""
    return home(replace(state, card_in=False)), (c.EndVisit(state.visit), c.AskPaper())


def blocked(state: s.State, _screen: s.Screen, event: e.ServiceBlocked) -> Result:
    """The terminal can't serve; whoever was here must go."""
    return home(replace(state, blocked_by=event.failure)), (c.EndVisit(state.visit),)


def restored(state: s.State, _screen: s.OutOfService, _event: e.ServiceRestored) -> Result:
    """Open again; a card that was left inside must come out first."""
    after = home(replace(state, blocked_by=None))
    if state.card_in:
        return go(after, s.TakeCard(), c.AskPaper(), c.PlaySound(c.Cue.TAKE_CARD))
    return after, (c.AskPaper(),)


def paper_reported(state: s.State, _screen: s.Screen, event: e.PaperReported) -> Result:
    """What the printers say of themselves."""
    return replace(state, paper=event.paper), ()


def clock_reported(state: s.State, _screen: s.Screen, event: e.ClockReported) -> Result:
    """What the machine's clock is worth; the screens where nobody is tell the attendant."""
    return replace(state, clock_off=event.off), ()


def language_chosen(state: s.State, _screen: s.Screen, event: e.LanguageChosen) -> Result:
    """The same screen in another language."""
    return replace(state, ui=replace(state.ui, language=event.language)), ()


def text_size_chosen(state: s.State, _screen: s.Screen, event: e.LargeTextChosen) -> Result:
    """The same screen in another size. Who needs large text on the screen gets it on paper, unless told otherwise."""
    return replace(state, ui=replace(state.ui, large_text=event.large_text, large_print=event.large_text)), ()
