"""Writes visits as they happen: one JSON line for each event that changed or asked something.

Ticks come four times a second; one that did nothing but move the clock is written only when another event follows it.
A recording never stands in a visit's way: what can't be written is said once in the log and recording stops.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from kiosk.__version__ import VERSION
from kiosk.recording.codec import encode
from kiosk.recording.mask import masked_command, masked_event, masked_state, shown
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.matrix import Ignored
from kiosk.session.transition import decide

log = logging.getLogger(__name__)

FORMAT = 1
Write = Callable[[str], object]


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"


class Tape:
    """One recording. The clock of its ticks begins at 0; `milliseconds` says when an event came."""

    def __init__(
        self, write: Write, state: s.State, services: tuple[str, ...], milliseconds: Callable[[], int]
    ) -> None:
        self._write, self._start, self._milliseconds = write, state.now, milliseconds
        self._pending: tuple[e.Tick, s.State, s.State] | None = None
        begin = masked_state(_shifted(state, self._start))
        head = {"recording": FORMAT, "version": VERSION, "services": list(services), "state": encode(begin)}
        self._write(_line(head))

    def note(self, event: e.Event, before: s.State, after: s.State, commands: tuple[c.Command, ...]) -> None:
        """One event and what came of it."""
        if isinstance(event, e.Tick) and not commands and replace(after, now=before.now) == before:
            self._pending = (event, before, after)
            return
        if self._pending is not None and not isinstance(event, e.Tick):
            self._put(*self._pending, ())
        self._pending = None
        self._put(event, before, after, commands)

    def _put(self, event: e.Event, before: s.State, after: s.State, commands: tuple[c.Command, ...]) -> None:
        decision, masked = decide(before, event), masked_event(event)
        if isinstance(masked, e.Tick):
            masked = e.Tick(masked.now - self._start)
        line = {"ms": self._milliseconds(), "event": encode(masked)}
        if isinstance(decision, Ignored):
            line["ignored"] = decision.name
        line |= {"shown": shown(after), "commands": [encode(masked_command(command)) for command in commands]}
        self._write(_line(line))


def _stopwatch() -> Callable[[], int]:
    begun = time.monotonic()
    return lambda: round((time.monotonic() - begun) * 1000)


def _shifted(state: s.State, start: float) -> s.State:
    """The state on a clock that begins now."""
    deadline = None if state.deadline is None else state.deadline - start
    signed = None if state.signed_in_at is None else state.signed_in_at - start
    screen = state.screen
    if isinstance(screen, s.AwaitingRepair) and screen.ask_at is not None:
        screen = replace(screen, ask_at=screen.ask_at - start)
    return replace(state, screen=screen, now=0.0, deadline=deadline, signed_in_at=signed)


class VisitTapes:
    """The last visits of a terminal, one file each: `visit-000012.jsonl`."""

    def __init__(self, folder: Path, keep: int, services: tuple[str, ...]) -> None:
        self._folder, self._keep, self._services = folder, keep, services
        self._tape: Tape | None = None
        self._broken = False

    def note(self, event: e.Event, before: s.State, after: s.State, commands: tuple[c.Command, ...]) -> None:
        """Begins a recording with a card, ends it when nobody is there any more."""
        if self._broken:
            return
        try:
            if self._tape is None and _somebody(after):
                self._tape = Tape(self._new_file(), before, self._services, _stopwatch())
            if self._tape is not None:
                self._tape.note(event, before, after, commands)
                if not _somebody(after):
                    self._tape = None
        except OSError as error:
            self._broken = True
            log.warning("visits are not recorded any more: %s", error.strerror)

    def _new_file(self) -> Write:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        old = sorted(self._folder.glob("visit-*.jsonl"))
        for path in old[: max(0, len(old) - self._keep + 1)]:
            path.unlink()
        number = int(old[-1].stem.removeprefix("visit-")) + 1 if old else 1
        path = self._folder / f"visit-{number:06}.jsonl"
        path.touch(mode=0o600)

        def write(line: str) -> None:
            with path.open("a", encoding="utf-8") as file:
                file.write(line)

        return write


def _somebody(state: s.State) -> bool:
    return not isinstance(state.screen, s.Welcome | s.OutOfService)
