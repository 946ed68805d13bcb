"""A terminal whose own clock is wrong serves by central's signed date, and says so to the attendant until it is set."""

import time
from types import SimpleNamespace

import pytest
from PyQt6.QtWidgets import QLabel

from demo.driver import Driver
from demo.street import Street
from kiosk.screens.message import WelcomeScreen
from kiosk.session import state as s
from tests.parts import visitor

WRONG_BY = 4000.0


def line(driver: Driver) -> QLabel:
    """The attendant's line on the first screen."""
    welcome = driver.terminal.window.screen_for(s.Welcome)
    assert isinstance(welcome, WelcomeScreen)
    return welcome.clock


@pytest.mark.expected_log("this machine's clock is")
def test_the_attendant_reads_it_and_the_holder_is_not_bothered(
    driver: Driver, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = visitor(driver, street)
    driver.until(s.Welcome, 15)
    assert not line(driver).isVisible()
    wrong = SimpleNamespace(time=lambda: time.time() + WRONG_BY, monotonic=time.monotonic)
    with monkeypatch.context() as patch:
        patch.setattr("backend_client.client.clock.time", wrong)
        visit.sign_in()
        visit.leave()
        driver.until(s.Welcome, 15, lambda state: state.clock_off is not None)
        assert line(driver).isVisible()
        assert line(driver).text().startswith("工作人员 T6：本机时钟快 66 分钟")
    driver.until(s.Welcome, 15, lambda state: state.clock_off is None)
    assert not line(driver).isVisible(), "the machine's clock is right again"
