"""Printing on the real printers: every fault before and in the middle, and never a yes without the printer's own."""

import json
import threading
import uuid
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image

from backend_client.contract.documents import Medium
from backend_client.contract.seal import scan_text
from demo.parts.devices import A4, Thermal
from printing.a4 import render_a4
from printing.ipp import IppPrinter, job_name
from printing.outcome import End, Outcome, PrinterFault, PrinterStatus
from printing.slip import render_slip
from printing.thermal import ThermalPrinter
from tests.samples import contributions, family_planning, issued

AT = datetime(2017, 1, 2, 3, 4, tzinfo=UTC)
SLIP = render_slip(issued(contributions(), Medium.SLIP), "zh", AT)
PAGE = render_a4(issued(family_planning()), "zh", AT)
pytestmark = pytest.mark.expected_log("printing.")


@pytest.fixture
def slips(thermal: Thermal) -> ThermalPrinter:
    """The slip printer, in order."""
    for command in ("paper ok", "cover closed", "cutter ok", "silent off", "online"):
        thermal.ask(command)
    return ThermalPrinter("127.0.0.1", thermal.port, print_timeout=4)


@pytest.fixture
def pages(a4: A4) -> IppPrinter:
    """The A4 printer, in order."""
    for command in ("online", "paper ok", "cover closed", "clear", "delay 0"):
        a4.ask(command)
    return IppPrinter(a4.uri, patience=2)


class Sent:
    """Counts the calls that mark the first byte."""

    count = 0

    def __call__(self) -> None:
        self.count += 1


def test_a_slip_is_printed_when_the_printer_names_it_back(slips: ThermalPrinter, thermal: Thermal) -> None:
    sent, before = Sent(), len(thermal.slips)
    assert slips.print_slip(SLIP, 1, sent).end is End.PRINTED
    assert sent.count == 1
    slip = thermal.slips[before]
    (code,) = zxingcpp.read_barcodes(Image.open(str(slip["png"])).convert("L"))
    assert code.text == scan_text(issued(contributions(), Medium.SLIP))


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("paper out", PrinterFault.PAPER_OUT), ("cover open", PrinterFault.COVER_OPEN),
        ("cutter fault", PrinterFault.MECHANISM), ("offline", PrinterFault.OFFLINE),
        ("silent on", PrinterFault.OFFLINE),
    ],
)  # fmt: skip
def test_a_fault_before_the_first_byte_sends_nothing(
    slips: ThermalPrinter, thermal: Thermal, command: str, fault: PrinterFault
) -> None:
    thermal.ask(command)
    sent, before = Sent(), len(thermal.slips)
    outcome = slips.print_slip(SLIP, 2, sent)
    assert (outcome.end, outcome.fault, sent.count) == (End.FAILED, fault, 0)
    assert slips.status().fault is fault
    assert len(thermal.slips) == before


@pytest.mark.parametrize("after", [1, 200, 900, len(SLIP) - 300])
def test_paper_that_ends_in_the_middle_gives_a_torn_slip_and_no_yes(
    slips: ThermalPrinter, thermal: Thermal, after: int
) -> None:
    before = len(thermal.slips)
    thermal.ask(f"out-after {after}")
    outcome = slips.print_slip(SLIP, 3, Sent())
    assert (outcome.end, outcome.fault) == (End.FAILED, PrinterFault.PAPER_OUT)
    thermal.ask("paper ok")
    assert slips.print_slip(SLIP, 4, Sent()).end is End.PRINTED
    new = thermal.slips[before:]
    assert [slip["complete"] for slip in new][-1] is True
    assert sum(bool(slip["complete"]) for slip in new) == 1


@pytest.mark.parametrize("after", [1, 500, 1500])
def test_a_connection_that_breaks_is_unknown(slips: ThermalPrinter, thermal: Thermal, after: int) -> None:
    thermal.ask(f"cut-off-after {after + 12}")
    assert slips.print_slip(SLIP, 5, Sent()).end is End.UNKNOWN


def test_nobody_at_the_port_is_offline() -> None:
    printer = ThermalPrinter("127.0.0.1", 1)
    assert printer.status() == PrinterStatus(PrinterFault.OFFLINE)
    sent = Sent()
    assert printer.print_slip(SLIP, 6, sent).end is End.FAILED
    assert sent.count == 0


def test_a_page_is_printed_when_the_printer_completed_it(pages: IppPrinter, a4: A4) -> None:
    job, sent, before = uuid.uuid4(), Sent(), len(a4.lines)
    assert pages.print_document(PAGE, job, sent).end is End.PRINTED
    assert sent.count == 1
    page = a4.wait_for("page", after=before)
    assert page["job"] == job_name(job)
    assert pages.outcome_of(job).end is End.PRINTED
    assert pages.outcome_of(uuid.uuid4()).end is End.UNKNOWN
    assert json.dumps(page["png"])


@pytest.mark.parametrize(("command", "fault"), [("paper out", PrinterFault.PAPER_OUT), ("jam", PrinterFault.JAM),
                                                ("cover open", PrinterFault.COVER_OPEN)])  # fmt: skip
def test_a_page_that_waits_too_long_is_taken_back(pages: IppPrinter, a4: A4, command: str, fault: PrinterFault) -> None:
    a4.ask(command)
    taken_back, printed = uuid.uuid4(), uuid.uuid4()
    outcome = pages.print_document(PAGE, taken_back, Sent())
    assert (outcome.end, outcome.fault) == (End.FAILED, fault)
    for undo in ("paper ok", "clear", "cover closed"):
        a4.ask(undo)
    assert pages.print_document(PAGE, printed, Sent()).end is End.PRINTED
    a4._wait(lambda line: line.get("job") == job_name(printed), 0, 10, "deliver the page")
    assert job_name(taken_back) not in {page["job"] for page in a4.pages}


def test_paper_that_comes_in_time_prints_the_page(pages: IppPrinter, a4: A4) -> None:
    a4.ask("paper out")
    refill = threading.Timer(0.5, a4.ask, ["paper ok"])
    refill.start()
    assert pages.print_document(PAGE, uuid.uuid4(), Sent()).end is End.PRINTED
    refill.join()


def test_a_page_that_nobody_waits_for_is_taken_back_at_once(pages: IppPrinter, a4: A4) -> None:
    a4.ask("paper out")
    patient = IppPrinter(a4.uri, patience=60)
    assert patient.print_document(PAGE, uuid.uuid4(), Sent(), lambda: False).end is End.FAILED


def test_an_aborted_page_is_failed(pages: IppPrinter, a4: A4) -> None:
    a4.ask("abort-next")
    assert pages.print_document(PAGE, uuid.uuid4(), Sent()) == Outcome(
        End.FAILED, PrinterFault.ABORTED, "the printer ended the job (state 8)"
    )


def test_a_printer_killed_in_the_middle_is_unknown_and_stays_so(pages: IppPrinter, a4: A4) -> None:
    a4.ask("delay 3")
    kill = threading.Timer(0.6, a4.ask, ["offline"])
    kill.start()
    job = uuid.uuid4()
    assert pages.print_document(PAGE, job, Sent()).end is End.UNKNOWN
    kill.join()
    assert pages.status() == PrinterStatus(PrinterFault.OFFLINE)
    a4.ask("online")
    assert pages.outcome_of(job).end is End.UNKNOWN
