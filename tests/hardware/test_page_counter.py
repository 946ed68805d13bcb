"""A printer with a page counter: what it counted before and after decides about a job that nobody else can tell of."""

import contextlib
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlparse

import pytest

from demo.parts.devices import A4
from printing.a4 import render_a4
from printing.cups import CupsPrinter
from printing.ipp import IppPrinter, pages_of
from printing.ipp_words import noted
from printing.outcome import End, PrinterFault
from printing.spooler import Spooler
from simulators.page_counter import CounterServer
from tests.hardware.test_cups_real import PAGE, nothing
from tests.samples import contributions, issued

LONG = render_a4(issued(contributions()), "zh", datetime(2017, 1, 2, 3, 4, tzinfo=UTC))
pytestmark = pytest.mark.expected_log("printing.")
SWITCHED_ON = 8  # seconds; a shorter up-time proves nothing (printing.ipp_words.MARGIN_SECONDS)


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[A4]:
    """A real IPP printer behind a counter."""
    with A4(tmp_path_factory.mktemp("counted"), "--counter") as printer:
        printer.ask("pictures off")
        yield printer


@pytest.fixture
def printer(counting: A4) -> IppPrinter:
    """In order, and on for a while."""
    for command in ("online", "paper ok", "cover closed", "clear", "delay 0", "tray 250"):
        counting.ask(command)
    found = IppPrinter(counting.uri, patience=2)
    while noted(found.status().counted)["up"] < SWITCHED_ON:
        time.sleep(0.1)
    return found


class PowerCut(Exception):
    """The terminal dies here."""


def died_after_sent(printer: IppPrinter | CupsPrinter, job: uuid.UUID) -> str:
    """*sent* is on disk, the first byte never left; what was noted."""
    said: list[str] = []

    def cut(counted: str) -> None:
        said.append(counted)
        raise PowerCut

    with contextlib.suppress(PowerCut):
        printer.print_document(PAGE, job, cut)
    return said[0]


def test_the_counter_moves_by_the_documents_pages(printer: IppPrinter) -> None:
    said: list[str] = []
    assert printer.print_document(LONG, uuid.uuid4(), said.append).end is End.PRINTED
    before, after = noted(said[0]), noted(printer.status().counted)
    assert after["impressions"] - before["impressions"] == before["pages"] == pages_of(LONG)


def test_a_job_that_never_left_is_failed_because_the_counter_did_not_move(printer: IppPrinter) -> None:
    job = uuid.uuid4()
    outcome = printer.outcome_of(job, died_after_sent(printer, job))
    assert (outcome.end, outcome.nothing_whole) == (End.FAILED, True)


def test_a_page_of_somebody_else_in_between_leaves_it_unknown(printer: IppPrinter) -> None:
    job = uuid.uuid4()
    said = died_after_sent(printer, job)
    assert printer.print_document(PAGE, uuid.uuid4(), nothing).end is End.PRINTED
    outcome = printer.outcome_of(job, said)
    assert (outcome.end, outcome.evidence) == (
        End.UNKNOWN, "the printer does not know the job, its page counter moved by 1"
    )  # fmt: skip


def test_a_printer_that_was_off_meanwhile_proves_nothing(printer: IppPrinter, counting: A4) -> None:
    job = uuid.uuid4()
    said = died_after_sent(printer, job)
    counting.ask("power-off")
    counting.ask("online")
    assert printer.outcome_of(job, said).end is End.UNKNOWN


def test_a_document_torn_after_its_first_page_may_be_printed_again(printer: IppPrinter, counting: A4) -> None:
    counting.ask("jam-after 1")
    outcome = printer.print_document(LONG, uuid.uuid4(), nothing)
    assert (outcome.end, outcome.fault, outcome.nothing_whole) == (End.FAILED, PrinterFault.JAM, True)


class Renaming(CounterServer):
    """A driver's way to the printer, on which a job loses the name that we gave it."""

    def passed_on(self, body: bytes) -> bytes:
        """As CounterServer."""
        return body.replace(b"onecard-", b"renamed-")


def test_a_printer_that_does_not_know_our_job_by_name_proves_it_by_its_counter(printer: IppPrinter) -> None:
    root = Path("/dev/shm") / f"onecard-counter-{uuid.uuid4()}"
    with Renaming(0, urlparse(printer.uri).port or 0, lambda: 0) as between:
        through = CupsPrinter(Spooler(root, f"ipp://localhost:{between.server_port}/ipp/print"), printer)
        outcome = through.print_document(PAGE, uuid.uuid4(), nothing)
        job = uuid.uuid4()
        lost = through.outcome_of(job, died_after_sent(through, job))
        between.shutdown()
    root.with_name(f"{root.name}.lock").unlink()
    assert outcome.end is End.PRINTED
    assert outcome.evidence.startswith("weaker proof: the page counter moved by the document's 1 pages")
    assert (lost.end, lost.nothing_whole) == (End.FAILED, True)
