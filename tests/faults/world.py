"""Everything around the terminal, real and in one folder: central, both printers, the lines to them; and one run."""

import contextlib
import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import uuid
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import urlparse

from backend_client.client.keys import DeviceKey
from demo.parts.central import CentralPlatform
from demo.parts.devices import A4, Thermal
from demo.parts.process import Line, Process
from kiosk.journal.entry import Entry, Step
from kiosk.journal.journal import Journal
from kiosk.journal.report import report
from printing.ipp import job_name
from tests.faults.points import MEDIA, Fault, Point, Size
from tests.faults.spooler import SpoolerFault, open_jobs
from tests.faults.wires import CentralLine, Wire

TERMINAL_ID = "T44010500001"
PERSON = 4
NUMBER = re.compile(rb"(?:SB|SY|JS|JX)\d{6}\d{8}\d{4,6}")
PROCESS_ID = b"\x1d(H\x06\x0000"
SHIM = Path(__file__).with_name("shim.c")
CUT = b"\x1dVB\x00"
SETTLE_SECONDS = 12.0
REFILL_SECONDS = 0.7
HUNG = -999
EXPECTED = ("JournalFull",)


@dataclass(frozen=True)
class Verdict:
    """How a point ended: the journal's last step, what came out, and what is wrong (nothing, if all is well)."""

    point: Point
    step: str
    whole: int
    ended: str
    problems: tuple[str, ...] = field(default=())
    seconds: float = 0.0


def compiled(folder: Path) -> Path:
    """The preloaded library."""
    library = folder / "shim.so"
    command = ["gcc", "-O1", "-shared", "-fPIC", "-o", str(library), str(SHIM), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return library


def power_cut(data: Path, shadow: Path) -> None:
    """Put back what was synced: files by the names that their folder had when it was synced last."""
    root = data.parent
    inodes = {path.stat().st_ino: path for path in (root, *root.rglob("*"))}
    kept: dict[str, bytes | None] = {}

    def walk(folder_inode: int, name: str) -> None:
        names = shadow / str(folder_inode)
        if not names.exists():
            return
        for line in names.read_text().splitlines():
            inode, _, entry = line.partition(" ")
            path = inodes.get(int(inode))
            below = f"{name}/{entry}" if name else entry
            if path is not None and path.is_dir():
                kept[below] = None
                walk(int(inode), below)
            elif not entry.endswith("-shm"):
                synced = shadow / inode
                kept[below] = synced.read_bytes() if synced.exists() else b""

    walk(root.stat().st_ino, "")
    shutil.rmtree(root)
    root.mkdir()
    for name, content in kept.items():
        if content is None:
            (root / name).mkdir(mode=0o700, exist_ok=True)
        else:
            (root / name).write_bytes(content)
            (root / name).chmod(0o600)


class World:
    """Starts what a run needs; `run` is one point of the matrix."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._stack = folder, ExitStack()
        self._thermals: list[Thermal] = []
        self._power = threading.Lock()
        self._attendant: threading.Timer | None = None
        self._runs, self._carried, self._counts = 0, 0, [0, 0]
        self._sizes: dict[tuple[str, bool], int] = {}
        self._spool = Path("/dev/shm") / f"onecard-faults-{uuid.uuid4()}"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self._stop_thermals)
            self._start(stack)
            self._stack = stack.pop_all()
        for medium, cups in (*((medium, False) for medium in MEDIA), ("a4", True)):
            verdict = self.run(Point("clean", "nothing goes wrong", medium, cups=cups))
            assert not verdict.problems, verdict
            self._sizes[medium, cups] = self._carried
        return self

    @property
    def size(self) -> Size:
        """Of a clean visit."""
        return Size(*self._counts)

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self, stack: ExitStack) -> None:
        self._spool.mkdir(mode=0o711)
        stack.callback(shutil.rmtree, self._spool)
        self.central = stack.enter_context(CentralPlatform(self.folder))
        self.a4 = stack.enter_context(A4(self.folder / "pages"))
        self.a4.ask("pictures off")
        self._power_thermal()
        self.line = CentralLine(self.central.url)
        stack.callback(self.line.close)
        a4_port = urlparse(self.a4.uri).port or 0
        self._wires = {"slip": Wire(self._thermals[0].port), "a4": Wire(a4_port)}
        device = DeviceKey.create(self.folder / "device.pem")
        (self.folder / "device.pub").write_bytes(device.public_pem())
        self.central.register(TERMINAL_ID, self.folder / "device.pub")
        preload = {"LD_PRELOAD": str(compiled(self.folder))}
        self._job = {
            "central": self.line.url, "audience": self.central.url, "terminal": TERMINAL_ID,
            "seal_keys": json.loads(self.central.seal_keys()), "device_key": str(self.folder / "device.pem"),
            "card": str(self.central.personalise(PERSON, self.folder / "card.json", "--generation", "3")),
            "thermal": self._wires["slip"].port, "a4": f"ipp://localhost:{self._wires['a4'].port}/ipp/print",
            "reprint_wait": 0.3, "stays": 6.0,
        }  # fmt: skip
        self._terminal = stack.enter_context(Process("tests.faults.terminal", extra=preload))

    def _stop_thermals(self) -> None:
        for printer in self._thermals:
            printer.stop()

    @property
    def _thermal(self) -> Thermal:
        return self._thermals[-1]

    def _power_thermal(self) -> None:
        """A slip printer that was just switched on: nothing is in its memory, its port is the old one."""
        port = str(self._thermals[0].port) if self._thermals else "0"
        printer = Thermal(self.folder / f"slips-{len(self._thermals)}", "--port", port, "--speed", "60000")
        self._thermals.append(printer.__enter__())

    def _slips(self) -> list[Line]:
        return [slip for printer in self._thermals for slip in printer.slips]

    def run(self, point: Point) -> Verdict:
        """A visit in which this goes wrong, the terminal starts again, and everything is compared."""
        began = time.monotonic()
        self._runs += 1
        root = self.folder / f"run-{self._runs}"
        data, shadow = root / "disk" / "terminal", root / "shadow"
        shadow.mkdir(parents=True)
        data.parent.mkdir()
        known, slips, pages = self._documents(), len(self._slips()), len(self.a4.pages)
        self._prepare(point)
        self._job["reprint_wait"] = 4.0 if point.refill else 0.3
        self._job["spool"] = str(self._spool / "spool") if point.cups else ""
        watcher = SpoolerFault(self._spool / "spool", self.a4, *point.spooler) if point.spooler else None
        if watcher is not None:
            watcher.start()
        endings = [self._ask("visit", data, shadow, point.disk, point.medium)]
        missed = watcher is not None and not watcher.finish()
        if self._attendant is not None:
            self._attendant.join()
            self._attendant = None
        if point.family == "clean":
            self._counts = list(endings[0]["counts"])[:2]  # type: ignore[call-overload]  # JSON
        self._carried = self._wires[point.medium].carried
        self._wires[point.medium].join()
        self.line.plan()
        for fault in (point.second, None):
            if fault is not None or point.second is None:
                endings.append(self._ask("recover", data, shadow, fault, point.medium))
        self._repair()
        if point.spooler is not None:  # what a daemon left is printed by the next one, if ever
            endings.append(self._ask("visit", data, shadow, None, point.medium))
        endings.append(self._ask("recover", data, shadow, None, point.medium))
        self._settle()
        papers = self._papers(self._slips()[slips:], self.a4.pages[pages:], data)
        fresh = {number: state for number, state in self._documents().items() if number not in known}
        step, problems = judge(data, fresh, papers)
        problems += self._unexpected(endings) + (["its moment never came"] if missed else [])
        shutil.rmtree(root)
        return Verdict(point, step, sum(papers.values()), _words(endings[0]), tuple(problems), time.monotonic() - began)

    def _prepare(self, point: Point) -> None:
        for wire in self._wires.values():
            wire.restore()
        if point.central is not None:
            self.line.plan(*point.central)
        printer: Process = self._thermal if point.medium == "slip" else self.a4
        for command in point.switch:
            printer.ask(command)
        if point.refill:
            self._attendant = threading.Timer(REFILL_SECONDS, self._refill)
            self._attendant.start()
        if point.wire is not None:
            kind, share = point.wire
            after = round(share * self._sizes[point.medium, point.cups])
            self._wires[point.medium].plan(kind, after, lambda: self._act(kind, point.medium))

    def _act(self, kind: str, medium: str) -> None:
        if kind not in ("power off", "killed and restarted"):
            return
        again = kind == "killed and restarted"
        if medium == "a4":
            self.a4.ask("power-off")
            if again:
                self.a4.ask("online")
            return
        with self._power:
            self._thermal.child.kill()
            self._thermal.child.wait()
            if again:
                self._power_thermal()

    def _ask(self, action: str, data: Path, shadow: Path, fault: Fault | None, medium: str) -> Line:
        """Let the terminal do something, and pull the plug afterwards if that is the fault."""
        after = len(self._terminal.lines)
        job = {**self._job, "action": action, "data": str(data), "shadow": str(shadow), "medium": medium}
        job["fault"] = asdict(fault) if fault else None
        stdin = self._terminal.child.stdin
        assert stdin is not None
        stdin.write(json.dumps(job) + "\n")
        stdin.flush()
        ended = self._terminal.wait_for("ended", after, 60)
        said = [line for line in self._terminal.lines[after:] if line.get("event") == "said"]
        if fault is not None and fault.power and ended["status"] == -signal.SIGKILL:
            power_cut(data, shadow)
        return {**ended, **(said[0] if said else {})}

    def _repair(self) -> None:
        """What an attendant does: plug in, close, refill."""
        for wire in self._wires.values():
            wire.restore()
        with self._power:
            if self._thermal.child.poll() is not None:
                self._power_thermal()
        self._refill()
        self.a4.ask("delay 0")

    def _refill(self) -> None:
        for command in ("paper ok", "cover closed", "cutter ok", "silent off", "online", f"out-after {2**40}"):
            self._thermal.ask(command)
        for command in ("online", "paper ok", "cover closed", "clear", "tray 250"):
            self.a4.ask(command)

    def _settle(self) -> None:
        """Until the printers have nothing left to do."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            waiting = self._thermal.ask("status")["waiting"]
            if not waiting and not open_jobs(self.a4):
                break
            time.sleep(0.05)
        self._tear_off()
        time.sleep(0.12)  # the A4 simulator looks into its tray every 50 ms

    def _tear_off(self) -> None:
        """Whoever stands there takes what hangs out of the slip printer."""
        with socket.create_connection(("127.0.0.1", self._thermal.port), 2) as line:
            line.sendall(CUT + b"\x1dr\x01")
            line.settimeout(2)
            line.recv(16)

    def _papers(self, slips: list[Line], pages: list[Line], data: Path) -> Counter[str]:
        """How many whole papers of each number came out. A slip is whole when the byte after its last line was read."""
        found: Counter[str] = Counter()
        torn_off = [path for printer in self._thermals[:-1] if (path := printer.out / "hanging.bin").exists()]
        for path in (*(Path(str(slip["bin"])) for slip in slips), *torn_off):
            for part in path.read_bytes().split(CUT):
                if PROCESS_ID in part:
                    found.update(number.decode() for number in set(NUMBER.findall(part)))
        for path in torn_off:
            path.unlink()
        jobs = {job_name(entry.job_of(attempt)): entry for entry in entries(data) for attempt in range(1, 5)}
        for page in pages:
            entry = jobs.get(str(page["job"]))
            found[str(entry.doc_no if entry else page["job"])] += 1
        return found

    def _documents(self) -> dict[str, str]:
        """Number → state of everything that central issued."""
        with contextlib.closing(sqlite3.connect(self.central.database.removeprefix("sqlite:///"))) as database:
            return dict(database.execute("SELECT doc_no, state FROM documents WHERE doc_no IS NOT NULL").fetchall())

    @staticmethod
    def _unexpected(endings: list[Line]) -> list[str]:
        """Errors that nobody planned, and a last recovery that did not come to its end."""
        strange = [
            f"{line['error']}: {line['text']} {line['where']}"
            for line in endings
            if "error" in line and line["error"] not in EXPECTED
        ]
        hung = [f"hung: {line}" for line in endings if line["status"] == HUNG]
        return strange + hung + ([] if endings[-1].get("open") is not None else [f"no recovery: {endings[-1]}"])


def _words(ended: Line) -> str:
    status = ended["status"]
    if status == -signal.SIGKILL:
        return "killed"
    return str(ended.get("error") or ended.get("failure") or "printed")


def entries(data: Path) -> list[Entry]:
    """The journal's documents; none when the terminal died before it had a journal."""
    if not (data / "journal.db").exists():
        return []
    journal = Journal(data / "journal.db", data / "journal.key")
    found = journal.entries()
    journal.close()
    return found


def judge(data: Path, central: dict[str, str], papers: Counter[str]) -> tuple[str, list[str]]:
    """Doubled, lost, unaccounted: the journal against central's numbers and the paper that came out."""
    if not (data / "journal.db").exists():
        return "-", [f"{number} is {state} at central, there is no journal" for number, state in central.items()]
    journal = Journal(data / "journal.db", data / "journal.key")
    found, problems = journal.entries(), journal.verify()
    books = report(datetime.now().astimezone().date(), journal.lines(), found)
    journal.close()
    problems += list(books.problems)
    if books.issued != books.confirmed + books.voided + books.open:
        problems.append(f"the books don't add up: {books}")
    ours = {entry.doc_no: entry for entry in found if entry.doc_no is not None}
    problems += [f"lost: {number} is {state} at central" for number, state in central.items() if number not in ours]
    problems += [f"made up: {number}" for number in ours if number not in central]
    problems += [f"doubled: {count} papers of {number}" for number, count in papers.items() if count > 1]
    problems += [f"unaccounted: a paper of {number}" for number in papers if number not in ours]
    for entry in found:
        problems += _wrong(entry, central.get(entry.doc_no or ""), papers[entry.doc_no or ""])
    return (found[0].step.value if found else "-"), problems


def _wrong(entry: Entry, state: str | None, whole: int) -> list[str]:
    wanted = {Step.CONFIRMED: "printed", Step.VOIDED: "voided", Step.UNKNOWN: "issued"}.get(entry.step)
    if entry.step is Step.VOIDED and entry.doc_no is None:
        wanted = None
    found = []
    if entry.step not in (Step.CONFIRMED, Step.VOIDED, Step.UNKNOWN):
        found.append(f"left open: {entry.step.value}")
    elif state != wanted:
        found.append(f"{entry.doc_no} is {entry.step.value} here, {state} at central")
    if entry.step is Step.CONFIRMED and not whole:
        found.append(f"false yes: {entry.doc_no} is confirmed, no paper came out ({entry.detail})")
    if entry.step is Step.VOIDED and whole:
        found.append(f"a paper of {entry.doc_no} is out, but it is void ({entry.detail})")
    return found
