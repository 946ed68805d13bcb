"""One pcscd for the machine, shared by all runs, and its two virtual slots, one for each run."""

import fcntl
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from demo.parts.process import PartFailed

SOCKET = Path("/run/pcscd/pcscd.comm")
SLOTS = (0, 1)
FIRST_PORT = 35963
LISTEN = "0A"
"""TCP_LISTEN in the state column of /proc/net/tcp."""
START_SECONDS = 10.0
PORT_SECONDS = 90.0
"""Longer than TIME_WAIT, for which the kernel may hold a port after its connection."""
CHILDREN: dict[int, subprocess.Popen[bytes]] = {}
"""The pcscd that this process started, to be waited for; another run may end it."""


def _shared(name: str) -> Path:
    return Path(tempfile.gettempdir()) / f"onecard-{name}"


@contextmanager
def _locked(path: Path, mode: int) -> Iterator[IO[str]]:
    with path.open("a+") as file:
        fcntl.flock(file, mode)
        yield file


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "pcscd" and "Z" not in _state(pid)
    except OSError:
        return False


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def _running() -> int | None:
    """Process id of any pcscd that is alive on this machine."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _alive(int(entry.name)):
            return int(entry.name)
    return None


def _listening() -> bool:
    """Do both virtual slots listen? Without, pcscd runs but has no reader until it is started again."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    ports = {int(fields[1].rsplit(":", 1)[1], 16) for fields in map(str.split, lines) if fields[3] == LISTEN}
    return {FIRST_PORT + number for number in SLOTS} <= ports


def _start() -> int:
    """A pcscd whose slots listen. Their ports lie in the range that Linux gives to outgoing connections: one of those
    may hold a port for a while (measured: "Address already in use" in pcscd's log), and then it is started again.
    """
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        pid = _start_once()
        if _listening() or time.monotonic() > deadline:
            return pid
        _end(pid, signal.SIGTERM)
        time.sleep(0.5)


def _start_once() -> int:
    SOCKET.unlink(missing_ok=True)
    log = _shared("pcscd.log").open("ab")
    child = subprocess.Popen(
        ["/usr/sbin/pcscd", "--foreground"],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    log.close()
    deadline = time.monotonic() + START_SECONDS
    while not SOCKET.exists():
        if child.poll() is not None or time.monotonic() > deadline:
            raise PartFailed(f"pcscd did not start; see {_shared('pcscd.log')}.")
        time.sleep(0.01)
    CHILDREN[child.pid] = child
    return child.pid


def _end(pid: int, number: int) -> None:
    """Send a signal and wait until the process is gone; a child of ours is waited for, another run's is watched."""
    os.kill(pid, number)
    child = CHILDREN.pop(pid, None)
    if child is not None:
        child.wait(START_SECONDS)
        return
    deadline = time.monotonic() + START_SECONDS
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)


class Daemon:
    """The machine's pcscd. Started when nobody had; ended by the last run that used the one we started."""

    def __init__(self) -> None:
        self._note = _shared("pcscd.pid")

    def start(self) -> None:
        """Make sure that one is running."""
        with _locked(_shared("pcscd.start"), fcntl.LOCK_EX):
            if _running() is None:
                self._note.write_text(str(_start()))

    def kill(self) -> None:
        """kill -9, as a fault; only the one that a run of ours started."""
        pid = self._ours()
        if pid is None:
            raise PartFailed("This pcscd was not started by a run of ours; it is left alone.")
        _end(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it, if it is ours."""
        with _locked(_shared("pcscd.start"), fcntl.LOCK_EX):
            pid = self._ours()
            if pid is not None:
                _end(pid, signal.SIGTERM)
                self._note.unlink(missing_ok=True)

    def _ours(self) -> int | None:
        try:
            pid = int(self._note.read_text())
        except (OSError, ValueError):
            return None
        return pid if _alive(pid) else None


@contextmanager
def pcscd() -> Iterator[Daemon]:
    """A running pcscd; the last run out ends the one that a run started."""
    daemon = Daemon()
    users = _shared("pcscd.users")
    with ExitStack() as stack:
        file = stack.enter_context(_locked(users, fcntl.LOCK_SH))
        daemon.start()
        try:
            yield daemon
        finally:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # another run still uses it
            else:
                daemon.stop()


@dataclass(frozen=True)
class SlotLease:
    """One virtual slot of the machine, ours until the lease ends."""

    number: int

    @property
    def reader(self) -> str:
        """The name that pcscd gives it."""
        return f"Virtual PCD 00 0{self.number}"


@contextmanager
def card_slot(timeout: float = 120.0) -> Iterator[SlotLease]:
    """Lease a free slot; waits for one when both are taken."""
    files = {number: _shared(f"slot-{number}.lock").open("a+") for number in SLOTS}
    try:
        yield SlotLease(_take(files, time.monotonic() + timeout))
    finally:
        for file in files.values():
            file.close()


def _take(files: Mapping[int, IO[str]], deadline: float) -> int:
    while time.monotonic() < deadline:
        for number, file in files.items():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            return number
        time.sleep(0.2)
    raise PartFailed("Both virtual card slots are taken by other runs; end one of them.")
