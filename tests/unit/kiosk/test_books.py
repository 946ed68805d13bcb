"""`kiosk journal`: what an attendant reads of a day, and what they can't say of a paper."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backend_client.contract.documents import DocumentKind, Medium
from kiosk.cli.errors import CommandError
from kiosk.cli.journal import as_json, as_text, resolve_unknown
from kiosk.journal.journal import Journal
from kiosk.journal.report import Report, report

DAY = date(2026, 11, 25)
NOTHING: Any = None


@pytest.fixture
def empty() -> Report:
    """A day on which nothing was asked for."""
    return report(DAY, [], [])


def test_a_quiet_day_is_four_figures_and_a_verdict(empty: Report) -> None:
    lines = as_text(empty).splitlines()
    assert lines[0] == "2026-11-25" and lines[-1] == "The day adds up."
    assert [line.split() for line in lines[1:5]] == [[name, "0"] for name in ("issued", "confirmed", "voided", "open")]


def test_what_does_not_add_up_is_said_with_its_reasons(empty: Report) -> None:
    books = replace(empty, issued=3, confirmed=1, open=1, open_numbers=("SY-1",), problems=("SY-2 is there twice",))
    text = as_text(books)
    assert text.endswith("SY-2 is there twice\nThe day does NOT add up.")
    assert "open: SY-1" in text and "adopt" not in text
    assert (as_json(books)["adds_up"], as_json(books)["day"]) == (False, "2026-11-25")


def test_numbers_that_only_central_knows_come_with_the_way_out(empty: Report) -> None:
    assert "`kiosk journal adopt`" in as_text(replace(empty, only_central=("SY-9",)))


def test_only_an_unknown_paper_is_resolved_by_hand(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", tmp_path / "journal.key")
    entry = journal.request(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP)
    with pytest.raises(CommandError, match=f"Entry {entry.number} is requested, not unknown; nothing was changed"):
        resolve_unknown(NOTHING, journal, entry.number, printed=True)
    assert journal.entry(entry.number).step is entry.step
    journal.close()
