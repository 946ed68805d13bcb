"""More processes behind one listening socket: they share nothing but the database.

The first one serves nobody: it starts the workers and puts another in the place of one that died. Each is made by
fork(2) before the database is opened and before there is a thread, the late ones too.
"""

import ctypes
import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

Body = Callable[[bool], None]
PR_SET_PDEATHSIG = 1
ENDS = (signal.SIGTERM, signal.SIGINT)
WAITED = (*ENDS, signal.SIGCHLD)
LIVED = 10.0
"""Seconds. A worker that lived so long died by accident and has a successor at once; others come slower and slower."""
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


@dataclass
class Place:
    """Where a worker is, or will be at `due` on the monotonic clock. `short`: lives in a row that were short."""

    first: bool
    pid: int = 0
    began: float = 0.0
    due: float = 0.0
    short: int = 0
    held: int = 0

    def take(self, pid: int) -> None:
        """A worker began here."""
        self.pid, self.began, self.held = pid, time.monotonic(), self.held + 1

    def leave(self, status: int) -> None:
        """It ended; when the next may come."""
        now = time.monotonic()
        self.short = 0 if now - self.began >= LIVED else self.short + 1
        pause = PAUSES[min(self.short, len(PAUSES)) - 1] if self.short else 0.0
        log.warning("worker %d ended (%s); another comes in %.1f s", self.pid, _cause(status), pause)
        self.pid, self.due = 0, now + pause

    def cannot_begin(self, status: int) -> bool:
        """Did the first worker here say by its exit that it can't serve? Then another couldn't either."""
        return self.held == 1 and status > 0 and time.monotonic() - self.began < LIVED


def working(count: int, body: Body) -> None:
    """Run `body` in `count` processes, `body(True)` in one of them, until SIGTERM or SIGINT; with 1, in this one."""
    if count == 1:
        body(True)
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, WAITED)
    places = [Place(first=number == 0) for number in range(count)]
    while True:
        mine = _started(places)
        if mine is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            body(mine.first)
            raise SystemExit(0)
        if _signal(places) in ENDS:
            _end(places)
            return
        for place, status in _dead(places):
            if place.cannot_begin(status):
                place.pid = 0
                _end(places)
                raise SystemExit(status)
            place.leave(status)


def _started(places: list[Place]) -> Place | None:
    """Start what is due. In a new worker: its place."""
    keeper = os.getpid()
    for place in places:
        if place.pid or place.due > time.monotonic():
            continue
        pid = os.fork()
        if pid == 0:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != keeper:  # it was gone before the kernel knew
                raise SystemExit(0)
            return place
        place.take(pid)
    return None


def _signal(places: list[Place]) -> int:
    """The next signal; SIGCHLD also when a place is due. None is lost: they are blocked, and kept until asked for."""
    due = [place.due for place in places if not place.pid]
    if not due:
        return signal.sigwaitinfo(WAITED).si_signo
    came = signal.sigtimedwait(WAITED, max(0.0, min(due) - time.monotonic()))
    return signal.SIGCHLD if came is None else came.si_signo


def _dead(places: list[Place]) -> list[tuple[Place, int]]:
    """Who ended, with the exit status, or minus the signal."""
    ended = []
    for place in places:
        if place.pid and (status := os.waitpid(place.pid, os.WNOHANG))[0]:
            ended.append((place, os.waitstatus_to_exitcode(status[1])))
    return ended


def _end(places: list[Place]) -> None:
    running = [place.pid for place in places if place.pid]
    for pid in running:
        os.kill(pid, signal.SIGTERM)
    for pid in running:
        os.waitpid(pid, 0)


def _cause(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"
