"""The pad for a phone's number and its code: what is typed is seen, in groups, and gone with the screen."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from kiosk.pin_buffer import PinBuffer
from kiosk.screens.number_pad import NumberPadScreen
from kiosk.screens.window import TerminalWindow
from kiosk.services.catalogue import all_services
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.number import Digits
from kiosk.session.transition import transition
from tests.samples import CARD, account_overview
from tests.states import TYPED_NUMBER, linking_screens

RECORD = account_overview(phone=None)
EMPTY = s.State(s.NumberEntry(CARD, "account", RECORD), card_in=True)


class Hands:
    """A window, and the session that its touches lead through."""

    def __init__(self, window: TerminalWindow, state: s.State) -> None:
        self.window, self.state, self.posted = window, state, list[e.Event]()

    def show(self, state: s.State) -> None:
        """Show a state, laid out."""
        self.state = state
        self.window.show_state(state)
        self.window.show()
        QApplication.processEvents()

    def touch(self, *keys: str) -> None:
        """Touch these; what they post is kept."""
        for key in keys:
            target = next(one for one in self.window.findChildren(QWidget, key) if one.isVisible())
            QTest.mouseClick(target, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]  # static in truth

    def settle(self) -> None:
        """The session takes what was posted, as the loop would a moment later."""
        while self.posted:
            self.show(transition(self.state, self.posted.pop(0))[0])

    def text(self, name: str) -> str:
        """What a label says."""
        (found,) = [one for one in self.window.findChildren(QLabel, name) if one.isVisible()]
        return found.text()

    def enabled(self, name: str) -> bool:
        """May it be touched?"""
        (found,) = [one for one in self.window.findChildren(QAbstractButton, name) if one.isVisible()]
        return found.isEnabled()


@pytest.fixture
def hands(qtbot: QtBot) -> Hands:
    """An empty number pad."""
    posted: list[e.Event] = []
    window = TerminalWindow(posted.append, PinBuffer(), all_services(), "T1")
    qtbot.addWidget(window)
    window.resize(1080, 1920)
    made = Hands(window, EMPTY)
    made.posted = posted
    made.show(EMPTY)
    return made


def test_the_number_is_read_back_in_groups(hands: Hands) -> None:
    assert (hands.text("digits"), hands.enabled("digits_ok")) == ("––– –––– ––––", False)
    for digit in TYPED_NUMBER.value:
        hands.touch(f"digit_{digit}")
        hands.settle()
    assert (hands.text("digits"), hands.enabled("digits_ok")) == ("138 0000 5678", True)
    hands.touch("digit_delete", "digit_delete")
    hands.settle()
    assert (hands.text("digits"), hands.enabled("digits_ok")) == ("138 0000 56––", False)
    hands.touch("digit_clear")
    hands.settle()
    assert hands.text("digits") == "––– –––– ––––"


def test_touches_that_come_before_the_last_one_is_shown_are_not_lost(hands: Hands) -> None:
    hands.touch("digit_1", "digit_3")
    hands.show(transition(hands.state, hands.posted.pop(hands.posted.index(e.DigitsKeyed(Digits("1")))))[0])
    hands.touch("digit_8")
    hands.settle()
    assert hands.state.screen.digits == Digits("138")  # type: ignore[union-attr]


def test_a_twelfth_digit_is_not_taken(hands: Hands) -> None:
    for digit in f"{TYPED_NUMBER.value}9":
        hands.touch(f"digit_{digit}")
    hands.settle()
    assert hands.text("digits") == "138 0000 5678"
    hands.touch("digit_delete")
    hands.settle()
    assert hands.text("digits") == "138 0000 567–"


def test_a_number_that_comes_back_is_corrected_where_it_was(hands: Hands) -> None:
    hands.show(s.State(linking_screens()["code-entry"], card_in=True))
    hands.touch("back")
    hands.settle()
    assert hands.text("digits") == "138 0000 5678"
    hands.touch("digit_delete", "digit_9")
    hands.settle()
    assert hands.text("digits") == "138 0000 5679"


@pytest.mark.parametrize("name", ["number-entry", "code-entry"])
def test_nothing_typed_is_left_for_the_next(hands: Hands, name: str) -> None:
    hands.show(s.State(linking_screens()[name], card_in=True))
    hands.touch("digit_1")
    hands.posted.clear()
    hands.show(s.State(s.Welcome()))
    for kind in (s.NumberEntry, s.CodeEntry):
        pad = hands.window.screen_for(kind)
        assert isinstance(pad, NumberPadScreen)
        assert [pad._typed, pad.field.text(), pad.hint.text(), pad.alert.text()] == [None, "", "", ""]
    hands.show(EMPTY)
    hands.touch("digit_7")
    assert hands.posted[-1] == e.DigitsKeyed(Digits("7"))


@pytest.mark.parametrize("language", s.Language)
def test_the_code_says_where_it_went_and_what_was_wrong(hands: Hands, language: s.Language) -> None:
    hands.show(s.State(linking_screens()["code-entry-wrong-code"], ui=s.Ui(language), card_in=True))
    words = "\n".join(one.text() for one in hands.window.findChildren(QLabel) if one.isVisible())
    assert "138 0000 5678" in words and "4" in words
    assert {"zh": "验证码不对", "en": "The code is wrong"}[language.value] in words
