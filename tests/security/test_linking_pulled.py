"""The card pulled while a phone is being linked: no digit is left at the terminal, and no number at central."""

import pytest
from PyQt6.QtWidgets import QLabel

from demo.checks import leaks, live_tokens
from demo.driver import Driver
from demo.link_phone import enter, unlinked
from demo.street import Street
from kiosk.screens.number_pad import NumberPadScreen
from kiosk.session import state as s
from kiosk.session.number import Digits
from tests.parts import visitor

pytestmark = [pytest.mark.timeout(120), pytest.mark.expected_log("kiosk.(runtime|workers): |token not revoked")]


@pytest.mark.parametrize("sent", [False, True], ids=["number", "code"])
def test_pulling_the_card_leaves_no_digit(driver: Driver, street: Street, sent: bool) -> None:
    visit = visitor(driver, street, 22)
    phone = unlinked(visit)
    driver.touch("account_link-phone")
    driver.until(s.NumberEntry, 5)
    enter(visit, phone.number)
    code = "000000"
    if sent:
        before = phone.texts
        driver.touch("digits_ok")
        driver.until(s.CodeEntry, 20)
        code = phone.code(before)
        assert driver.terminal.runtime._visit.sent is not None
        enter(visit, code)
    visit.pull()
    driver.terminal.runtime.settle()
    state = driver.state
    assert state == s.State(
        paper=state.paper, sites=state.sites, visit=state.visit, now=state.now, deadline=state.deadline
    )
    assert driver.terminal.runtime._visit.sent is None
    shown = "\n".join(label.text() for label in driver.terminal.window.findChildren(QLabel))
    grouped = [Digits(typed).grouped(len(typed)) for typed in (phone.number, code)]
    assert not any(words in shown for words in (phone.number, *grouped))
    assert [pad._typed for pad in driver.terminal.window.findChildren(NumberPadScreen) if pad._typed is not None] == []
    assert live_tokens(visit) == 0
    assert leaks(visit, phone.number, *grouped) == []
    visit.sign_in()
    driver.touch("service_account")
    driver.until(s.Viewing, 20)
    assert driver.finds("account_link-phone") is not None, "nothing was linked"
    visit.leave()
