"""A visit without a card, step by step, and what a card does to it."""

from dataclasses import replace

import pytest

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.clock import session_end
from kiosk.session.examples import CARD, CODES, PHONE, RECORD
from kiosk.session.timing import STANDARD
from kiosk.session.transition import transition

SCREENS = {
    "asking": s.AskingPhone(), "showing": s.ShowingPhone(CODES), "menu": s.Menu(PHONE),
    "loading": s.Loading(PHONE, "access-log"), "viewing": s.Viewing(PHONE, "access-log", RECORD),
    "failed": s.Failed(Failure.CARD_NEEDED, PHONE), "refused": s.Failed(Failure.PHONE_REFUSED),
}  # fmt: skip
ENGLISH = s.Ui(s.Language.EN, True)


def at(name: str, **changes: object) -> s.State:
    """A terminal in visit 7, without a card, in English."""
    return replace(s.State(SCREENS[name], ui=ENGLISH, visit=7, now=50.0, deadline=90.0), **changes)  # type: ignore[arg-type]


def test_from_the_first_screen_to_the_menu() -> None:
    state, commands = transition(s.State(visit=6), e.PhoneChosen())
    assert (state.screen, state.visit, commands) == (s.AskingPhone(), 7, (c.AskPhone(7),))
    state, commands = transition(state, e.PhoneAsked(7, CODES))
    assert (state.screen, commands) == (s.ShowingPhone(CODES), ())
    state, commands = transition(replace(state, now=33.0), e.PhoneSignedIn(7, PHONE, 300))
    assert (state.screen, state.signed_in_at, state.card_in, commands) == (s.Menu(PHONE), 33.0, False, ())
    state, commands = transition(state, e.ServiceChosen("access-log"))
    assert (state.screen, commands) == (s.Loading(PHONE, "access-log"), (c.LoadRecord(7, "access-log"),))


@pytest.mark.parametrize("name", SCREENS)
def test_the_end_leaves_nothing_and_asks_for_no_card(name: str) -> None:
    after, commands = transition(at(name, signed_in_at=10.0), e.EndTouched())
    clean = s.State(visit=7, now=50.0, deadline=after.deadline)
    assert after == clean
    assert commands == (c.EndVisit(7), c.AskPaper())


@pytest.mark.parametrize("name", SCREENS)
def test_a_card_ends_the_phones_visit_and_begins_its_own(name: str) -> None:
    after, commands = transition(at(name, signed_in_at=10.0), e.CardInserted())
    assert after == s.State(s.Reading(), ui=ENGLISH, visit=8, card_in=True, now=50.0)
    assert commands == (c.EndVisit(7), c.ReadCard(8))
    late, none = transition(after, e.PhoneSignedIn(7, PHONE, 300))
    assert (late, none) == (after, ())


@pytest.mark.parametrize("name", SCREENS)
def test_a_card_that_is_no_use_ends_it_as_well(name: str) -> None:
    after, commands = transition(at(name, signed_in_at=10.0), e.CardRefused(Failure.CARD_MUTE))
    assert (after.screen, after.card_in, after.signed_in_at) == (s.Failed(Failure.CARD_MUTE), True, None)
    assert c.EndVisit(7) in commands


def test_an_approval_after_the_end_opens_nothing() -> None:
    ended, _ = transition(at("showing"), e.EndTouched())
    assert transition(ended, e.PhoneSignedIn(7, PHONE, 300)) == (ended, ())
    another, _ = transition(ended, e.PhoneChosen())
    shown, _ = transition(another, e.PhoneAsked(8, CODES))
    for state in (another, shown):
        assert transition(state, e.PhoneSignedIn(7, PHONE, 300)) == (state, ())


@pytest.mark.parametrize("why", [Failure.PHONE_REFUSED, Failure.PHONE_OVER, Failure.CENTRAL_UNREACHABLE])
@pytest.mark.parametrize("name", ["asking", "showing"])
def test_a_sign_in_that_fails_says_why_and_takes_no_card(name: str, why: Failure) -> None:
    after, commands = transition(at(name), e.StepFailed(7, why))
    assert (after.screen, commands) == (s.Failed(why), (c.EndVisit(7),))
    again, _ = transition(after, e.EndTouched())
    assert again.screen == s.Welcome()


def test_time_asks_first_and_then_ends_the_visit() -> None:
    state, _ = transition(at("showing"), e.Tick(75.0))
    assert state.warned and state.screen == s.ShowingPhone(CODES)
    more, _ = transition(state, e.MoreTimeTouched())
    more, _ = transition(more, e.Tick(75.25))
    assert not more.warned and more.deadline == 75.25 + 2 * more.timing.showing_phone
    over, commands = transition(state, e.Tick(90.0))
    assert over.screen == s.Welcome()
    assert c.EndVisit(7) in commands


def test_what_needs_a_card_is_not_done_without_one() -> None:
    for name, event in (("menu", e.ChangePinChosen()), ("viewing", e.PrintAsked())):
        assert transition(at(name), event) == (at(name), ())
    needed, _ = transition(at("loading"), e.StepFailed(7, Failure.CARD_NEEDED))
    assert needed.screen == s.Failed(Failure.CARD_NEEDED, PHONE)
    menu, _ = transition(needed, e.HomeTouched())
    assert menu.screen == s.Menu(PHONE)


def test_a_token_that_ran_out_asks_for_no_pin() -> None:
    after, commands = transition(at("loading", signed_in_at=10.0), e.StepFailed(7, Failure.SESSION_EXPIRED))
    assert (after.screen, commands) == (s.Failed(Failure.PHONE_OVER), (c.EndVisit(7),))


def touching(state: s.State, until: float) -> s.State:
    """Somebody who touches the screen every ten seconds, and asks for more time."""
    while state.now < until:
        state, _ = transition(state, e.Tick(min(state.now + 10.0, until)))
        state, _ = transition(state, e.MoreTimeTouched() if state.patience < 10 else e.Touched())
    return state


def test_the_visit_ends_with_its_token_and_says_so_a_minute_before() -> None:
    """Central gives a phone 300 s and no renewal; no touch moves that."""
    state, _ = transition(at("showing", now=100.0), e.PhoneSignedIn(7, PHONE, 300))
    state = touching(state, 339.0)
    assert (state.screen, state.ending) == (s.Menu(PHONE), s.Announced.NOT_YET)
    for now in (339.75, 340.0):
        state, _ = transition(state, e.Tick(now))
    assert state.ending is s.Announced.SHOWN
    state = touching(state, 399.0)
    assert (state.screen, state.ending) == (s.Menu(PHONE), s.Announced.READ)
    for now in (399.75, 400.0):
        state, commands = transition(state, e.Tick(now))
    assert (state.screen, state.sign_in_seconds) == (s.Failed(Failure.PHONE_OVER), None)
    assert commands == (c.EndVisit(7),)


def test_a_terminal_with_shorter_sessions_keeps_to_them() -> None:
    short = at("showing", now=100.0, timing=replace(STANDARD, session=120.0))
    state, _ = transition(short, e.PhoneSignedIn(7, PHONE, 300))
    state = touching(state, 219.0)
    assert state.screen == s.Menu(PHONE)
    for now in (219.75, 220.0):
        state, _ = transition(state, e.Tick(now))
    assert state.screen == s.Failed(Failure.PHONE_OVER)


def test_a_card_after_a_phone_has_its_whole_session() -> None:
    state, _ = transition(at("showing"), e.PhoneSignedIn(7, PHONE, 300))
    state, _ = transition(state, e.CardInserted())
    for event in (e.CardRead(8, CARD), e.PinChanged(6), e.PinSubmitted(), e.SignedIn(8)):
        state, _ = transition(state, event)
    assert session_end(state) == state.now + state.timing.session


def test_a_second_card_changes_nothing_in_a_cards_visit() -> None:
    state = s.State(s.Menu(CARD), visit=7, card_in=True)
    for event in (e.CardInserted(), e.CardRefused(Failure.CARD_MUTE)):
        assert transition(state, event) == (state, ())
