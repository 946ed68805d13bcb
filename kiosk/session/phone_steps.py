"""A visit without a card: signing in by phone, and a card that is put in meanwhile. Neither ever joins the other."""

from dataclasses import replace

from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.going import Result, fail, go, stay, without_holder


def phone_chosen(state: s.State, _screen: s.Welcome, _event: e.PhoneChosen) -> Result:
    """A visit begins, without a card."""
    visit = state.visit + 1
    return go(replace(state, visit=visit), s.AskingPhone(), c.AskPhone(visit))


def phone_asked(state: s.State, _screen: s.AskingPhone, event: e.PhoneAsked) -> Result:
    """Show what the phone opens."""
    return go(state, s.ShowingPhone(event.codes))


def phone_signed_in(state: s.State, _screen: s.ShowingPhone, event: e.PhoneSignedIn) -> Result:
    """The phone approved: the menu, for as long as its token lives."""
    signed_in = replace(state, signed_in_at=state.now, sign_in_seconds=event.seconds)
    return go(signed_in, s.Menu(event.holder))


def card_instead(state: s.State, screen: s.Screen, _event: e.CardInserted) -> Result:
    """A card where there was none: that visit ends, and the card's own begins. With one inside it is known."""
    if state.card_in:
        return stay(state)
    visit = state.visit + 1
    begun = replace(without_holder(state, screen, state.ui), card_in=True, visit=visit)
    after, commands = go(begun, s.Reading(), c.ReadCard(visit))
    return after, (c.EndVisit(state.visit), *commands)


def refused_instead(state: s.State, _screen: s.Screen, event: e.CardRefused) -> Result:
    """Something that is no use, where there was no card: that visit ends all the same."""
    return stay(state) if state.card_in else fail(replace(state, card_in=True), event.failure)
