"""Hands for a visit: touches the terminal's real widgets, waits for its states, keeps a record and pictures."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QEventLoop, Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from kiosk.app import Terminal
from kiosk.config import load_config
from kiosk.recording.album import Album
from kiosk.recording.mask import shown
from kiosk.recording.tape import Tape
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session.state import OutOfService, State


class VisitFailed(Exception):
    """The visit did not go as it should; the message says what was expected and what was there."""


class Driver:
    """One terminal under our hands. `marks` holds the milliseconds since the tap of what was reached.

    `began`: seconds since 1970.
    """

    def __init__(self, config: Path, size: tuple[int, int] = (1080, 1920)) -> None:
        self.began = time.time()
        self.site_hand = str(config.parent / "site.sock")
        program = (sys.executable, "-m", "demo.site_hands", self.site_hand)
        self.terminal = Terminal(load_config(config), observer=self._observe, site_program=program)
        self.terminal.window.resize(*size)
        self.terminal.window.show()
        self._check: Callable[[State], bool] = lambda _state: False
        self._loop: QEventLoop | None = None
        self._tape: Tape | None = None
        self._album: Album | None = None
        self._name, self._tapped = "", time.monotonic()
        self.marks: dict[str, int] = {}
        self.terminal.start()

    @property
    def state(self) -> State:
        """The terminal's state now."""
        return self.terminal.state

    def record(self, name: str, out: Path) -> None:
        """Begin a visit's record in a folder of its own."""
        self._album = Album(out / "screens", self.terminal.window)
        events = out / "events.jsonl"
        events.write_text("")

        def write(line: str) -> None:
            with events.open("a", encoding="utf-8") as file:
                file.write(line)

        self._tape = Tape(write, self.state, self.terminal.config.terminal.services, self.since_tap)
        self._name, self._tapped = name, time.monotonic()
        self.marks = {}
        self._album.look(self.state)

    def tap(self) -> None:
        """The clock of this visit starts here."""
        self._tapped = time.monotonic()

    def since_tap(self) -> int:
        """Milliseconds since the tap."""
        return round((time.monotonic() - self._tapped) * 1000)

    def say(self, line: str) -> None:
        """One step, with milliseconds since the tap."""
        sys.stdout.write(f"{self.since_tap():>7} ms  {self._name}: {line}\n")
        sys.stdout.flush()

    def until(self, kind: type, timeout: float = 30, check: Callable[[State], bool] | None = None) -> State:
        """Wait for a screen; VisitFailed with what is there instead, at once when the terminal is out of service."""
        wanted, closed = check or (lambda _state: True), isinstance(self.state.screen, OutOfService)

        def ended(state: State) -> bool:
            return isinstance(state.screen, OutOfService) and not closed

        self._wait(lambda state: ended(state) or (isinstance(state.screen, kind) and wanted(state)), timeout)
        if not (isinstance(self.state.screen, kind) and wanted(self.state)):
            raise VisitFailed(f"expected {kind.__name__}, but there is {shown(self.state)['screen']}")
        return self.state

    def finds(self, name: str) -> QWidget | None:
        """A visible, enabled target by its object name."""
        QApplication.processEvents()  # widgets that a state made just now are shown by the loop
        found = self.terminal.window.findChildren(QWidget, name)
        return next((widget for widget in found if widget.isVisible() and widget.isEnabled()), None)

    def touch(self, name: str) -> None:
        """Touch it."""
        widget = self.finds(name)
        if widget is None:
            raise VisitFailed(f"there is no {name!r} to touch on {type(self.state.screen).__name__}")
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]  # static in truth

    def enter_pin(self, pin: str) -> None:
        """Six keys and the confirm key."""
        for count, digit in enumerate(pin, start=1):
            self.touch(f"pin_{digit}")
            self._wait(lambda state, count=count: getattr(state.screen, "length", None) == count, 5)  # type: ignore[misc]
        self.touch("pin_ok")

    def stop(self) -> None:
        """End the terminal."""
        self.terminal.stop()
        self.terminal.window.close()

    def _wait(self, check: Callable[[State], bool], timeout: float) -> None:
        if check(self.state):
            return
        self._check, self._loop = check, QEventLoop()
        timer = QTimer()
        timer.setSingleShot(True)
        timer.timeout.connect(self._loop.quit)
        timer.start(round(timeout * 1000))
        self._loop.exec()
        self._loop = None

    def _observe(self, event: e.Event, before: State, state: State, commands: tuple[c.Command, ...]) -> None:
        if isinstance(event, e.DocumentEnded) and event.printed.failure is None:
            self.marks.setdefault(event.printed.medium.value, self.since_tap())
        if self._tape is not None:
            self._tape.note(event, before, state, commands)
        if self._album is not None and not isinstance(event, e.Tick):
            self._album.look(state)
        if self._loop is not None and self._check(state):
            self._loop.quit()
