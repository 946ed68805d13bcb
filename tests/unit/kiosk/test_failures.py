"""Every failure has its sentences in both languages, can be reached, and stands in docs/failures.md."""

import re
from pathlib import Path

import pytest

from card.errors import CardError, SwappedCard
from card.failures import CardFailure, english
from kiosk import mapping
from kiosk.failures import Failure, failure_text
from kiosk.failures_page import page
from printing.errors import PrinterSilent
from printing.outcome import PrinterFault

ROOT = Path(__file__).resolve().parents[3]
CARD = {Failure[failure.name]: failure for failure in CardFailure}
BY_CORE = {
    Failure.PHONE_REFUSED, Failure.PHONE_OVER, Failure.SITE_DOWN, Failure.SITE_SLOW, Failure.SITE_ENDED,
    Failure.CARD_NOT_ACCEPTED_HERE, Failure.CONFIGURATION, Failure.TERMINAL_FAULT, Failure.PRINT_UNKNOWN,
    Failure.PIN_CHANGE_UNKNOWN, Failure.CARD_FORGOTTEN, Failure.CLOCK_CORRECTED,
}  # fmt: skip


@pytest.mark.parametrize("failure", Failure)
def test_sentences_are_complete(failure: Failure) -> None:
    zh, en = failure_text(failure, "zh"), failure_text(failure, "en")
    for text in (zh.holder, zh.remedy, zh.attendant):
        assert re.search(r"[\u4e00-\u9fff]", text)
        assert not text.endswith("。")
    for text in (en.holder, en.remedy, en.attendant):
        assert re.fullmatch(r"[ -~]+", text)
        assert not text.endswith(".")
    assert zh.code == en.code == failure.value


@pytest.mark.parametrize("failure", CardFailure)
def test_the_card_room_and_the_terminal_call_it_the_same(failure: CardFailure) -> None:
    assert Failure[failure.name].value == failure.value
    assert english(failure).endswith(".")


def test_codes_are_unique() -> None:
    assert len({failure.value for failure in Failure}) == len(Failure)


def test_every_failure_can_be_reached() -> None:
    faults = {failure for table in mapping.FAULTS.values() for failure in table.values()}
    assert set(mapping.ERRORS.values()) | faults | BY_CORE | set(CARD) == set(Failure)


def test_every_fault_of_a_printer_is_mapped() -> None:
    for table in mapping.FAULTS.values():
        assert set(table) == set(PrinterFault)


def every_error(parent: type[Exception]) -> list[type[Exception]]:
    """All classes below an error."""
    below = parent.__subclasses__()
    return below + [deeper for child in below for deeper in every_error(child)]


def test_every_error_of_the_rooms_has_a_failure() -> None:
    abstract = {"IllegalStep"} | {PrinterSilent.__name__}
    for parent in mapping.EXPECTED:
        for kind in every_error(parent):
            known = any(ancestor in mapping.ERRORS or ancestor is CardError for ancestor in kind.__mro__)
            assert known or kind.__name__ in abstract, kind


def test_the_nearest_parent_decides() -> None:
    assert mapping.failure_of(SwappedCard()) is Failure.CARD_SWAPPED
    assert mapping.failure_of(ArithmeticError()) is Failure.TERMINAL_FAULT


def test_the_page_is_current() -> None:
    assert (ROOT / "docs/failures.md").read_text(encoding="utf-8") == page()
