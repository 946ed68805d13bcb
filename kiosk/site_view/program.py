"""The program around the page: what it may take of the machine, what it hears, and what it says."""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.site_view.rules import BadRequest, read_place, read_request

if TYPE_CHECKING:
    from kiosk.site_view.page import SiteWindow

PR_SET_PDEATHSIG = 1
FLAGS = "--disable-gpu --disable-breakpad --no-pings --js-flags=--max-old-space-size=256"
MEMORY_MOST = 1_200_000_000
"""Bytes resident in all processes of the view, shared pages counted in each; an ordinary page takes 450 MB by this."""
WATCH_MS = 1000


def tell(**fields: object) -> None:
    """One line to the terminal; without a terminal there is nobody to be here for."""
    try:
        os.write(1, (json.dumps(fields) + "\n").encode())
    except OSError:
        os._exit(1)


def retreat() -> None:
    """Die with the terminal, leave no core, be the first that is ended when memory is short."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def settle_chromium() -> None:
    """Ours are the only switches. The sandbox is left out for root alone, whom Chromium refuses to sandbox."""
    for name in [name for name in os.environ if name.startswith("QTWEBENGINE")]:
        del os.environ[name]
    os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = FLAGS + (" --no-sandbox" if os.geteuid() == 0 else "")


def resident(group: int) -> int:
    """Bytes in memory of every process of a process group."""
    page, total = os.sysconf("SC_PAGE_SIZE"), 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        total += int(after_name[21]) * page if int(after_name[2]) == group else 0
    return total


class Lines:
    """Lines of standard input as the Qt loop comes by; the end of it is the end of the terminal."""

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take, self._kept = take, b""

    def read(self) -> None:
        """What is there now."""
        more = os.read(0, 65536)
        if not more:
            os._exit(0)
        *lines, self._kept = (self._kept + more).split(b"\n")
        for line in lines:
            self._take(line.decode())


def main(begun: Callable[["SiteWindow"], object] = lambda _window: None) -> int:
    """Read the request, show the page. It ends by `os._exit`: nothing here is worth an orderly end.

    `begun`: for programs that touch the page themselves, as the demo does.
    """
    retreat()
    settle_chromium()
    try:
        request = read_request(_first_line())
    except BadRequest as error:
        sys.stderr.write(f"site_view: {error}\n")
        return 2
    from PyQt6.QtCore import QSocketNotifier, QTimer
    from PyQt6.QtWidgets import QApplication

    from kiosk.site_view.page import Activity, SiteWindow

    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    window, activity = SiteWindow(request, told), Activity(told)
    application.installEventFilter(activity)
    lines = Lines(lambda line: window.show_at(read_place(line)))
    notifier = QSocketNotifier(0, QSocketNotifier.Type.Read)  # type: ignore[call-overload]  # takes an int
    notifier.activated.connect(lines.read)
    watch = QTimer()
    watch.timeout.connect(watch_memory)
    watch.start(WATCH_MS)
    begun(window)
    return application.exec()


def _first_line() -> str:
    """Byte by byte: what follows is for the Qt loop."""
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(0, 1)):
        line += byte
    return line.decode(errors="replace")


def told(**fields: object) -> None:
    """Tell, and end with what ends the page."""
    tell(**fields)
    if fields["event"] in ("failed", "closed"):
        os._exit(0)


def watch_memory() -> None:
    """A page that takes too much is ended."""
    if resident(os.getpgrp()) > MEMORY_MOST:
        told(event="failed", what="memory")
