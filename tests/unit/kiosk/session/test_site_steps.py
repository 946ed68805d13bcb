"""Another department's site, as the session sees it: opened by choice, left in every way that there is."""

import pytest

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.examples import CARD, PHONE, SITE
from kiosk.session.transition import transition

OPEN = (s.OpeningSite(CARD, SITE), s.AtSite(CARD, SITE))


def at(screen: s.Screen, **changes: object) -> s.State:
    """A signed-in holder on this screen."""
    card_in = not isinstance(getattr(screen, "card", None), s.ByPhone)
    given = {"visit": 7, "card_in": card_in, "now": 50.0, "deadline": 90.0, "signed_in_at": 1.0, "sites": (SITE,)}
    return s.State(screen, **(given | changes))  # type: ignore[arg-type]


def test_from_the_menu_to_its_page_and_back() -> None:
    state, commands = transition(at(s.Menu(CARD)), e.SitesTouched())
    assert (state.screen, commands) == (s.ChoosingSite(CARD), ())
    state, commands = transition(state, e.SiteChosen(SITE))
    assert (state.screen, commands) == (s.OpeningSite(CARD, SITE), (c.OpenSite(7, "housing"),))
    state, commands = transition(state, e.SiteShown(7))
    assert (state.screen, state.deadline, commands) == (s.AtSite(CARD, SITE), None, ())
    state, commands = transition(state, e.BackTouched())
    assert (state.screen, commands) == (s.Menu(CARD), (c.CloseSite(7),))


@pytest.mark.parametrize("screen", OPEN)
@pytest.mark.parametrize("event", [e.BackTouched(), e.HomeTouched(), e.SiteClosed(7)])
def test_back_is_back_to_the_menu(screen: s.Screen, event: e.Event) -> None:
    assert transition(at(screen), event)[1] == (c.CloseSite(7),)


@pytest.mark.parametrize("screen", OPEN)
@pytest.mark.parametrize("event", [e.CardRemoved(), e.EndTouched(), e.ServiceBlocked(Failure.PCSC_DOWN)])
def test_an_end_ends_the_page_with_the_visit(screen: s.Screen, event: e.Event) -> None:
    state, commands = transition(at(screen), event)
    assert c.EndVisit(7) in commands and not hasattr(state.screen, "site")
    assert state.sites == (SITE,)


@pytest.mark.parametrize("screen", OPEN)
def test_a_failure_is_said_and_the_visit_goes_on(screen: s.Screen) -> None:
    state, commands = transition(at(screen), e.StepFailed(7, Failure.SITE_ENDED))
    assert (state.screen, commands) == (s.Failed(Failure.SITE_ENDED, CARD), (c.CloseSite(7),))
    assert transition(at(screen), e.StepFailed(7, Failure.TERMINAL_FAULT, fatal=True))[0].signed_in_at is None


def test_a_token_that_ran_out_asks_for_the_pin_or_ends_a_phones_visit() -> None:
    over = e.StepFailed(7, Failure.SESSION_EXPIRED)
    state, commands = transition(at(OPEN[0]), over)
    assert isinstance(state.screen, s.PinEntry) and set(commands) == {c.CloseSite(7), c.ForgetPin()}
    state, commands = transition(at(s.OpeningSite(PHONE, SITE)), over)
    assert state.screen == s.Failed(Failure.PHONE_OVER) and c.EndVisit(7) in commands


def test_a_card_ends_the_page_of_a_phones_visit() -> None:
    state, commands = transition(at(s.AtSite(PHONE, SITE)), e.CardInserted())
    assert isinstance(state.screen, s.Reading) and commands[0] == c.EndVisit(7)


def test_time_ends_it_but_a_touch_of_the_page_is_a_touch() -> None:
    page = at(s.AtSite(CARD, SITE))
    assert transition(page, e.Tick(75.0))[0].warned
    assert transition(page, e.Touched())[0].deadline is None
    assert c.EndVisit(7) in transition(page, e.Tick(91.0))[1]
    state, commands = transition(at(OPEN[0]), e.Tick(91.0))
    assert state.screen == s.Failed(Failure.SITE_SLOW) and c.EndVisit(7) in commands
    assert transition(at(s.AtSite(CARD, SITE), deadline=2000.0), e.Tick(901.5))[0].screen == s.Failed(
        Failure.SESSION_EXPIRED
    )
