"""Faults of a card by name, on the way between chip and reader (docs/protocol.md, control lines)."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.apdu import OK
from simulators.vpcd import Silence

READ_RECORD, GET_RESPONSE = 0xB2, 0xC0
READER_GIVES_UP_SECONDS = 3.0
"""libccid's read time-out (DEFAULT_COM_READ_TIMEOUT)."""
MOST_GARBAGE = 64
FILLER = bytes(16)

Ask = Callable[[bytes], bytes]
Reply = bytes | Silence | None


@dataclass
class Fault:
    """One fault that is switched on.

    `left`: commands still answered well. `reading`: the last command that was not GET RESPONSE read a record.
    """

    name: str = "none"
    words: tuple[Any, ...] = ()
    left: int = 0
    reading: bool = False

    def due(self) -> bool:
        """Counts one command; True when the fault's time has come."""
        self.left -= 1
        return self.left < 0

    def exchange(self, command: bytes, ask: Ask) -> Reply:
        """The chip's answer as the reader gets it."""
        ins = command[1] if len(command) > 1 else -1
        self.reading = ins == READ_RECORD or (self.reading and ins == GET_RESPONSE)
        effect = EFFECTS.get(self.name)
        return effect(self, command, ask) if effect else ask(command)


def _pulled(fault: Fault, command: bytes, ask: Ask) -> Reply:
    return None if fault.due() else ask(command)


def _silent(fault: Fault, command: bytes, ask: Ask) -> Reply:
    return Silence(fault.words[1]) if fault.due() else ask(command)


def _garbage(fault: Fault, command: bytes, ask: Ask) -> Reply:
    return os.urandom(2 + os.urandom(1)[0] % MOST_GARBAGE) if fault.due() else ask(command)


def _status(fault: Fault, command: bytes, ask: Ask) -> Reply:
    word, ins = fault.words
    return bytes(word) if command[1:2] == ins else ask(command)


def _no_status_word(_fault: Fault, command: bytes, ask: Ask) -> Reply:
    answer = ask(command)
    return answer[:-2] or answer[:1]


def _long_answer(_fault: Fault, command: bytes, ask: Ask) -> Reply:
    answer = ask(command)
    return answer[:-2] + FILLER + answer[-2:] if len(answer) > 2 else answer


def _flipped(fault: Fault, command: bytes, ask: Ask) -> Reply:
    answer = ask(command)
    if not fault.reading or answer[:1] != fault.words[0] or len(answer) < 5:
        return answer
    return answer[:2] + bytes([answer[2] ^ 0x01]) + answer[3:]


def _on_records(spoil: Callable[[bytes], bytes]) -> Callable[[Fault, bytes, Ask], Reply]:
    def effect(_fault: Fault, command: bytes, ask: Ask) -> Reply:
        answer = ask(command)
        is_record = command[1:2] == bytes([READ_RECORD]) and answer[-2:] == OK
        return spoil(answer) if is_record else answer

    return effect


EFFECTS: dict[str, Callable[[Fault, bytes, Ask], Reply]] = {
    "6f00": _on_records(lambda _answer: b"\x6f\x00"),
    "torn-record": _on_records(lambda answer: answer[: len(answer) // 2] + OK),
    "remove-after": _pulled,
    "lift-after": _pulled,
    "silent-after": _silent,
    "garbage-after": _garbage,
    "status": _status,
    "no-status-word": _no_status_word,
    "long-answer": _long_answer,
    "flip-bit": _flipped,
}


def _bytes(count: int) -> Callable[[str], bytes]:
    def parse(text: str) -> bytes:
        value = bytes.fromhex(text)
        if len(value) != count:
            raise ValueError(f"{text!r} is not {count} byte(s) in hex")
        return value

    return parse


def _number(text: str) -> int:
    if int(text) < 0:
        raise ValueError(f"{text} is less than 0")
    return int(text)


def _amount(text: str) -> float:
    if not 0 <= float(text) < float("inf"):
        raise ValueError(f"{text} is not an amount of time")
    return float(text)


WORDS: dict[str, tuple[Callable[[str], Any], ...]] = {
    "none": (),
    "mute": (),
    "wrong-protocol": (),
    "torn-record": (),
    "6f00": (),
    "no-status-word": (),
    "long-answer": (),
    "remove-after": (_number,),
    "lift-after": (_number,),
    "silent-after": (_number, _amount),
    "garbage-after": (_number,),
    "status": (_bytes(2), _bytes(1)),
    "flip-bit": (_bytes(1),),
    "swap-on-reset": (str,),
    "latency-jitter": (_amount,),
}
DEFAULTS = {"silent-after": (str(READER_GIVES_UP_SECONDS),)}


def parse_fault(words: Sequence[str]) -> Fault:
    """A fault from its name and words; ValueError says what is wrong."""
    name, given = words[0], tuple(words[1:])
    if name not in WORDS:
        raise ValueError(f"unknown fault; known: {', '.join(WORDS)}")
    kinds = WORDS[name]
    if len(given) < len(kinds):
        given += DEFAULTS.get(name, ())
    if len(given) != len(kinds):
        raise ValueError(f"{name} takes {len(kinds)} word(s), not {len(words) - 1}")
    values = tuple(kind(word) for kind, word in zip(kinds, given, strict=True))
    return Fault(name, values, left=values[0] if name.endswith("-after") else 0)
