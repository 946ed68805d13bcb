"""Reads a recording and feeds it to the same core; says the first difference to what was recorded. No Qt, no clock."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.recording.codec import NotARecording, decode, encode
from kiosk.recording.mask import Shown, masked_command, shown
from kiosk.recording.tape import FORMAT
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.transition import transition


@dataclass(frozen=True)
class Moment:
    """One recorded event, and what was to be seen after it."""

    line: int
    milliseconds: int
    event: e.Event
    shown: Shown
    commands: list[Any]


@dataclass(frozen=True)
class Recording:
    """A whole visit."""

    services: tuple[str, ...]
    start: s.State
    moments: tuple[Moment, ...]


def read_recording(path: Path) -> Recording:
    """From a file. NotARecording (line and cause) or OSError."""
    lines = path.read_text(encoding="utf-8").splitlines()
    try:
        values = [json.loads(line) for line in lines]
        head = values[0]
        if head.get("recording") != FORMAT:
            raise NotARecording(f"it is of format {head.get('recording')}, this version reads {FORMAT}")
        moments = tuple(_moment(number, line) for number, line in enumerate(values[1:], start=2))
        return Recording(tuple(head["services"]), decode(head["state"]), moments)
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        raise NotARecording(f"{path} is not a recording of a visit ({error!r}).") from error
    except NotARecording as error:
        raise NotARecording(f"{path} can't be replayed: {error}.") from error


def _moment(number: int, line: dict[str, Any]) -> Moment:
    return Moment(number, line["ms"], decode(line["event"]), line["shown"], line["commands"])


def replay(recording: Recording) -> Iterator[tuple[Moment, s.State, str | None]]:
    """Each moment, the state reached, and the first difference there (None when all is as recorded)."""
    state = recording.start
    for moment in recording.moments:
        state, commands = transition(state, moment.event)
        asked = [encode(masked_command(command)) for command in commands]
        yield moment, state, difference(moment, shown(state), asked)


def difference(moment: Moment, seen: Shown, asked: list[Any]) -> str | None:
    """The first field in which what is seen now is not what was recorded."""
    name = type(moment.event).__name__
    for field in sorted({*seen, *moment.shown}):
        if seen.get(field) != moment.shown.get(field):
            recorded, now = (_short(values.get(field)) for values in (moment.shown, seen))
            return f"line {moment.line}, {name}: {field} was {recorded}, is {now}"
    if asked != moment.commands:
        return f"line {moment.line}, {name}: asked for {_short(moment.commands)}, now for {_short(asked)}"
    return None


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else f"{text[:157]}..."
