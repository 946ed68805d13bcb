"""A visit without a card, step by step, and what a card does to it."""

from dataclasses import replace

import pytest

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.examples import CARD, CODES, PHONE, RECORD
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
    state, commands = transition(replace(state, now=33.0), e.PhoneSignedIn(7, PHONE))
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
    late, none = transition(after, e.PhoneSignedIn(7, PHONE))
    assert (late, none) == (after, ())


@pytest.mark.parametrize("name", SCREENS)
def test_a_card_that_is_no_use_ends_it_as_well(name: str) -> None:
    after, commands = transition(at(name, signed_in_at=10.0), e.CardRefused(Failure.CARD_MUTE))
    assert (after.screen, after.card_in, after.signed_in_at) == (s.Failed(Failure.CARD_MUTE), True, None)
    assert c.EndVisit(7) in commands


def test_an_approval_after_the_end_opens_nothing() -> None:
    ended, _ = transition(at("showing"), e.EndTouched())
    assert transition(ended, e.PhoneSignedIn(7, PHONE)) == (ended, ())
    another, _ = transition(ended, e.PhoneChosen())
    shown, _ = transition(another, e.PhoneAsked(8, CODES))
    for state in (another, shown):
        assert transition(state, e.PhoneSignedIn(7, PHONE)) == (state, ())


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


def test_a_second_card_changes_nothing_in_a_cards_visit() -> None:
    state = s.State(s.Menu(CARD), visit=7, card_in=True)
    for event in (e.CardInserted(), e.CardRefused(Failure.CARD_MUTE)):
        assert transition(state, event) == (state, ())
