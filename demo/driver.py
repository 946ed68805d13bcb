"""Hands for a visit: touches the terminal's real widgets, waits for its states, keeps a record and pictures."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path

from PyQt6.QtCore import QEventLoop, Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from kiosk.app import Terminal
from kiosk.config import load_config
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session.state import OutOfService, State

SAFE = (int, float, str, bool, type(None))
HIDDEN = {"card", "record"}


class VisitFailed(Exception):
    """The visit did not go as it should; the message says what was expected and what was there."""


def safe_fields(value: object) -> dict[str, object]:
    """A dataclass as JSON values, without what is personal (cards and records)."""
    found: dict[str, object] = {"type": type(value).__name__}
    if is_dataclass(value):
        for field in fields(value):
            content = getattr(value, field.name)
            if field.name not in HIDDEN:
                found[field.name] = _safe(content)
    return found


def _safe(content: object) -> object:
    if isinstance(content, Enum):
        return content.name
    if isinstance(content, tuple):
        return [_safe(item) for item in content]
    if isinstance(content, SAFE):
        return content
    return safe_fields(content)


class Driver:
    """One terminal under our hands. `marks` holds the milliseconds since the tap of what was reached."""

    def __init__(self, config: Path, size: tuple[int, int] = (1080, 1920)) -> None:
        self.terminal = Terminal(load_config(config), observer=self._observe)
        self.terminal.window.resize(*size)
        self.terminal.window.show()
        self._check: Callable[[State], bool] = lambda _state: False
        self._loop: QEventLoop | None = None
        self._out: Path | None = None
        self._name, self._pictures, self._tapped = "", 0, time.monotonic()
        self._last_shown: tuple[object, ...] | None = None
        self.marks: dict[str, int] = {}
        self.terminal.start()

    @property
    def state(self) -> State:
        """The terminal's state now."""
        return self.terminal.state

    def record(self, name: str, out: Path) -> None:
        """Begin a visit's record in a folder of its own."""
        (out / "screens").mkdir(parents=True, exist_ok=True)
        for old in (out / "screens").glob("*.png"):
            old.unlink()
        (out / "events.jsonl").write_text("")
        self._out, self._name, self._pictures = out, name, 0
        self._tapped = time.monotonic()
        self.marks = {}
        self._last_shown = None
        self._picture(self.state)

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
            raise VisitFailed(f"expected {kind.__name__}, but there is {safe_fields(self.state.screen)}")
        return self.state

    def touch(self, name: str) -> None:
        """Touch a visible, enabled target by its object name."""
        QApplication.processEvents()  # widgets that a state made just now are shown by the loop
        for widget in self.terminal.window.findChildren(QWidget, name):
            if widget.isVisible() and widget.isEnabled():
                QTest.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]  # static in truth
                return
        raise VisitFailed(f"there is no {name!r} to touch on {type(self.state.screen).__name__}")

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

    def _observe(self, event: e.Event, state: State, commands: tuple[c.Command, ...]) -> None:
        if not isinstance(event, e.Tick):
            self._note(event, state, commands)
        if self._loop is not None and self._check(state):
            self._loop.quit()

    def _note(self, event: e.Event, state: State, commands: tuple[c.Command, ...]) -> None:
        if isinstance(event, e.DocumentEnded) and event.printed.failure is None:
            self.marks.setdefault(event.printed.medium.value, self.since_tap())
        if self._out is None:
            return
        line = {
            "ms": self.since_tap(),
            "event": safe_fields(event),
            "screen": safe_fields(state.screen),
            "commands": [safe_fields(command) for command in commands],
        }
        with (self._out / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._picture(state)

    def _picture(self, state: State) -> None:
        shown = (type(state.screen), getattr(state.screen, "step", None), state.ui, state.warned)
        if shown == self._last_shown or self._out is None:
            return
        self._last_shown = shown
        self._pictures += 1
        name = type(state.screen).__name__.lower()
        self.terminal.window.grab().save(str(self._out / "screens" / f"{self._pictures:02}-{name}.png"))
