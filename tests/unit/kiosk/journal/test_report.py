"""The day's books: they add up when everything was noted once, and say so when something was not."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.contract.documents import DocumentKind, DocumentState, IssuedNumber, Medium
from kiosk.journal.entry import FOLLOWS, Step
from kiosk.journal.journal import Journal, Line
from kiosk.journal.report import against_central, never_heard_of, report, span_of, with_central

TODAY = datetime.now(UTC).date()
SLIP = (DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP)
WAYS = {
    "confirmed": (Step.ISSUED, Step.SENT, Step.PRINTED, Step.CONFIRMED),
    "copied": (Step.ISSUED, Step.SENT, Step.FAILED, Step.SENT, Step.PRINTED, Step.CONFIRMED),
    "voided": (Step.ISSUED, Step.FAILED, Step.VOIDED),
    "open": (Step.ISSUED, Step.SENT, Step.UNKNOWN),
    "refused": (Step.FAILED, Step.VOIDED),
}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """One document of each way."""
    found = Journal(tmp_path / "journal.db", tmp_path / "journal.key")
    for way, steps in WAYS.items():
        number = found.request(*SLIP).number
        for step in steps:
            found.advance(number, step, doc_no=f"SY-{way}" if step is Step.ISSUED else None)
    return found


def test_a_day_adds_up(journal: Journal) -> None:
    books = report(TODAY, journal.lines(), journal.entries(), UTC)
    assert (books.issued, books.confirmed, books.voided, books.open, books.copies) == (4, 2, 1, 1, 1)
    assert books.open_numbers == ("SY-open",)
    assert books.adds_up
    assert report(TODAY - timedelta(days=1), journal.lines(), journal.entries(), UTC).issued == 0


def test_a_number_that_came_twice_does_not(journal: Journal) -> None:
    number = journal.request(*SLIP).number
    journal.advance(number, Step.ISSUED, doc_no="SY-open")
    books = report(TODAY, journal.lines(), journal.entries(), UTC)
    assert books.problems == ("SY-open is in the journal 2 times",)
    assert not books.adds_up


@pytest.mark.parametrize("step", [Step.ISSUED, Step.VOIDED])
def test_a_step_that_was_forged_does_not(journal: Journal, step: Step) -> None:
    first = journal.lines()[1]
    forged = Line(99, first.number, step, None, "", first.at)
    assert not report(TODAY, [*journal.lines(), forged], journal.entries(), UTC).adds_up


def test_the_day_is_the_local_one() -> None:
    line = Line(1, 1, Step.ISSUED, "SY1", "", "2017-01-01T17:00:00.000+00:00")
    china = timezone(timedelta(hours=8))
    assert report(date(2017, 1, 2), [line], [], china).issued == 1
    assert report(date(2017, 1, 1), [line], [], china).issued == 0


@given(st.lists(st.lists(st.integers(0, 2), max_size=8), max_size=12))
def test_whatever_legal_steps_were_taken_it_adds_up(documents: list[list[int]]) -> None:
    lines: list[Line] = []
    for number, choices in enumerate(documents):
        now = Step.REQUESTED
        for choice in choices:
            following = sorted(FOLLOWS[now])
            if following:
                now = following[choice % len(following)]
                lines.append(Line(len(lines) + 1, number, now, None, "", f"{TODAY}T12:00:00.000+00:00"))
    assert report(TODAY, lines, [], UTC).adds_up


def test_central_is_compared_number_by_number(journal: Journal) -> None:
    entries = [entry for entry in journal.entries() if entry.doc_no is not None]
    truth = {
        entry.key: {"SY-voided": DocumentState.VOIDED, "SY-open": DocumentState.ISSUED}.get(
            str(entry.doc_no), DocumentState.PRINTED
        )
        for entry in entries
    }
    assert against_central(entries, truth.get) == ()

    def forgetful(key: UUID) -> DocumentState | None:
        state = truth[key]
        return None if state is DocumentState.VOIDED else DocumentState.PRINTED

    assert against_central(entries, forgetful) == (
        "SY-voided is voided here, unknown at central",
        "SY-open is issued here, printed at central",
    )


def central_has(entry_key: UUID, doc_no: str, state: DocumentState) -> IssuedNumber:
    """What central says that it gave."""
    at = datetime.now(UTC)
    return IssuedNumber(doc_no=doc_no, state=state, issued_at=at, key=entry_key, kind=SLIP[0], medium=SLIP[1])


@pytest.mark.parametrize(
    ("state", "figures"),
    [
        (DocumentState.ISSUED, (5, 2, 1, 2)),
        (DocumentState.PRINTED, (5, 3, 1, 1)),
        (DocumentState.VOIDED, (5, 2, 2, 1)),
    ],
)
def test_a_number_that_only_central_knows_is_counted_and_named(
    journal: Journal, state: DocumentState, figures: tuple[int, ...]
) -> None:
    entries = journal.entries()
    books = report(TODAY, journal.lines(), entries, UTC)
    known = [central_has(entry.key, str(entry.doc_no), DocumentState.PRINTED) for entry in entries if entry.doc_no]
    assert with_central(books, known, entries) == books
    found = with_central(books, [*known, central_has(uuid4(), "SY-lost", state)], entries)
    assert (found.issued, found.confirmed, found.voided, found.open) == figures
    assert found.issued == found.confirmed + found.voided + found.open
    assert found.only_central == ("SY-lost",)
    assert found.problems == (f"SY-lost is {state.value} at central, this terminal never heard of it",)
    assert not found.adds_up


def test_a_number_whose_answer_was_lost_is_open_and_no_problem(journal: Journal) -> None:
    waiting = journal.request(*SLIP)
    entries = journal.entries()
    books = report(TODAY, journal.lines(), entries, UTC)
    found = with_central(books, [central_has(waiting.key, "SY-unnoted", DocumentState.ISSUED)], entries)
    assert (found.issued, found.open, found.open_numbers) == (5, 2, ("SY-open", "SY-unnoted"))
    assert found.adds_up
    closed = next(entry for entry in entries if entry.ended and entry.doc_no is None)
    found = with_central(books, [central_has(closed.key, "SY-closed", DocumentState.ISSUED)], entries)
    assert found.problems == ("SY-closed was issued under a key that is closed here",)


def test_an_adopted_number_is_unknown_until_someone_decides(journal: Journal) -> None:
    number = central_has(uuid4(), "SY-lost", DocumentState.ISSUED)
    assert never_heard_of([number], journal.entries()) == [number]
    entry = journal.adopt(number.key, number.kind, number.medium, number.doc_no)
    assert (entry.step, entry.doc_no, entry.attempts) == (Step.UNKNOWN, "SY-lost", 0)
    assert never_heard_of([number], journal.entries()) == []
    assert journal.verify() == []
    assert report(TODAY, journal.lines(), journal.entries(), UTC).open == 2


def test_a_day_is_as_long_as_the_clock_says() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first, last = span_of(date(2017, 3, 26), berlin)
    assert (last.astimezone(UTC) - first.astimezone(UTC)) == timedelta(hours=23)
    assert span_of(date(2017, 1, 2))[0].utcoffset() is not None
