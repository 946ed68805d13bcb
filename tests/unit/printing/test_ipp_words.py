"""What an IPP printer says, and what we make of it; attributes as `ippeveprinter` sends them, and as others may."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing import ipp_words as words
from printing.outcome import End, PrinterFault, Supply

TRAY = "type=sheetFeedAutoRemovableTray;mediafeed=29700;mediaxfeed=21000;maxcapacity=250;level={};status=0;name=main;"
BY_PASS = "type=sheetFeedManual;mediafeed=0;mediaxfeed=0;maxcapacity=1;level=-2;status=0;name=manual"
TONER = "index=2;class=supplyThatIsConsumed;type=toner;unit=percent;maxcapacity=100;level={};colorantname=black;"
WASTE = "index=1;class=receptacleThatIsFilled;type=wasteToner;unit=percent;maxcapacity=100;level={};"


@pytest.mark.parametrize(
    ("reasons", "fault"),
    [
        ("none", None), ("media-empty-error", PrinterFault.PAPER_OUT), ("media-empty-warning", PrinterFault.PAPER_OUT),
        ("media-empty-report", None), ("media-jam", PrinterFault.JAM), (["x", "door-open"], PrinterFault.COVER_OPEN),
        ("fuser-under-temp-report", None), ("fuser-under-temp", None), ("fuser-over-temp", PrinterFault.MECHANISM),
        ("toner-low-warning", None), ("toner-empty", PrinterFault.MECHANISM), ("paused", PrinterFault.OFFLINE),
    ],
)  # fmt: skip
def test_reasons(reasons: object, fault: PrinterFault | None) -> None:
    assert words.status_of({"printer-state-reasons": reasons}).fault is fault


@pytest.mark.parametrize(
    ("ready", "fault"),
    [
        ({}, None),
        ({"media-ready": "iso_a4_210x297mm"}, None),
        ({"media-ready": ["na_letter_8.5x11in", "iso_a4_210x297mm"]}, None),
        ({"media-ready": "na_letter_8.5x11in"}, PrinterFault.PAPER_OUT),
        ({"media-col-ready": {"media-size": {"x-dimension": 21000, "y-dimension": 29700}}}, None),
        ({"media-col-ready": [{"media-size": {"x-dimension": 21590, "y-dimension": 27940}}]}, PrinterFault.PAPER_OUT),
        ({"printer-is-accepting-jobs": False}, PrinterFault.OFFLINE),
    ],
)
def test_a4_must_be_loaded_where_the_printer_says_what_is(ready: dict[str, Any], fault: PrinterFault | None) -> None:
    assert words.status_of(ready).fault is fault


@pytest.mark.parametrize(("state", "fault"), [(3, None), (4, PrinterFault.BUSY), (5, None), (None, None)])
def test_a_printer_at_work_takes_no_page_yet(state: int | None, fault: PrinterFault | None) -> None:
    status = words.status_of({"printer-state": state})
    assert (status.fault, status.forecast(1)) == (None, fault)


@pytest.mark.parametrize(
    ("trays", "sheets", "enough"),
    [
        (None, None, True), ([TRAY.format(3), BY_PASS], 3, True), (TRAY.format(2), 2, False),
        (TRAY.format(-2), None, True), (TRAY.format(-3), None, True), ([TRAY.format(1), TRAY.format(1)], 2, False),
        (BY_PASS, None, True), ("nonsense", None, True), (TRAY.format("many"), None, True),
    ],
)  # fmt: skip
def test_the_forecast_counts_sheets_where_the_printer_does(trays: object, sheets: int | None, enough: bool) -> None:
    status = words.status_of({"printer-input-tray": trays})
    assert status.sheets == sheets
    assert (status.forecast(3) is None) is enough


def test_supplies_of_both_kinds() -> None:
    given = {"printer-supply": [WASTE.format(95), TONER.format(7), TONER.format(-2)],
             "printer-supply-description": ["Waste", "Black"]}  # fmt: skip
    assert words.supplies(given) == (Supply("Waste", 5, True), Supply("Black", 7, True), Supply("toner", None, False))
    markers = {"marker-names": ["cyan", "black"], "marker-levels": [60, -3], "marker-low-levels": [10, 10]}
    assert words.supplies(markers) == (Supply("cyan", 60, False), Supply("black", None, False))


@pytest.mark.parametrize(
    ("state", "reason", "impressions", "end"),
    [
        (9, "job-completed-successfully", None, End.PRINTED),
        (9, "job-completed-successfully", 0, End.PRINTED),
        (9, "job-completed-successfully", 3, End.PRINTED),
        (9, "job-completed-successfully", 2, End.UNKNOWN),
        (9, "job-completed-with-errors", 3, End.UNKNOWN),
        (9, "cups-ipp-missing-job-history", None, End.UNKNOWN),
        (8, "aborted-by-system", 0, End.FAILED),
        (8, "aborted-by-system", 3, End.UNKNOWN),
        (7, "job-canceled-by-user", 2, End.FAILED),
        (7, "job-canceled-at-device", None, End.FAILED),
    ],
)
def test_the_last_word_on_a_job_of_three_pages(state: int, reason: str, impressions: int | None, end: End) -> None:
    outcome = words.end_of(state, [reason], impressions, 3)
    assert outcome.end is end
    assert not outcome.nothing_whole


def test_canceled_and_aborted_are_told_apart() -> None:
    assert "job-canceled-at-device" in words.end_of(7, ["job-canceled-at-device"]).evidence
    assert "canceled" not in words.end_of(8, ["aborted-by-system"]).evidence


@pytest.mark.parametrize(
    ("before", "after", "turned"),
    [
        ("pages=3 at=9 impressions=7 up=1", "impressions=9 up=4", 2), ("impressions=7", "impressions=7", 0),
        ("impressions=7", "sheets=9", None), ("impressions=7", "impressions=1", None), ("", "impressions=1", None),
        ("impressions=7", "", None), ("nonsense = =", "x", None),
    ],
)  # fmt: skip
def test_a_page_counter_that_moved(before: str, after: str, turned: int | None) -> None:
    assert words.moved(before, after) == turned


@pytest.mark.parametrize(
    ("after", "now", "stayed"),
    [
        ("up=200", 1100, True), ("up=5", 1100, False), ("up=5000", 1100, False), ("up=150", 1100, True),
        ("up=99", 1100, False), ("up=120", 9000, False), ("up=105", 1004, True), ("up=8", 1004, False),
        ("", 1100, False),
    ],
)  # fmt: skip
def test_a_printer_that_was_off_meanwhile_is_noticed(after: str, now: int, stayed: bool) -> None:
    assert words.stayed_on("at=1000 impressions=1 up=100", after, now) is stayed


VALUES = st.none() | st.integers() | st.text(max_size=40) | st.booleans() | st.lists(st.text(max_size=40), max_size=3)


@given(
    st.dictionaries(st.sampled_from(words.WANTED), VALUES | st.dictionaries(st.text(max_size=9), VALUES, max_size=2))
)
def test_no_printers_words_break_us(attributes: dict[str, Any]) -> None:
    status = words.status_of(attributes)
    assert status.sheets is None or status.sheets >= 0
    assert all(each.percent is None or isinstance(each.percent, int) for each in status.supplies)


@given(st.text(max_size=60))
def test_whatever_the_journal_noted_is_read_or_passed_over(text: str) -> None:
    assert all(isinstance(value, int) for value in words.noted(text).values())
