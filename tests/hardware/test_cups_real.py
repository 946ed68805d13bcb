"""A real cupsd between us and a real IPP printer, with each fault that was measured (printing.md section 4).

CUPS lies in most of them; we must not.
"""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.parts.devices import A4
from demo.parts.process import environment
from printing.a4 import render_a4
from printing.cups import CupsPrinter
from printing.ipp import IppPrinter, job_name
from printing.outcome import End, PrinterFault
from printing.spooler import Spooler, leftovers
from tests.samples import family_planning, issued

PAGE = render_a4(issued(family_planning()), "zh", datetime(2017, 1, 2, 3, 4, tzinfo=UTC))
pytestmark = pytest.mark.expected_log("printing.")


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder in memory that nobody else has."""
    path = Path("/dev/shm") / f"onecard-test-{uuid.uuid4()}"
    yield path
    assert leftovers(path) == []
    assert not path.exists()


@pytest.fixture
def printer(root: Path, a4: A4) -> CupsPrinter:
    """The A4 printer, in order, behind CUPS."""
    for command in ("online", "paper ok", "cover closed", "clear", "delay 0", "tray 250", "pictures off"):
        a4.ask(command)
    return CupsPrinter(Spooler(root, a4.uri), IppPrinter(a4.uri, patience=2))


def nothing(_counted: str) -> None:
    """Marks the first byte."""


def copies(a4: A4, *jobs: uuid.UUID) -> list[int]:
    """How many papers of each job came out, once the printer has nothing left to do."""
    device = IppPrinter(a4.uri)
    while any(device.outcome_of(job, take_back=False).evidence == "the job is still at the printer" for job in jobs):
        time.sleep(0.05)
    time.sleep(0.2)  # the simulator looks into its tray every 50 ms
    found = Counter(str(page["job"]) for page in a4.pages)
    return [found[job_name(job)] for job in jobs]


def during(job: Callable[[], object], seconds: float, act: Callable[[], object]) -> None:
    """Do something in the middle of a job."""
    timer = threading.Timer(seconds, act)
    timer.start()
    job()
    timer.join()


def daemon_of(root: Path) -> int:
    """The process id of this root's cupsd."""
    return next(each for each in leftovers(root) if Path(f"/proc/{each}/comm").read_text().strip() == "cupsd")


def test_printed_is_the_printers_word_and_nothing_stays(printer: CupsPrinter, a4: A4) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    for job in (first, second):
        outcome = printer.print_document(PAGE, job, nothing)
        assert outcome.end is End.PRINTED
        assert outcome.evidence.startswith("the printer completed the job")
    assert copies(a4, first, second) == [1, 1]
    assert printer.outcome_of(first).end is End.PRINTED


def test_a_job_is_found_in_memory_only_while_it_runs(printer: CupsPrinter, root: Path, a4: A4) -> None:
    a4.ask("delay 1")
    seen: list[str] = []

    def look() -> None:
        seen.extend(path.name for path in root.rglob("*") if path.is_file())

    during(lambda: printer.print_document(PAGE, uuid.uuid4(), nothing), 1.0, look)
    assert any(name.startswith("d00001") for name in seen)


def test_an_aborted_page_that_cups_calls_canceled_is_failed(printer: CupsPrinter, a4: A4) -> None:
    a4.ask("abort-next")
    job = uuid.uuid4()
    assert printer.print_document(PAGE, job, nothing).end is End.FAILED
    assert copies(a4, job) == [0]


def test_a_printer_that_is_away_gets_nothing(printer: CupsPrinter, a4: A4) -> None:
    a4.ask("offline")
    sent: list[str] = []
    outcome = printer.print_document(PAGE, uuid.uuid4(), sent.append)
    assert (outcome.end, outcome.fault, sent) == (End.FAILED, PrinterFault.OFFLINE, [])


@pytest.mark.parametrize("plug", ["offline", "power-off"])
def test_a_printer_restarted_in_the_middle_is_not_printed_though_cups_says_completed(
    printer: CupsPrinter, a4: A4, plug: str
) -> None:
    a4.ask("delay 3")
    job = uuid.uuid4()
    outcome = []

    def restart() -> None:
        a4.ask(plug)
        a4.ask("delay 0")
        a4.ask("online")

    during(lambda: outcome.append(printer.print_document(PAGE, job, nothing)), 1.2, restart)
    assert outcome[0].end is not End.PRINTED or copies(a4, job) == [1]
    assert copies(a4, job)[0] <= 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("moment", [0.5, 1.2])
def test_a_spooler_that_ends_in_the_middle_never_prints_twice(
    printer: CupsPrinter, root: Path, a4: A4, how: signal.Signals, moment: float
) -> None:
    a4.ask("delay 1.5")
    job, noted, outcome = uuid.uuid4(), list[str](), []
    during(
        lambda: outcome.append(printer.print_document(PAGE, job, noted.append)),
        moment,
        lambda: os.kill(daemon_of(root), how),
    )
    a4.ask("delay 0")
    later = uuid.uuid4()
    assert printer.print_document(PAGE, later, nothing).end is End.PRINTED
    first, second = copies(a4, job, later)
    assert (first <= 1, second) == (True, 1)
    end = outcome[0].end
    if end is End.UNKNOWN:
        end = printer.outcome_of(job, noted[0]).end
    assert (end is not End.PRINTED) or first == 1
    assert (end is not End.FAILED) or first == 0


def test_a_page_that_waits_for_paper_is_taken_back_through_cups(printer: CupsPrinter, a4: A4) -> None:
    job = uuid.uuid4()

    def empty(_counted: str) -> None:
        a4.ask("paper out")

    assert printer.print_document(PAGE, job, empty).end is not End.PRINTED
    a4.ask("paper ok")
    assert copies(a4, job) == [0]


TERMINAL = """
import sys, uuid
from pathlib import Path
from printing.cups import CupsPrinter
from printing.ipp import IppPrinter
from printing.spooler import Spooler
root, uri, page, job = sys.argv[1:]
printer = CupsPrinter(Spooler(Path(root), uri), IppPrinter(uri, patience=2))
printer.print_document(Path(page).read_bytes(), uuid.UUID(job), lambda counted: print("sent", flush=True))
"""


def test_a_terminal_killed_in_the_middle_leaves_a_spooler_that_recovery_sweeps(
    printer: CupsPrinter, root: Path, a4: A4, tmp_path: Path
) -> None:
    (tmp_path / "page.pdf").write_bytes(PAGE)
    a4.ask("delay 2")
    job = uuid.uuid4()
    command = [sys.executable, "-c", TERMINAL, str(root), a4.uri, str(tmp_path / "page.pdf"), str(job)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as dying:
        assert dying.stdout is not None
        assert dying.stdout.readline() == "sent\n"
        time.sleep(1.0)
        dying.kill()
    outcome = printer.outcome_of(job, "pages=1")
    assert not root.exists()
    a4.ask("delay 0")
    assert printer.print_document(PAGE, uuid.uuid4(), nothing).end is End.PRINTED
    assert {End.PRINTED: [1], End.FAILED: [0]}.get(outcome.end, copies(a4, job)) == copies(a4, job)


def test_a_folder_on_a_disk_is_refused(printer: CupsPrinter, tmp_path: Path) -> None:
    if os.statvfs(tmp_path).f_fsid == os.statvfs("/dev/shm").f_fsid:
        pytest.skip("this machine's temporary files are in memory")
    sent: list[str] = []
    on_disk = replace(printer, spooler=Spooler(tmp_path / "cups", printer.spooler.device))
    assert (on_disk.print_document(PAGE, uuid.uuid4(), sent.append).end, sent) == (End.FAILED, [])
