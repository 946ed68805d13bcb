"""A phone's visit at a real terminal: nobody else gets into it, and nothing of it is left."""

import pytest
from PyQt6.QtWidgets import QLabel

from demo.checks import leaks, live_tokens
from demo.driver import Driver
from demo.phone import Phone, ask, phone_of, signed_in
from demo.street import Street
from demo.visits import Visit
from kiosk.failures import Failure
from kiosk.session import state as s
from tests.parts import visitor

pytestmark = [pytest.mark.timeout(120), pytest.mark.expected_log("kiosk.(runtime|workers): |token not revoked")]


@pytest.fixture
def visit(driver: Driver, street: Street) -> Visit:
    """A resident with a card, outside the reader."""
    return visitor(driver, street)


@pytest.fixture
def phone(visit: Visit) -> Phone:
    """Their phone, linked."""
    return phone_of(visit)


def nothing_is_left(visit: Visit) -> None:
    """No token, no thread that asks, no trace; settle would wait for a thread that still polls."""
    visit.driver.terminal.runtime.settle()
    assert live_tokens(visit) == 0
    assert leaks(visit) == []


def shown(visit: Visit) -> str:
    """Every word in the terminal's widgets, hidden ones too."""
    return "\n".join(label.text() for label in visit.driver.terminal.window.findChildren(QLabel))


def test_a_card_that_is_put_in_ends_the_phones_visit_and_asks_for_its_own_pin(visit: Visit, phone: Phone) -> None:
    signed_in(visit, phone)
    session = visit.driver.terminal.runtime._visit.session
    assert session is not None and visit.driver.terminal.runtime._visit.card is None
    number = visit.driver.state.visit
    visit.street.card.insert()
    state = visit.driver.until(s.PinEntry, 15)
    assert (state.visit, state.signed_in_at) == (number + 1, None)
    assert session.holder is None
    assert visit.driver.terminal.runtime._visit.session is None
    nothing_is_left(visit)
    visit.driver.enter_pin(visit.pin)
    state = visit.driver.until(s.Menu, 20)
    assert isinstance(state.screen, s.Menu) and isinstance(state.screen.card, s.Card)
    visit.leave()
    nothing_is_left(visit)


def test_a_card_that_is_put_in_while_the_phone_is_asked_stops_the_asking(visit: Visit, phone: Phone) -> None:
    codes = ask(visit)
    visit.street.card.insert()
    visit.driver.until(s.PinEntry, 15)
    phone.approve(codes)
    nothing_is_left(visit)
    assert isinstance(visit.driver.state.screen, s.PinEntry)
    assert codes.user_code not in shown(visit)
    visit.pull()


def test_an_approval_after_the_cancel_opens_nothing_also_not_for_the_next(visit: Visit, phone: Phone) -> None:
    codes = ask(visit)
    visit.driver.touch("cancel")
    visit.driver.until(s.Welcome, 5)
    assert codes.user_code not in shown(visit)
    phone.approve(codes)
    nothing_is_left(visit)
    following = ask(visit)
    assert following.user_code != codes.user_code
    phone.refuse(following)
    visit.fails_with(Failure.PHONE_REFUSED)
    visit.driver.touch("finish")
    visit.driver.until(s.Welcome, 5)
    nothing_is_left(visit)


def test_whoever_comes_next_finds_nothing_of_the_phones_visit(visit: Visit, phone: Phone) -> None:
    signed_in(visit, phone)
    visit.driver.touch("service_access-log")
    visit.driver.until(s.Viewing, 20)
    visit.driver.touch("end")
    state = visit.driver.until(s.Welcome, 5)
    assert state == s.State(
        paper=state.paper, sites=state.sites, visit=state.visit, now=state.now, deadline=state.deadline
    )
    words = shown(visit)
    assert "990***" not in words
    nothing_is_left(visit)


def test_central_away_is_said_and_the_terminal_goes_on(visit: Visit, phone: Phone) -> None:
    visit.street.proxy.ask("down")
    visit.driver.touch("phone")
    visit.fails_with(Failure.CENTRAL_UNREACHABLE)
    visit.street.proxy.ask("ok")
    visit.driver.touch("finish")
    signed_in(visit, phone)
    visit.driver.touch("finish")
    visit.driver.until(s.Welcome, 5)
    nothing_is_left(visit)
