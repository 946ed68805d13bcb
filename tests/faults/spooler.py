"""What happens to a CUPS daemon while it has a page: it, its backend or the terminal ends at a moment that is seen."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from demo.parts.devices import A4
from printing.spooler import leftovers

LOOK_SECONDS = 0.004


def _named(root: Path, program: str) -> list[int]:
    found = []
    for each in leftovers(root):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{each}/comm").read_text().strip() == program:
                found.append(each)
    return found


def _parent(process: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _kill(processes: list[int], how: signal.Signals) -> None:
    for each in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, how)


def open_jobs(a4: A4) -> bool:
    """Has the printer something left to do?"""
    command = ["ipptool", "-tv", a4.uri, "get-jobs.test"]
    return "job-id (integer)" in subprocess.run(command, capture_output=True, text=True, check=False).stdout


class SpoolerFault(threading.Thread):
    """Watches the spool's folder from outside, and acts once: `moment` and `act` as in points.SPOOLER_*."""

    def __init__(self, root: Path, a4: A4, moment: str, act: str) -> None:
        super().__init__(daemon=True)
        self._root, self._a4, self._over = root, a4, threading.Event()
        self._pages = len(a4.pages)
        self._seen, self._do = self._moments()[moment], self._acts()[act]
        self._acted = False

    def run(self) -> None:
        """Until it acted, or the visit is over."""
        while not self._over.wait(LOOK_SECONDS):
            if self._seen():
                self._do()
                self._acted = True
                return

    def finish(self) -> bool:
        """The visit is over; what was begun is done when this returns. False when the moment never came."""
        self._over.set()
        self.join()
        return self._acted

    def _moments(self) -> dict[str, Callable[[], object]]:
        root = self._root
        return {
            "it starts": lambda: _named(root, "cupsd"),
            "it has the queue": (root / "etc" / "printers.conf").exists,
            "it has the page": lambda: any(root.glob("spool/d*")),
            "its backend works": lambda: _named(root, "ipp"),
            "the printer works": lambda: open_jobs(self._a4),
            "the page is out": lambda: len(self._a4.pages) > self._pages,
        }

    def _acts(self) -> dict[str, Callable[[], object]]:
        root = self._root
        return {
            "cupsd SIGTERM": lambda: _kill(_named(root, "cupsd"), signal.SIGTERM),
            "cupsd SIGKILL": lambda: _kill(_named(root, "cupsd"), signal.SIGKILL),
            "cupsd SIGSTOP": lambda: _kill(_named(root, "cupsd"), signal.SIGSTOP),
            "backend SIGKILL": lambda: _kill(_named(root, "ipp"), signal.SIGKILL),
            "terminal SIGKILL": lambda: _kill([_parent(each) for each in _named(root, "cupsd")], signal.SIGKILL),
            "printer restarted": lambda: (self._a4.ask("power-off"), self._a4.ask("online")),
        }
