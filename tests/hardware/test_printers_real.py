"""Printing on the real printers: every fault before and in the middle, and never a yes without the printer's own."""

import json
import socket
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from backend_client.contract.documents import Medium
from backend_client.contract.seal import scan_text
from demo.parts.devices import A4, Thermal
from printing import ipp as ipp_module
from printing.a4 import render_a4
from printing.escpos_bytes import FEED_AND_CUT
from printing.ipp import IppPrinter, job_name, pages_of
from printing.outcome import End, Outcome, PrinterFault, PrinterStatus
from printing.roll import CUT_MM, DOTS_A_MM, Roll, slip_mm
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
    for command in ("online", "paper ok", "cover closed", "clear", "delay 0", "tray 250", "pictures off"):
        a4.ask(command)
    return IppPrinter(a4.uri, patience=2)


def printed_so_far(thermal: Thermal) -> int:
    """Slips that the printer says it made, and all of them reported."""
    thermal.ask("status")
    return len(thermal.slips)


class Sent:
    """Counts the calls that mark the first byte."""

    count = 0

    def __call__(self, _counted: str = "") -> None:
        self.count += 1


def test_a_slip_is_printed_when_the_printer_names_it_back(slips: ThermalPrinter, thermal: Thermal) -> None:
    sent, before = Sent(), len(thermal.slips)
    assert slips.print_slip(SLIP, 1, sent).end is End.PRINTED
    assert sent.count == 1
    assert printed_so_far(thermal) == before + 1
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
    after_both = printed_so_far(thermal)
    new = thermal.slips[before:after_both]
    assert [slip["complete"] for slip in new][-1] is True
    assert sum(bool(slip["complete"]) for slip in new) == 1


def test_a_serial_line_prints_as_the_network_does(thermal: Thermal, slips: ThermalPrinter) -> None:
    line = replace(slips, host="", device=Path(thermal.device))
    before = printed_so_far(thermal)
    assert line.status() == PrinterStatus(None)
    assert line.print_slip(SLIP, 20, Sent()).end is End.PRINTED
    thermal.ask("paper out")
    assert line.print_slip(SLIP, 21, Sent()).fault is PrinterFault.PAPER_OUT
    thermal.ask("paper ok")
    thermal.ask("out-after 900")
    torn = line.print_slip(SLIP, 22, Sent())
    assert (torn.end, torn.fault, torn.nothing_whole) == (End.FAILED, PrinterFault.PAPER_OUT, True)
    thermal.ask("paper ok")
    assert printed_so_far(thermal) == before + 2
    assert [slip["complete"] for slip in thermal.slips[before:]] == [True, False]


def test_a_printer_without_process_ids_gives_a_weaker_proof_by_name(slips: ThermalPrinter, thermal: Thermal) -> None:
    clone = replace(slips, process_ids=False)
    outcome = clone.print_slip(SLIP, 23, Sent())
    assert outcome.end is End.PRINTED
    assert outcome.evidence.startswith("weaker proof")
    thermal.ask("out-after 900")
    torn = clone.print_slip(SLIP, 24, Sent())
    assert (torn.end, torn.nothing_whole) == (End.UNKNOWN, False)
    thermal.ask("paper ok")


def test_counters_are_noted_before_a_slip_and_beside_an_unknown_one(slips: ThermalPrinter, thermal: Thermal) -> None:
    counting, noted = replace(slips, counters=True), list[str]()
    assert counting.print_slip(SLIP, 25, noted.append).end is End.PRINTED
    assert counting.print_slip(SLIP, 26, noted.append).end is End.PRINTED
    first, second = (dict(part.split("=") for part in text.split(",")) for text in noted)
    assert int(second["cuts"]) == int(first["cuts"]) + 1
    assert int(second["feeds"]) > int(first["feeds"])
    since = counting.outcome_since(noted[1])
    assert since.end is End.UNKNOWN
    assert noted[1] in since.evidence


def test_a_slip_that_waits_in_the_buffer_after_a_crash_is_cleared(slips: ThermalPrinter, thermal: Thermal) -> None:
    before = printed_so_far(thermal)
    with socket.create_connection(("127.0.0.1", thermal.port)) as dying:
        thermal.ask("paper out")
        dying.sendall(SLIP + FEED_AND_CUT)
        while not thermal.ask("status")["waiting"]:
            pass
    assert slips.outcome_since("").end is End.UNKNOWN
    thermal.ask("paper ok")
    assert slips.print_slip(SLIP, 27, Sent()).end is End.PRINTED
    assert printed_so_far(thermal) == before + 1


def test_near_the_end_of_the_roll_is_said_before(slips: ThermalPrinter, thermal: Thermal) -> None:
    thermal.ask("paper near-end")
    assert slips.status() == PrinterStatus(None, paper_low=True)
    assert slips.print_slip(SLIP, 28, Sent()).end is End.PRINTED


def test_the_length_of_a_slip_is_what_the_printer_feeds(slips: ThermalPrinter, thermal: Thermal) -> None:
    for number, body in enumerate((SLIP, render_slip(issued(family_planning(), Medium.SLIP), "en", AT)), start=60):
        before = printed_so_far(thermal)
        assert slips.print_slip(body, number, Sent()).end is End.PRINTED
        assert printed_so_far(thermal) == before + 1
        with Image.open(str(thermal.slips[before]["png"])) as picture:
            fed = picture.height / DOTS_A_MM + CUT_MM
        assert 0 <= slip_mm(body) - fed < 0.13 * fed  # its lines are 30 dots apart, we count 34: too long, never short


def test_a_roll_that_is_too_short_for_this_slip_is_said_before_the_card_is_read(
    slips: ThermalPrinter, thermal: Thermal
) -> None:
    length = slip_mm(SLIP)
    counted = replace(slips, roll=Roll(2.5 * length))
    thermal.ask("paper near-end")
    assert [counted.print_slip(SLIP, number, Sent()).end for number in (50, 51)] == [End.PRINTED, End.PRINTED]
    assert counted.status() == PrinterStatus(PrinterFault.PAPER_OUT, paper_low=True)
    sent = Sent()
    refused = counted.print_slip(SLIP, 52, sent)
    assert (refused.end, refused.fault, sent.count) == (End.FAILED, PrinterFault.PAPER_OUT, 0)
    short = b"\x1b@\x1c&" + b"-" * 48 + b"\n"
    assert counted.print_slip(short, 53, Sent()).end is End.PRINTED
    thermal.ask("paper ok")
    assert counted.status() == PrinterStatus(None)
    assert counted.print_slip(SLIP, 54, Sent()).end is End.PRINTED


def test_status_questions_beside_a_slip_take_none_of_its_answers(slips: ThermalPrinter, thermal: Thermal) -> None:
    line, over, said = replace(slips, host="", device=Path(thermal.device)), threading.Event(), set[PrinterStatus]()

    def ask() -> None:
        while not over.is_set():
            said.add(line.status())

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    ends = [line.print_slip(SLIP, number, Sent()).end for number in range(70, 74)]
    over.set()
    asking.join()
    assert (ends, said) == ([End.PRINTED] * 4, {PrinterStatus(None)})


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


def test_an_aborted_page_is_failed_and_proved_by_a_printer_that_counts(pages: IppPrinter, a4: A4) -> None:
    assert pages.print_document(PAGE, uuid.uuid4(), Sent()).end is End.PRINTED
    a4.ask("abort-next")
    assert pages.print_document(PAGE, uuid.uuid4(), Sent()) == Outcome(
        End.FAILED, PrinterFault.ABORTED, "the printer ended the job (state 8)", nothing_whole=True
    )


PAGES = render_a4(issued(contributions()), "zh", AT)


def test_the_forecast_knows_the_tray(pages: IppPrinter, a4: A4) -> None:
    needed = pages_of(PAGES)
    assert needed > 2
    a4.ask(f"tray {needed - 1}")
    sent = Sent()
    outcome = pages.print_document(PAGES, uuid.uuid4(), sent)
    assert (outcome.end, outcome.fault, sent.count) == (End.FAILED, PrinterFault.PAPER_OUT, 0)
    two_sided = replace(pages, duplex=True)
    assert two_sided.print_document(PAGES, uuid.uuid4(), sent).end is End.PRINTED
    a4.ask("tray 250")
    status = pages.status()
    assert (status.fault, status.sheets, status.duplex) == (None, 250, True)


@pytest.fixture
def at_work(pages: IppPrinter, a4: A4) -> Iterator[uuid.UUID]:
    """The printer has another program's job for two seconds; its name."""
    a4.ask("delay 2")
    job = uuid.uuid4()
    other = threading.Thread(target=pages.print_document, args=(PAGE, job, Sent()))
    other.start()
    while not pages.status().busy:
        pass
    yield job
    other.join()
    a4.ask("delay 0")


def test_a_printer_at_work_is_waited_for(pages: IppPrinter, at_work: uuid.UUID) -> None:
    job = uuid.uuid4()
    patient = replace(pages, patience=60)
    assert patient.print_document(PAGE, job, Sent()).end is End.PRINTED
    assert [each.name for each in pages.history() if each.name in (job_name(at_work), job_name(job))] == [
        job_name(job), job_name(at_work)
    ]  # fmt: skip


def test_a_printer_that_stays_at_work_gets_nothing(pages: IppPrinter, at_work: uuid.UUID) -> None:
    sent = Sent()
    outcome = replace(pages, patience=0.2).print_document(PAGE, uuid.uuid4(), sent)
    assert (outcome.end, outcome.fault, sent.count) == (End.FAILED, PrinterFault.BUSY, 0)
    assert (
        replace(pages, patience=60).print_document(PAGE, uuid.uuid4(), sent, lambda: False).fault is PrinterFault.BUSY
    )


def test_a_job_that_the_printer_did_not_take_is_no_page(
    pages: IppPrinter, at_work: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("printing.ipp_words.PROCESSING", None)
    assert pages.print_document(PAGE, uuid.uuid4(), Sent()) == Outcome(
        End.FAILED, PrinterFault.BUSY, "the printer did not take the job (IPP status 0x0507)", nothing_whole=True
    )


def test_a_job_that_ended_before_it_was_canceled_tells_its_end(pages: IppPrinter) -> None:
    job = uuid.uuid4()
    assert pages.print_document(PAGE, job, Sent()).end is End.PRINTED
    ended = next(each.id for each in pages.history() if each.name == job_name(job))
    assert pages._run(lambda ipp: ipp_module._cancel(ipp, ended, None, 1)).end is End.PRINTED


def test_supplies_are_reported(pages: IppPrinter, a4: A4) -> None:
    a4.ask("toner 4")
    black = next(each for each in pages.status().supplies if "Black" in each.name)
    assert (black.percent, black.low) == (4, True)
    a4.ask("toner 75")


def test_history_has_our_jobs_by_names_that_name_nobody(pages: IppPrinter) -> None:
    job = uuid.uuid4()
    pages.print_document(PAGE, job, Sent())
    found = {each.name: each for each in pages.history()}[job_name(job)]
    assert (found.state, found.impressions) == (9, pages_of(PAGE))


@pytest.mark.parametrize("sheets", [0, 1, 2])
def test_a_jam_in_the_middle_is_a_proved_tear(pages: IppPrinter, a4: A4, sheets: int) -> None:
    assert pages.print_document(PAGE, uuid.uuid4(), Sent()).end is End.PRINTED
    a4.ask(f"jam-after {sheets}")
    job, before = uuid.uuid4(), len(a4.lines)
    outcome = pages.print_document(PAGES, job, Sent())
    assert (outcome.end, outcome.fault, outcome.nothing_whole) == (End.FAILED, PrinterFault.JAM, True)
    a4.ask("clear")
    if sheets:
        assert a4.wait_for("torn", before)["sheets"] == sheets
    assert job_name(job) not in {page["job"] for page in a4.pages}


def test_a_jam_that_is_cleared_in_time_prints_the_rest(pages: IppPrinter, a4: A4) -> None:
    a4.ask("jam-after 1")
    clear = threading.Timer(0.6, a4.ask, ["clear"])
    clear.start()
    assert pages.print_document(PAGES, uuid.uuid4(), Sent()).end is End.PRINTED
    clear.join()


def test_a_slow_printer_without_a_fault_is_waited_for(pages: IppPrinter, a4: A4) -> None:
    a4.ask("delay 2.5")
    hurried = replace(pages, patience=0.5)
    assert hurried.print_document(PAGE, uuid.uuid4(), Sent()).end is End.PRINTED
    a4.ask("delay 0")


def test_a_job_that_still_waits_after_a_crash_is_taken_back(pages: IppPrinter, a4: A4) -> None:
    a4.ask("paper out")
    job = uuid.uuid4()
    noted: list[str] = []
    dying = threading.Thread(target=replace(pages, patience=30).print_document, args=(PAGE, job, noted.append))
    dying.start()
    while pages.status().fault is None:
        pass
    outcome = pages.outcome_of(job, noted[0])
    assert (outcome.end, outcome.fault) == (End.FAILED, PrinterFault.PAPER_OUT)
    dying.join()
    a4.ask("paper ok")
    assert pages.print_document(PAGE, uuid.uuid4(), Sent()).end is End.PRINTED
    assert job_name(job) not in {page["job"] for page in a4.pages}


@pytest.mark.parametrize("plug", ["offline", "power-off"])
def test_a_printer_that_comes_back_without_the_job_says_nothing(pages: IppPrinter, a4: A4, plug: str) -> None:
    a4.ask("delay 2")
    pull = threading.Timer(0.6, a4.ask, [plug])
    pull.start()
    job, noted = uuid.uuid4(), list[str]()
    assert pages.print_document(PAGE, job, noted.append).end is End.UNKNOWN
    pull.join()
    a4.ask("online")
    a4.ask("delay 0")
    assert pages.outcome_of(job, noted[0]).end is End.UNKNOWN


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
