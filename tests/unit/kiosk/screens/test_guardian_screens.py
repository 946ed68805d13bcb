"""The screens of a ward's session: whose it is stands on every one of them, and on none of the guardian's own."""

from itertools import product

import pytest
from PyQt6.QtWidgets import QApplication, QLabel, QWidget

from kiosk.screens.window import TerminalWindow
from kiosk.session import events as e
from kiosk.session import state as s
from tests.samples import CARD, CHILD, ELDER
from tests.states import guardian_screens, screens
from tests.unit.kiosk.screens.test_screens import SIZES, said, show, touch

WARDS = {name: screen for name, screen in guardian_screens().items() if name.startswith("ward-")}


@pytest.fixture
def window(window: TerminalWindow) -> TerminalWindow:
    """Upright."""
    window.resize(*SIZES["portrait"])
    return window


def words(window: TerminalWindow) -> list[str]:
    """What can be read."""
    return [label.text() for label in window.findChildren(QLabel) if label.isVisible()]


@pytest.mark.parametrize("name", WARDS)
def test_for_whom_one_acts_stands_on_every_screen_of_a_wards_session(window: TerminalWindow, name: str) -> None:
    ward = WARDS[name].card  # type: ignore[union-attr]
    assert isinstance(ward, s.Acting)
    said_so = {
        s.WardKind.CHILD: {"zh": f"孩子 {ward.masked_name}", "en": f"{ward.masked_name}, your child"},
        s.WardKind.ELDER: {"zh": f"老人 {ward.masked_name}", "en": f"{ward.masked_name}, an elder"},
    }[ward.kind]
    for language, large in product(s.Language, (False, True)):
        show(window, WARDS[name], ui=s.Ui(language, large))
        shown = words(window)
        assert any(said_so[language.value] in text for text in shown)
        assert not any(CARD.masked_name == text or CARD.masked_id_no in text for text in shown if name == "ward-menu")


@pytest.mark.parametrize("name", [name for name in screens() if name not in WARDS])
def test_no_wards_name_stands_on_any_other_screen(window: TerminalWindow, name: str) -> None:
    """Also when a ward's screen was shown before."""
    show(window, WARDS["ward-menu"])
    show(window, screens()[name])
    assert not window.banner.isVisible()
    if name != "viewing-wards":
        assert CHILD.masked_name not in said(window)


def test_a_wards_menu_offers_records_only(window: TerminalWindow) -> None:
    for name, own in (("ward-menu", False), ("menu", True), ("ward-menu", False)):
        show(window, screens()[name])
        shown = {made.objectName() for made in window.findChildren(QWidget) if made.isVisible()}
        offered = {one.removeprefix("service_") for one in shown if one.startswith("service_")}
        records = {"contributions", "family-planning"}
        assert offered == (records | {"access-log", "account", "guardian"} if own else records)
        assert ("change_pin" in shown) == own and ("own" in shown) != own


@pytest.mark.parametrize("name", WARDS)
def test_the_way_back_is_a_touch_away_unless_something_is_under_way(
    window: TerminalWindow, posted: list[e.Event], name: str
) -> None:
    show(window, WARDS[name])
    under_way = isinstance(WARDS[name], s.SigningIn | s.Printing | s.Resuming)
    shown = [made for made in window.findChildren(QWidget, "own") if made.isVisible()]
    assert len(shown) == (not under_way)
    if shown:
        touch(window, "own")
        assert e.OwnTouched() in posted


@pytest.mark.parametrize("place", [0, 1])
def test_a_ward_is_chosen_by_touch(window: TerminalWindow, posted: list[e.Event], place: int) -> None:
    show(window, screens()["viewing-wards"])
    QApplication.processEvents()
    touch(window, f"choice_{place}")
    assert e.WardChosen(place) in posted


def test_the_list_is_gone_with_its_screen(window: TerminalWindow) -> None:
    show(window, screens()["viewing-wards"])
    assert ELDER.masked_name in said(window) and "HK44010500000028" in said(window)
    show(window, s.TakeCard())
    QApplication.processEvents()
    left = said(window)
    assert not any(trace in left for trace in (ELDER.masked_name, ELDER.masked_id_no, CHILD.masked_name, "HK4401"))


def test_nobody_is_promised_a_place_that_is_not_kept(window: TerminalWindow) -> None:
    """A ticket is for the card, and would open its own holder's record."""
    for name, promised in (("awaiting-repair", True), ("ward-awaiting-repair", False)):
        show(window, screens()[name], ui=s.Ui(s.Language.EN))
        assert any("leave with your card" in text for text in words(window)) == promised
