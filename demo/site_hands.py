"""`python -m demo.site_hands SOCKET`: the terminal's site view with a hand on it, for visits without people.

The view itself has no such door: no debugging port, no command. This program is the demo's own, opens a socket beside
the view and presses in its window as a finger does.
"""

import json
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QPoint, QSocketNotifier, Qt, QTimer
from PyQt6.QtTest import QTest

from kiosk.site_view import program

if TYPE_CHECKING:
    from kiosk.site_view.page import SiteWindow

CENTRE = """(() => { const found = document.querySelector(%s); if (!found) return null;
const box = found.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"""

PAINTED = """(() => { if (!window.painted) { window.painted = 1;
requestAnimationFrame(() => requestAnimationFrame(() => { window.painted = 2 })); } return window.painted; })()"""
FRAME_MS = 30


class Hand(QObject):
    """One command a connection, answered by one JSON line: `press CSS`, `reads TEXT` (once it does), `shot FILE`."""

    def __init__(self, window: "SiteWindow", path: str) -> None:
        super().__init__(window)
        self._window, self._verbs = window, {"press": self._press, "reads": self._reads, "shot": self._shot}
        self._waiting: list[tuple[str, socket.socket]] = []
        self._pressing: tuple[str, socket.socket] | None = None
        self._frames = QTimer(self)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self._look_for_frame)
        Path(path).unlink(missing_ok=True)
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(path)
        self._door.listen()
        self._bell = QSocketNotifier(self._door.fileno(), QSocketNotifier.Type.Read, self)  # type: ignore[call-overload]  # takes an int
        self._bell.activated.connect(self._greet)
        window.loadFinished.connect(self._look)

    def _greet(self) -> None:
        wire, _ = self._door.accept()
        with wire.makefile() as lines:
            verb, _, rest = lines.readline().strip().partition(" ")
        self._verbs[verb](rest, wire)

    def _press(self, selector: str, wire: socket.socket) -> None:
        """Once the page is painted: before that nobody sees what to press, and Chromium takes no input."""
        self._pressing = (selector, wire)
        self._frames.start()

    def _look_for_frame(self) -> None:
        page = self._window.page()
        if page is not None:
            page.runJavaScript(PAINTED, self._painted)

    def _painted(self, frames: object) -> None:
        page = self._window.page()
        if frames == 2 and self._pressing is not None and self._frames.isActive() and page is not None:
            self._frames.stop()
            page.runJavaScript(CENTRE % json.dumps(self._pressing[0]), self._press_at)

    def _press_at(self, centre: object) -> None:
        target, zoom = self._window.focusProxy(), self._window.zoomFactor()
        if isinstance(centre, list) and target is not None:
            at = QPoint(round(centre[0] * zoom), round(centre[1] * zoom))
            QTest.mouseClick(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)  # type: ignore[call-overload]  # static in truth
        if self._pressing is not None:
            _answer(self._pressing[1], isinstance(centre, list))

    def _reads(self, text: str, wire: socket.socket) -> None:
        self._waiting.append((text, wire))
        self._look()

    def _look(self, _loaded: bool = True) -> None:
        page = self._window.page()
        if page is not None:
            page.toPlainText(self._compare)

    def _compare(self, words: str | None) -> None:
        there = [one for one in self._waiting if one[0] in (words or "")]
        self._waiting = [one for one in self._waiting if one not in there]
        for _, wire in there:
            _answer(wire, True)

    def _shot(self, path: str, wire: socket.socket) -> None:
        _answer(wire, self._window.grab().save(path))


def _answer(wire: socket.socket, value: bool) -> None:
    with wire:
        wire.sendall(json.dumps(value).encode())


def begin(window: "SiteWindow") -> None:
    """The window keeps its hand."""
    window.setProperty("hand", Hand(window, sys.argv[1]))


if __name__ == "__main__":
    sys.exit(program.main(begin))
