"""The city's other systems on the terminal's own screens: offered where there are some, and room for their pages."""

from dataclasses import replace
from itertools import product

import pytest
from PyQt6.QtCore import QRect, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from kiosk.screens.window import TerminalWindow
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.examples import PHONE, SITE
from tests.samples import CARD
from tests.screen_pictures import TAX

MENU = s.State(s.Menu(CARD), sites=(SITE,), card_in=True, deadline=75.0)


@pytest.fixture
def window(window: TerminalWindow) -> TerminalWindow:
    """Upright, on the screen."""
    window.resize(1080, 1920)
    window.show()
    return window


def shown(window: TerminalWindow, name: str) -> QWidget | None:
    """A visible widget by its name."""
    QApplication.processEvents()
    return next((one for one in window.findChildren(QWidget, name) if one.isVisible()), None)


def test_the_tile_is_there_while_central_lists_a_site(window: TerminalWindow, posted: list[e.Event]) -> None:
    window.show_state(MENU)
    tile = shown(window, "sites")
    assert tile is not None
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]  # static in truth
    assert e.SitesTouched() in posted
    window.show_state(replace(MENU, sites=()))
    assert shown(window, "sites") is None


@pytest.mark.parametrize("language", s.Language)
def test_a_site_is_chosen_by_its_name_and_says_what_a_phone_can_not_open(
    window: TerminalWindow, posted: list[e.Event], language: s.Language
) -> None:
    window.show_state(replace(MENU, screen=s.ChoosingSite(PHONE), sites=(SITE, TAX), ui=s.Ui(language), card_in=False))
    housing, tax = shown(window, "site_housing"), shown(window, "site_tax")
    assert housing is not None and tax is not None
    assert housing.accessibleName() == (SITE.zh if language is s.Language.ZH else SITE.en)
    needed = {s.Language.ZH: "需要社会保障卡", s.Language.EN: "Needs your card"}[language]
    assert needed in tax.accessibleDescription() and needed not in housing.accessibleDescription()
    QTest.mouseClick(tax, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]  # static in truth
    assert e.SiteChosen(TAX) in posted


def test_the_page_has_its_room_and_covers_nothing_of_ours(window: TerminalWindow) -> None:
    for language, large in product(s.Language, (False, True)):
        window.show_state(replace(MENU, screen=s.AtSite(CARD, SITE), ui=s.Ui(language, large)))
        place = window.room_for_site()
        assert place is not None
        room = QRect(place.x, place.y, place.width, place.height)
        assert room.height() > 1000 and place.zoom == (2.5 if large else 2.0)
        for name in ("site_back", "end", "language", "large_text", "more_time", "time_left"):
            ours = shown(window, name)
            assert ours is not None
            assert not room.intersects(QRect(ours.mapToGlobal(ours.rect().topLeft()), ours.size())), name


def test_the_room_is_known_at_once_and_stays_the_same(window: TerminalWindow) -> None:
    window.show_state(MENU)
    QApplication.processEvents()
    window.show_state(replace(MENU, screen=s.AtSite(CARD, SITE)))
    at_once = window.room_for_site()
    for _ in range(3):
        QApplication.processEvents()
    assert window.room_for_site() == at_once


def test_the_page_has_no_room_while_the_terminal_asks_or_is_elsewhere(window: TerminalWindow) -> None:
    there = replace(MENU, screen=s.AtSite(CARD, SITE))
    asked = replace(there, deadline=12.0, warned=True)
    ending = replace(there, signed_in_at=48.0 - there.timing.session, ending=s.Announced.SHOWN)
    for state, room in ((MENU, False), (there, True), (asked, False), (there, True), (ending, False)):
        window.show_state(state)
        assert (window.room_for_site() is not None) == room
