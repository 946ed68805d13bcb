"""Every screen × language × text size × orientation: nothing clipped, targets large enough, contrast, no overflow."""

from dataclasses import replace
from itertools import combinations, pairwise, product

import pytest
import zxingcpp
from PIL import Image
from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from kiosk.failures import Failure
from kiosk.pin_buffer import PinBuffer
from kiosk.screens import style
from kiosk.screens.parts import Switch, Target
from kiosk.screens.window import SCREENS, TerminalWindow
from kiosk.services.catalogue import all_services
from kiosk.services.service import Assurance
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.clock import LIMITS, Kind
from kiosk.session.examples import CODES, PHONE, SITE
from kiosk.session.number import Digits
from kiosk.texts import LANGUAGES, catalogue
from tests.samples import CARD, CHILD, ELDER
from tests.screen_pictures import states
from tests.states import screens

STATES = screens()
SIZES = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
MIN_TARGET = 92
# The street terminal stands upright; these screens need more than 1080 pixels of height.
PORTRAIT_ONLY = {
    "pin", "pin-wrong", "pin-expired", "choose-paper", "done", "done-some", "done-none", "awaiting-repair",
    "showing-copy", "showing-phone",
    "ward-pin", "ward-pin-wrong", "ward-choose-paper", "ward-printing", "ward-done", "ward-done-some",
    "ward-awaiting-repair", "ward-showing-copy",
    "change-pin-old", "change-pin-old-wrong", "change-pin-new", "change-pin-flaw", "change-pin-again",
    *(name for name in STATES if name.startswith(("number-entry", "code-entry"))),
}  # fmt: skip


def show(window: TerminalWindow, screen: s.Screen, **changes: object) -> None:
    """Show a screen, laid out."""
    show_state(window, s.State(screen, card_in=True, **changes))  # type: ignore[arg-type]


def show_state(window: TerminalWindow, state: s.State) -> None:
    """Show a state, laid out."""
    window.show_state(state)
    window.show()
    QApplication.processEvents()


def clipped(widget: QWidget) -> bool:
    """Does the text of a label or button not fit into it?"""
    if isinstance(widget, QLabel):
        room, flags = widget.contentsRect(), Qt.TextFlag.TextWordWrap.value if widget.wordWrap() else 0
    elif isinstance(widget, QAbstractButton):
        room, flags = widget.rect().adjusted(6, 0, -6, 0), 0
    else:
        return False
    wide = QRect(0, 0, room.width() if flags else 10_000, 10_000)
    needed = widget.fontMetrics().boundingRect(wide, flags, widget.text())
    return needed.width() > room.width() + 2 or needed.height() > room.height() + 4


def problems(window: TerminalWindow, size: tuple[int, int]) -> list[str]:
    """What a holder would stumble over on the screen that is shown."""
    found = [] if (window.width(), window.height()) == size else [f"window grew to {window.size()}"]
    for widget in window.findChildren(QWidget):
        if not widget.isVisibleTo(window) or not widget.isVisible():
            continue
        name = widget.objectName() or type(widget).__name__
        if clipped(widget):
            found.append(f"clipped: {name}")
        if isinstance(widget, QAbstractButton | Target) and min(widget.width(), widget.height()) < MIN_TARGET:
            found.append(f"target too small: {name} {widget.size()}")
    return found + overlapping(window)


def overlapping(window: TerminalWindow) -> list[str]:
    """Buttons of the screen that lie over each other: a touch would reach the upper one alone."""
    shown = [one for one in window.stack.findChildren(QAbstractButton) if one.isVisible()]
    places = [(one.objectName(), QRect(one.mapTo(window, one.rect().topLeft()), one.size())) for one in shown]
    pairs = combinations(places, 2)
    return [f"{name} lies over {other}" for (name, at), (other, there) in pairs if at.intersects(there)]


COMBINATIONS = list(product(s.Language, (False, True), SIZES))


@pytest.mark.parametrize("name", [name for name in STATES if not name.startswith("failed-") or name == "failed-home"])
def test_every_screen_can_be_read_and_touched(window: TerminalWindow, name: str) -> None:
    for language, large, orientation in COMBINATIONS:
        if orientation == "landscape" and (large or name in PORTRAIT_ONLY):
            continue
        window.resize(*SIZES[orientation])
        show(window, STATES[name], ui=s.Ui(language, large), sites=(SITE,) if "-site" in name else ())
        assert problems(window, SIZES[orientation]) == [], (name, language, large, orientation)


SPECIAL = (
    "still-there", "session-ending", "session-ending-phone", "out-with-card", "welcome-clock", "out-of-service-clock",
)  # fmt: skip


@pytest.mark.parametrize("name", SPECIAL)
def test_questions_and_notices_can_be_read_and_touched(window: TerminalWindow, name: str) -> None:
    for language, large in product(s.Language, (False, True)):
        window.resize(*SIZES["portrait"])
        state = states()[name]
        show_state(window, replace(state, ui=s.Ui(language, large)))
        assert problems(window, SIZES["portrait"]) == [], (name, language, large)


AMOUNTS = {
    31: "慢 31 秒", -95: "快 95 秒", 119: "慢 119 秒", 120: "慢 2 分钟", -7_199: "快 119 分钟", 7_200: "慢 2 小时",
    172_800: "慢 2 天", 1_760_000_000: "慢 20,370 天",
}  # fmt: skip


@pytest.mark.parametrize("off", AMOUNTS)
@pytest.mark.parametrize("name", ["welcome", "out-of-service"])
def test_the_attendant_reads_by_how_much_the_clock_is_wrong(window: TerminalWindow, name: str, off: int) -> None:
    state = s.State(STATES[name])
    for one in (state, replace(state, clock_off=off), state):
        show_state(window, one)
        shown = [w.text() for w in window.findChildren(QLabel) if w.isVisible() and "本机时钟" in w.text()]
        assert len(shown) == (one.clock_off is not None)
        assert all(AMOUNTS[off] in text and text.startswith("工作人员 T6") for text in shown)


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_can_be_read(window: TerminalWindow, failure: Failure) -> None:
    window.resize(*SIZES["portrait"])
    for language, large in product(s.Language, (False, True)):
        show(window, s.Failed(failure), ui=s.Ui(language, large))
        assert problems(window, SIZES["portrait"]) == []


def test_the_check_finds_a_planted_error(window: TerminalWindow) -> None:
    window.resize(*SIZES["portrait"])
    show(window, STATES["menu"])
    window.bar.name.setWordWrap(False)
    window.bar.name.setText("一卡通自助终端" * 20)
    window.bar.name.setFixedWidth(200)
    assert any("clipped" in problem for problem in problems(window, SIZES["portrait"]))


def test_every_state_has_a_screen() -> None:
    assert set(SCREENS) == set(s.Screen.__args__)


def luminance(colour: str) -> float:
    """WCAG relative luminance."""
    parts = [channel / 255 for channel in QColor(colour).getRgb()[:3] if channel is not None]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (style.INK, style.PAPER), (style.INK, style.GROUND), (style.SOFT, style.PAPER), (style.SOFT, style.GROUND),
        (style.ALERT, style.ALERT_PALE), ("#ffffff", style.ACCENT), ("#ffffff", style.ACCENT_DARK),
        (style.ACCENT_DARK, style.ACCENT_PALE), (style.INK, style.ACCENT_PALE),
    ],
)  # fmt: skip
def test_text_has_a_contrast_of_at_least_7(text: str, ground: str) -> None:
    ratio = contrast(text, ground)
    assert ratio >= (6.5 if text in (style.ALERT, style.SOFT) else 7.0), ratio


def touch(window: TerminalWindow, name: str) -> None:
    """Touch a target by its name."""
    widget = next(w for w in window.findChildren(QWidget, name) if w.isVisible())
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]  # static in truth


TOUCHES: list[tuple[str, str, e.Event]] = [
    ("menu", "service_contributions", e.ServiceChosen("contributions")),
    ("menu", "end", e.EndTouched()),
    ("menu", "language", e.LanguageChosen(s.Language.EN)),
    ("menu", "large_text", e.LargeTextChosen(True)),
    ("viewing-contributions", "year_2016", e.YearChosen(2016)),
    ("viewing-year", "year_all", e.YearChosen(None)),
    ("viewing-contributions", "print", e.PrintAsked()),
    ("viewing-contributions", "back", e.BackTouched()),
    ("menu", "service_access-log", e.ServiceChosen("access-log")),
    ("viewing-log", "older", e.PageTurned(older=True)),
    ("viewing-log-last", "newer", e.PageTurned(older=False)),
    ("done", "continue", e.HomeTouched()),
    ("done", "finish", e.EndTouched()),
    ("failed-home", "home", e.HomeTouched()),
    ("menu", "change_pin", e.ChangePinChosen()),
    ("change-pin-again", "pin_ok", e.PinSubmitted()),
    ("change-pin-old", "back", e.BackTouched()),
    ("new-pin-set", "continue", e.HomeTouched()),
    ("new-pin-set", "finish", e.EndTouched()),
    ("done-some", "wait", e.WaitTouched()),
    ("awaiting-repair", "back", e.BackTouched()),
    ("awaiting-repair", "end", e.EndTouched()),
    ("welcome", "phone", e.PhoneChosen()),
    ("showing-phone", "cancel", e.EndTouched()),
    ("menu-phone", "finish", e.EndTouched()),
    ("menu-phone", "service_contributions", e.ServiceChosen("contributions")),
    ("menu", "service_account", e.ServiceChosen("account")),
    ("viewing-no-account", "account_open", e.AccountTouched(s.AccountChange.OPEN)),
    ("viewing-account", "account_close", e.AccountTouched(s.AccountChange.CLOSE)),
    ("viewing-account", "account_freeze", e.AccountTouched(s.AccountChange.FREEZE)),
    ("viewing-account", "account_end-others", e.AccountTouched(s.AccountChange.END_OTHERS)),
    ("viewing-account", "account_unlink-phone", e.AccountTouched(s.AccountChange.UNLINK_PHONE)),
    ("viewing-account-no-phone", "account_link-phone", e.AccountTouched(s.AccountChange.LINK_PHONE)),
    ("number-entry", "digit_8", e.DigitsKeyed(Digits("13800008"))),
    ("number-entry", "digit_delete", e.DigitsKeyed(Digits("138000"))),
    ("number-entry", "digit_clear", e.DigitsKeyed(Digits())),
    ("number-entry", "back", e.BackTouched()),
    ("number-entry-too-soon", "digits_ok", e.DigitsSubmitted()),
    ("code-entry", "digits_ok", e.DigitsSubmitted()),
    ("code-entry", "back", e.BackTouched()),
    ("code-entry", "code_again", e.CodeWanted()),
    ("account-question-open", "account_yes", e.AccountConfirmed()),
    ("account-question-open", "account_no", e.BackTouched()),
]


@pytest.mark.parametrize(("name", "target", "event"), TOUCHES)
def test_touches_become_events(
    window: TerminalWindow, posted: list[e.Event], name: str, target: str, event: e.Event
) -> None:
    window.resize(*SIZES["portrait"])
    show(window, STATES[name])
    QApplication.processEvents()
    touch(window, target)
    assert event in posted
    assert e.Touched() in posted


def test_pages_turn_where_there_are_some_and_what_has_no_paper_offers_none(window: TerminalWindow) -> None:
    window.resize(*SIZES["portrait"])
    for name, (newer, older, paper) in {
        "viewing-log": (False, True, False), "viewing-log-last": (True, False, False),
        "viewing-family": (None, None, True),
    }.items():  # fmt: skip
        show(window, STATES[name])
        found = {one.objectName(): one for one in window.findChildren(QAbstractButton) if one.isVisible()}
        turns = [found[turn].isEnabled() if turn in found else None for turn in ("newer", "older")]
        assert (*turns, "print" in found) == (newer, older, paper), name


def test_paper_that_is_missing_can_not_be_touched(window: TerminalWindow, posted: list[e.Event]) -> None:
    window.resize(*SIZES["portrait"])
    show(window, STATES["choose-paper"], paper=s.Paper(slip=Failure.SLIP_PAPER_OUT))
    for target in ("paper_slip", "paper_both"):
        touch(window, target)
    assert not any(isinstance(event, e.PaperChosen) for event in posted)
    touch(window, "paper_a4")
    assert any(isinstance(event, e.PaperChosen) for event in posted)


def test_the_copys_symbol_is_read_by_a_phone_and_gone_with_its_screen(window: TerminalWindow) -> None:
    window.resize(*SIZES["portrait"])
    show(window, STATES["showing-copy"])
    made = window.findChild(QLabel, "copy_symbol")
    assert made is not None
    image = made.pixmap().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    bits = image.constBits()
    assert bits is not None
    picture = Image.frombytes("L", (image.bytesPerLine(), image.height()), bits.asstring(image.sizeInBytes()))
    code = zxingcpp.read_barcode(picture)
    assert code is not None and code.text == STATES["showing-copy"].link.address  # type: ignore[union-attr]
    show(window, STATES["menu"])
    assert made.pixmap().isNull()


@pytest.mark.parametrize("large", [False, True])
def test_the_phones_symbol_is_read_whole_from_the_screen_and_gone_with_it(window: TerminalWindow, large: bool) -> None:
    """From a picture of the window, so that a symbol without its quiet zone, or cut, is found."""
    window.resize(*SIZES["portrait"])
    for language in s.Language:
        show(window, STATES["showing-phone"], ui=s.Ui(language, large))
        made = window.findChild(QLabel, "phone_symbol")
        assert made is not None and made.size() == made.pixmap().size()
        image = window.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        bits = image.constBits()
        assert bits is not None
        picture = Image.frombytes("L", (image.bytesPerLine(), image.height()), bits.asstring(image.sizeInBytes()))
        code = zxingcpp.read_barcode(picture)
        assert code is not None and code.text == CODES.qr
    show(window, STATES["menu-phone"])
    assert made.pixmap().isNull()


def test_a_menu_by_phone_says_what_needs_the_card_and_changes_no_pin(window: TerminalWindow) -> None:
    for name, phone in (("menu", False), ("menu-phone", True), ("menu", False)):
        show(window, STATES[name], ui=s.Ui(s.Language.EN))
        words = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
        assert sum(text == "Needs your card; put it in" for text in words) == 4 * phone
        for target, there in (("change_pin", not phone), ("finish", phone)):
            assert [b.isVisible() for b in window.screen_for(s.Menu).findChildren(QAbstractButton, target)] == [there]


def test_no_second_way_in_where_no_service_takes_it(qtbot: QtBot) -> None:
    services = tuple(service for service in all_services() if service.assurance is Assurance.CARD)
    made = TerminalWindow(lambda _event: None, PinBuffer(), services, "T1")
    qtbot.addWidget(made)
    show_state(made, s.State())
    assert [button.isVisible() for button in made.findChildren(QAbstractButton, "phone")] == [False]


def test_without_a_card_nobody_is_told_to_take_one(window: TerminalWindow) -> None:
    show_state(window, s.State(s.Failed(Failure.PHONE_REFUSED), ui=s.Ui(s.Language.EN)))
    failed = window.screen_for(s.Failed)
    words = [label.text() for label in failed.findChildren(QLabel) if label.isVisible()]
    assert catalogue("en")["failed_take"] not in words
    assert [button.isVisible() for button in failed.findChildren(QAbstractButton, "finish")] == [True]


def test_a_page_that_came_out_may_go_to_the_phone(window: TerminalWindow, posted: list[e.Event]) -> None:
    window.resize(*SIZES["portrait"])
    show(window, STATES["done"])
    touch(window, "copy")
    assert e.CopyAsked() in posted
    show(window, STATES["done-none"])
    button = window.findChild(QAbstractButton, "copy")
    assert button is not None and not button.isVisible()


def test_large_print_is_one_switch_and_gone_where_there_is_no_page(
    window: TerminalWindow, posted: list[e.Event]
) -> None:
    window.resize(*SIZES["portrait"])
    for on in (False, True):
        show(window, STATES["choose-paper"], ui=s.Ui(large_print=on))
        assert problems(window, SIZES["portrait"]) == []
        touch(window, "large_print")
        assert posted[-1] == e.LargePrintChosen(not on)
    show(window, STATES["choose-paper"], paper=s.Paper(a4=Failure.A4_JAM))
    switch = window.findChild(Switch, "large_print")
    assert switch is not None and not switch.isVisible()


def test_the_pin_pad_tells_counts_only(window: TerminalWindow, posted: list[e.Event]) -> None:
    window.resize(*SIZES["portrait"])
    show(window, STATES["pin"])
    for key in ("pin_1", "pin_2", "pin_3", "pin_delete", "pin_9", "pin_clear", "pin_7"):
        touch(window, key)
    counts = [event.length for event in posted if isinstance(event, e.PinChanged)]
    assert counts == [1, 2, 3, 2, 3, 0, 1]
    assert window._context.pin.take() == bytearray(b"7")


def test_every_holders_screen_offers_more_time(window: TerminalWindow, posted: list[e.Event]) -> None:
    window.resize(*SIZES["portrait"])
    for name, screen in STATES.items():
        show(window, screen, deadline=60.0)
        offered = LIMITS[type(screen)].kind is Kind.HOLDER
        assert window.strip.isVisible() == offered, name
        if offered:
            posted.clear()
            touch(window, "more_time")
            assert e.MoreTimeTouched() in posted, name


def test_the_time_that_is_left_is_said_calmly(window: TerminalWindow) -> None:
    window.resize(*SIZES["portrait"])
    words, places = [], set()
    for quarter in range(4 * 100):
        show(window, STATES["menu"], deadline=100.0, now=quarter / 4)
        words.append(window.strip.words.text())
        places.add((window.stack.geometry().getRect(), window.strip.more.geometry().getRect()))
    changes = sum(before != after for before, after in pairwise(words))
    assert changes == 1 + 5  # two minutes, then tens of seconds
    assert len(places) == 1


def test_the_sessions_end_can_not_be_extended(window: TerminalWindow) -> None:
    window.resize(*SIZES["portrait"])
    window.show_state(states()["session-ending"])
    QApplication.processEvents()
    assert "15" in window.overlay.hint.text()
    assert not window.overlay.more.isVisible()
    assert window.overlay.count.text() == "48"


@pytest.mark.parametrize("language", s.Language)
def test_the_end_of_a_phones_visit_is_told_with_its_own_minutes(window: TerminalWindow, language: s.Language) -> None:
    window.resize(*SIZES["portrait"])
    show_state(window, replace(states()["session-ending-phone"], ui=s.Ui(language)))
    words = window.overlay.hint.text()
    assert words == catalogue(language.value)["ending_hint_phone"].format(minutes=5)
    assert (window.overlay.count.text(), window.overlay.more.isVisible()) == ("48", False)


def test_nothing_can_be_chosen_before_a_forgotten_card(window: TerminalWindow) -> None:
    show(window, STATES["menu"])
    show(window, STATES["card-forgotten"])
    buttons = [b for b in window.findChildren(QAbstractButton) if b.isVisible()]
    assert buttons == []
    assert not any("990***" in label.text() for label in window.findChildren(QLabel) if label.isVisible())


def test_another_pin_is_asked_for_in_counts_only(window: TerminalWindow, posted: list[e.Event]) -> None:
    window.resize(*SIZES["portrait"])
    show(window, STATES["change-pin-new"])
    for key in ("pin_1", "pin_2", "pin_delete"):
        touch(window, key)
    assert [event.length for event in posted if isinstance(event, e.PinChanged)] == [1, 2, 1]
    assert window._context.pin.take() == bytearray(b"1")


def test_where_a_blocked_pin_is_unblocked_comes_from_the_configuration(qtbot: QtBot) -> None:
    place = {"zh": "海珠区社保卡窗口", "en": "Haizhu card counter"}
    made = TerminalWindow(lambda _event: None, PinBuffer(), all_services(), "T1", place)
    qtbot.addWidget(made)
    show(made, s.Failed(Failure.PIN_BLOCKED))
    texts = [label.text() for label in made.findChildren(QLabel) if label.isVisible()]
    assert any("海珠区社保卡窗口" in text for text in texts)


def test_the_question_covers_everything(window: TerminalWindow, posted: list[e.Event]) -> None:
    window.resize(*SIZES["portrait"])
    show(window, STATES["menu"], warned=True, deadline=20.0, now=5.5)
    assert window.overlay.isVisible()
    assert window.overlay.count.text() == "15"
    touch(window, "still_here")
    assert e.Touched() in posted


def test_a_record_leaves_the_widgets_with_its_screen(window: TerminalWindow) -> None:
    show(window, STATES["viewing-contributions"])
    show(window, s.Welcome())
    QApplication.processEvents()
    texts = [label.text() for label in window.findChildren(QLabel)]
    assert not any("12,480.00" in text for text in texts)


def test_texts_are_complete_in_every_language() -> None:
    keys = [set(catalogue(language)) for language in LANGUAGES]
    assert keys[0] == keys[1]
    for key in keys[0]:
        places = [sorted(part.split("}")[0] for part in catalogue(one)[key].split("{")[1:]) for one in LANGUAGES]
        assert places[0] == places[1], key


def said(window: TerminalWindow) -> str:
    """Every word in the window's widgets, hidden ones too."""
    widgets = window.findChildren(QWidget)
    texts = [widget.text() for widget in widgets if isinstance(widget, QLabel | QAbstractButton)]
    spoken = [words for widget in widgets for words in (widget.accessibleName(), widget.accessibleDescription())]
    return "\n".join([*texts, *spoken, *(widget.objectName() for widget in widgets)])


@pytest.mark.parametrize("name", screens())
def test_no_widget_keeps_anything_of_a_holder_who_is_gone(window: TerminalWindow, name: str) -> None:
    """Not even a hidden one: neither whose visit it was, nor which papers and which years there were."""
    show(window, screens()[name])
    show(window, s.TakeCard())
    left = said(window)
    traces = [CARD.masked_name, CARD.masked_id_no, PHONE.masked_id_no, CODES.user_code, CODES.address[8:],
              "201701020001", "year_2", "2016", "测试部门", "138****5678", "138 0000", "5678", "13800005678",
              "246 813", "246813", SITE.zh,
              CHILD.masked_name, ELDER.masked_name, ELDER.masked_id_no, "choice_"]  # fmt: skip
    assert [trace for trace in traces if trace in left] == []


@pytest.mark.parametrize("language", s.Language)
def test_the_notice_is_shown_whole_and_read_to_its_end_by_touch(window: TerminalWindow, language: s.Language) -> None:
    window.resize(*SIZES["portrait"])
    screen = STATES["account-question-open"]
    assert isinstance(screen, s.AccountQuestion) and screen.record.notice is not None
    notice = screen.record.notice
    words = window.screen_for(s.AccountQuestion).findChild(QLabel, "account_words")
    for large in (False, True):
        show(window, screen, ui=s.Ui(language, large))
        QApplication.processEvents()
        assert words is not None and words.text() == getattr(notice, language.value)
        down = window.findChild(QAbstractButton, "words_down")
        assert down is not None and down.isVisible() == large
        for _ in range(9):
            if down.isVisible() and down.isEnabled():
                touch(window, "words_down")
        bottom = words.mapTo(window, words.rect().bottomLeft()).y()
        yes = window.findChild(QAbstractButton, "account_yes")
        assert yes is not None and bottom < yes.mapTo(window, yes.rect().topLeft()).y()


def test_to_agree_and_not_to_are_equal_buttons(window: TerminalWindow) -> None:
    window.resize(*SIZES["portrait"])
    show(window, STATES["account-question-open"])
    yes, no = (window.findChild(QAbstractButton, name) for name in ("account_yes", "account_no"))
    assert yes is not None and no is not None
    assert (yes.size(), yes.property("role")) == (no.size(), no.property("role"))


def test_only_what_fits_the_account_can_be_touched(window: TerminalWindow) -> None:
    window.resize(*SIZES["portrait"])
    for name, names in {
        "viewing-account": {"account_close", "account_freeze", "account_end-others", "account_unlink-phone"},
        "viewing-account-no-phone": {"account_close", "account_freeze", "account_end-others", "account_link-phone"},
        "viewing-no-account": {"account_open"}, "viewing-log": set(),
    }.items():  # fmt: skip
        show(window, STATES[name])
        shown = {one.objectName() for one in window.findChildren(QAbstractButton) if one.isVisible()}
        assert {one for one in shown if one.startswith("account_")} == names
