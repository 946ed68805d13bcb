"""A real cupsd between us and a real IPP printer, with each fault that was measured (printing.md section 4).

CUPS lies in most of them; we must not.
"""

import contextlib
import os
import shutil
import signal
import socket
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
from urllib.parse import urlparse

import pytest

from demo.parts.devices import A4
from demo.parts.process import ROOT, environment
from printing.a4 import render_a4
from printing.cups import CupsPrinter
from printing.errors import SpoolerFailed
from printing.ipp import IppPrinter, job_name
from printing.outcome import End, Outcome, PrinterFault
from printing.spooler import Spooler, leftovers
from tests.samples import family_planning, issued

PAGE = render_a4(issued(family_planning()), "zh", datetime(2017, 1, 2, 3, 4, tzinfo=UTC))
NOBODY = 65534
pytestmark = pytest.mark.expected_log("printing.")


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder in memory that nobody else has."""
    path = Path("/dev/shm") / f"onecard-test-{uuid.uuid4()}" / "spool"
    path.parent.mkdir(mode=0o711)
    yield path
    assert leftovers(path) == []
    assert {left.name for left in path.parent.iterdir()} <= {"spool.lock", "second.lock"}
    shutil.rmtree(path.parent)


@pytest.fixture
def printer(root: Path, a4: A4) -> CupsPrinter:
    """The A4 printer, in order, behind CUPS."""
    for command in ("online", "freeze off", "paper ok", "cover closed", "clear", "delay 0", "tray 250", "pictures off"):
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


def daemon_of(root: Path) -> int | None:
    """The process id of this root's cupsd."""
    for each in leftovers(root):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{each}/comm").read_text().strip() == "cupsd":
                return each
    return None


def spooled(root: Path) -> bool:
    """Has the spooler taken the document?"""
    return any(root.glob("spool/d*"))


class Job:
    """A page on its way, on a thread of its own, so that something can happen to it at a moment that is seen."""

    def __init__(self, printer: CupsPrinter) -> None:
        self.id, self.noted, self._found = uuid.uuid4(), list[str](), list[Outcome]()
        self._printer = printer
        self._thread = threading.Thread(target=self._print)
        self._thread.start()

    def _print(self) -> None:
        self._found.append(self._printer.print_document(PAGE, self.id, self.noted.append))

    def until(self, seen: Callable[[], bool]) -> bool:
        """Wait for the moment; False when the job ended before it came."""
        while self._thread.is_alive():
            if seen():
                return True
        return False

    def at_printer(self) -> bool:
        """Does the printer have it, unfinished?"""
        device = self._printer.device
        return device.outcome_of(self.id, take_back=False).evidence == "the job is still at the printer"

    def outcome(self) -> Outcome:
        """How it ended."""
        self._thread.join()
        return self._found[0]


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
    job = Job(printer)
    assert job.until(lambda: spooled(root))
    assert job.outcome().end is End.PRINTED
    assert not root.exists()


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
    a4.ask("delay 2")
    job = Job(printer)
    assert job.until(job.at_printer)
    a4.ask(plug)
    a4.ask("delay 0")
    a4.ask("online")
    end = job.outcome().end
    (came,) = copies(a4, job.id)
    assert came <= 1
    assert end is not End.PRINTED or came == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["in the spool", "at the printer"])
def test_a_spooler_that_ends_in_the_middle_never_prints_twice(
    printer: CupsPrinter, root: Path, a4: A4, how: signal.Signals, moment: str
) -> None:
    a4.ask("delay 4")
    job = Job(printer)
    assert job.until(job.at_printer if moment == "at the printer" else lambda: spooled(root))
    daemon = daemon_of(root)
    assert daemon is not None
    os.kill(daemon, how)
    outcome = job.outcome()
    a4.ask("delay 0")
    later = uuid.uuid4()
    assert printer.print_document(PAGE, later, nothing).end is End.PRINTED
    first, second = copies(a4, job.id, later)
    assert (first <= 1, second) == (True, 1)
    end = outcome.end if outcome.end is not End.UNKNOWN else printer.outcome_of(job.id, job.noted[0]).end
    assert end is not End.PRINTED or first == 1, outcome
    assert end is not End.FAILED or first == 0, outcome


def test_a_page_that_was_damaged_on_the_way_stops_in_cups_and_is_no_page(
    printer: CupsPrinter, root: Path, a4: A4, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    unreadable = b"%PDF-1.7\n" + PAGE[5000:9000]
    assert printer.print_document(unreadable, uuid.uuid4(), sent.append).end is End.FAILED
    assert sent == []
    monkeypatch.setattr("printing.ipp.pages_of", lambda _pdf: 1)
    monkeypatch.setattr("printing.ipp.PAGE_SECONDS", 0.0)
    job, later = uuid.uuid4(), uuid.uuid4()
    assert printer.print_document(unreadable, job, sent.append).end is End.UNKNOWN
    assert (len(sent), root.exists()) == (1, False)
    assert printer.print_document(PAGE, later, nothing).end is End.PRINTED
    assert copies(a4, job, later) == [0, 1]


def test_a_printer_that_hangs_is_unknown_and_tells_later(
    printer: CupsPrinter, a4: A4, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("printing.ipp.PAGE_SECONDS", 0.0)
    a4.ask("delay 1")
    hasty = replace(printer, device=replace(printer.device, answer_timeout=1))
    job = Job(hasty)
    assert job.until(job.at_printer)
    a4.ask("freeze on")
    outcome = job.outcome()
    assert (outcome.end, outcome.fault) == (End.UNKNOWN, PrinterFault.OFFLINE)
    a4.ask("freeze off")
    assert copies(a4, job.id) == [1]
    assert printer.outcome_of(job.id, job.noted[0]).end is End.PRINTED


def test_a_job_canceled_by_someone_at_the_host_is_what_the_printer_says(
    printer: CupsPrinter, root: Path, a4: A4
) -> None:
    a4.ask("delay 1")
    job = Job(printer)
    assert job.until(job.at_printer)
    listen = (root / "etc" / "cupsd.conf").read_text().split("Listen ")[1].split()[0]
    subprocess.run(["cancel", "-h", listen, "-a"], check=True, capture_output=True)
    outcome = job.outcome()
    (came,) = copies(a4, job.id)
    assert came <= 1
    end = outcome.end if outcome.end is not End.UNKNOWN else printer.outcome_of(job.id, job.noted[0]).end
    assert {End.PRINTED: 1, End.FAILED: 0}.get(end, came) == came, outcome


def test_a_printer_that_is_at_work_is_waited_for_and_not_by_cups(printer: CupsPrinter, a4: A4) -> None:
    """CUPS asks a busy printer ever more rarely, and the page comes when nobody waits for it any more."""
    a4.ask("delay 3")
    first, second = Job(replace(printer, device=replace(printer.device, patience=30))), uuid.uuid4()
    assert first.until(first.at_printer)
    assert first.until(lambda: printer.device.status().busy)
    direct = replace(printer, spooler=replace(printer.spooler, root=printer.spooler.root.with_name("second")))
    assert direct.print_document(PAGE, second, nothing).fault is PrinterFault.BUSY
    patient = replace(direct, device=replace(printer.device, patience=30))
    assert patient.print_document(PAGE, second, nothing).end is End.PRINTED
    assert first.outcome().end is End.PRINTED
    assert copies(a4, first.id, second) == [1, 1]


def slowly(port: int, listener: socket.socket) -> None:
    """Every connection to the printer waits for two seconds, then goes through."""

    def copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    def through(client: socket.socket) -> None:
        time.sleep(2)
        with client, socket.create_connection(("127.0.0.1", port)) as printer:
            back = threading.Thread(target=copy, args=(printer, client))
            back.start()
            copy(client, printer)
            back.join()

    with contextlib.suppress(OSError):
        while True:
            threading.Thread(target=through, args=(listener.accept()[0],), daemon=True).start()


def test_a_printer_that_tells_cups_late_what_it_prints_gets_its_page(printer: CupsPrinter, a4: A4) -> None:
    port = urlparse(a4.uri).port
    assert port is not None
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=slowly, args=(port, listener), daemon=True).start()
        late = f"ipp://localhost:{listener.getsockname()[1]}/ipp/print"
        job = uuid.uuid4()
        through = replace(printer, spooler=replace(printer.spooler, device=late))
        assert through.print_document(PAGE, job, nothing).end is End.PRINTED
        listener.shutdown(socket.SHUT_RDWR)
    assert copies(a4, job) == [1]


def test_a_printer_that_does_not_tell_cups_what_it_prints_gets_nothing(
    printer: CupsPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("printing.spooler.START_SECONDS", 3.0)
    sent: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        device = f"ipp://localhost:{silent.getsockname()[1]}/ipp/print"
        through = replace(printer, spooler=replace(printer.spooler, device=device))
        assert (through.print_document(PAGE, uuid.uuid4(), sent.append).end, sent) == (End.FAILED, [])


def test_two_programs_do_not_share_a_spool(printer: CupsPrinter, root: Path, a4: A4) -> None:
    sent: list[str] = []
    with printer.spooler.running():
        assert printer.print_document(PAGE, uuid.uuid4(), sent.append).end is End.FAILED
        assert (sent, printer.outcome_of(uuid.uuid4()).end) == ([], End.UNKNOWN)
        assert root.exists()
    job = uuid.uuid4()
    assert printer.print_document(PAGE, job, sent.append).end is End.PRINTED
    assert copies(a4, job) == [1]


@pytest.mark.skipif(os.geteuid() != 0, reason="then every test here is one without rights")
def test_a_terminal_without_rights_prints_through_cups_too(printer: CupsPrinter, root: Path, a4: A4) -> None:
    assert printer.device.print_document(PAGE, uuid.uuid4(), nothing).end is End.PRINTED  # imports what is needed
    os.chown(root.parent, NOBODY, NOBODY)
    job = uuid.uuid4()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        os._exit(printer.print_document(PAGE, job, nothing).end is not End.PRINTED)
    assert os.waitpid(child, 0)[1] == 0
    assert copies(a4, job) == [1]


def test_nothing_that_cups_sees_names_a_person(printer: CupsPrinter, root: Path, a4: A4) -> None:
    a4.ask("delay 1")
    job = Job(printer)
    assert job.until(lambda: any(root.glob("spool/c*")))
    control = b"".join(path.read_bytes() for path in root.glob("spool/c*"))
    assert job.outcome().end is End.PRINTED
    assert job_name(job.id).encode() in control
    facts = family_planning()
    for private in (facts.subject_id_no, facts.name):
        for code in ("utf-8", "gb18030", "utf-16-le"):
            assert private.encode(code) not in control


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
        while not spooled(root):
            pass
        dying.kill()
    outcome = printer.outcome_of(job, "pages=1")
    assert not root.exists()
    a4.ask("delay 0")
    assert printer.print_document(PAGE, uuid.uuid4(), nothing).end is End.PRINTED
    assert {End.PRINTED: [1], End.FAILED: [0]}.get(outcome.end, copies(a4, job)) == copies(a4, job)


@pytest.mark.parametrize("where", ["on a disk", "closed to CUPS"])
def test_a_folder_that_can_not_be_used_is_refused_before_a_byte_leaves(
    printer: CupsPrinter, root: Path, where: str
) -> None:
    folder = ROOT / "var" / "spool" if where == "on a disk" else root.parent / "closed" / "spool"
    if where == "closed to CUPS":
        folder.parent.mkdir(mode=0o700)
    sent: list[str] = []
    unusable = replace(printer, spooler=Spooler(folder, printer.spooler.device))
    with pytest.raises(SpoolerFailed, match="is not on tmpfs" if where == "on a disk" else "not open to the user lp"):
        unusable.spooler.check()
    assert (unusable.print_document(PAGE, uuid.uuid4(), sent.append).end, sent) == (End.FAILED, [])
    shutil.rmtree(root.parent / "closed", ignore_errors=True)
