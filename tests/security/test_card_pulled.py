"""The card pulled on any screen: welcome at once, nothing of the holder kept, the token dead at central."""

import pytest
from PyQt6.QtWidgets import QLabel

from demo.checks import leaks, live_tokens
from demo.driver import Driver
from demo.street import Street
from demo.visits import Visit
from kiosk.session import state as s
from kiosk.session.state import Welcome
from tests.parts import visitor

SIGNED_IN = ("menu", "viewing", "choose-paper", "printing", "done")
pytestmark = [pytest.mark.timeout(120), pytest.mark.expected_log("kiosk.(runtime|workers): |token not revoked")]


def go_to(visit: Visit, place: str) -> None:
    """Walk to a screen."""
    if place == "pin":
        visit.begin()
        return
    visit.sign_in()
    if place == "menu":
        return
    visit.open_record()
    if place == "viewing":
        return
    visit.ask_paper()
    if place == "choose-paper":
        return
    visit.driver.touch("paper_both")
    visit.driver.until(s.Printing, 5)
    if place == "done":
        visit.driver.until(s.Done, 60)


@pytest.mark.parametrize("place", ["pin", *SIGNED_IN])
def test_pulling_the_card_ends_everything(driver: Driver, street: Street, place: str) -> None:
    visit = visitor(driver, street)
    go_to(visit, place)
    visit.pull()
    state = driver.state
    assert state == s.State(
        screen=Welcome(), paper=state.paper, visit=state.visit, now=state.now, deadline=state.deadline
    )
    driver.terminal.runtime.settle()
    assert live_tokens(visit) == 0
    assert len(driver.terminal.pin) == 0
    assert leaks(visit) == []


def test_nothing_of_the_holder_stays_in_the_widgets(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street)
    go_to(visit, "viewing")
    shown = {label.text() for label in driver.terminal.window.findChildren(QLabel)}
    assert any("990***********" in text for text in shown)
    visit.pull()
    visible = {label.text() for label in driver.terminal.window.findChildren(QLabel) if label.isVisible()}
    assert not any("990***" in text for text in visible)


def test_the_next_holder_gets_a_visit_of_their_own(driver: Driver, street: Street) -> None:
    first = visitor(driver, street)
    go_to(first, "viewing")
    first.pull()
    second = visitor(driver, street, 128)
    second.sign_in()
    assert isinstance(driver.state.screen, s.Menu)
    assert driver.state.screen.card.masked_name.startswith("廖")
    second.leave()


def test_the_leak_check_can_fail(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street)
    trace = street.data / "trace.txt"
    trace.write_text(f"pin={visit.pin} ", encoding="utf-8")
    assert leaks(visit) == ["trace.txt"]
    trace.unlink()
