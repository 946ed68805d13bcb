"""What was said between terminal and card, for support and for tests: recorded, written, read.

The format is docs/protocol.md's `onecard-transcript/1`: JSON lines. `> 00A4..` / `< 9000` lines of other programs are
read as well. A PIN never gets into a transcript, not even before masking.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from card.apdu import Answer, Channel, body_of, split_response
from card.errors import CardError, PcscError
from card.pin import CHANGE, VERIFY

FORMAT = "onecard-transcript/1"
HIDDEN = "**"
"""Stands for one byte of a command that is not told, and matches any."""


NO_ANSWER = Answer(b"", 0)


class TranscriptError(ValueError):
    """Not a transcript, or the program sent something else than the transcript has; the message says where."""


@dataclass(frozen=True)
class Exchange:
    """One command (hex, `**` for a byte that is hidden) and what came back: data and status word, or a PC/SC code."""

    send: str
    answer: Answer = NO_ANSWER
    pcsc: int | None = None

    def matches(self, apdu: bytes | bytearray) -> bool:
        """Is this the command, hidden bytes aside?"""
        told = len(self.send.split(HIDDEN)[0]) // 2
        return len(self.send) == 2 * len(apdu) and self.send[: 2 * told] == apdu[:told].hex().upper()


@dataclass(frozen=True)
class Transcript:
    """`atr` and exchanges in order; `connect` is the PC/SC code when the card could not even be connected."""

    atr: bytes
    exchanges: tuple[Exchange, ...] = ()
    connect: int | None = None
    remarks: dict[str, object] = field(default_factory=dict)


def _secret(apdu: bytes | bytearray) -> bool:
    return apdu[1] in (VERIFY, CHANGE) and len(apdu) > 5


def command_text(apdu: bytes | bytearray) -> str:
    """A command in hex; the data of a PIN command hidden."""
    if _secret(apdu):
        return apdu[:5].hex().upper() + HIDDEN * (len(apdu) - 5)
    return apdu.hex().upper()


@dataclass(frozen=True)
class Recorder:
    """A layer that hands every exchange to `note`. Put it right above the port, below the layers that follow hints."""

    port: Channel
    note: Callable[[Exchange], None]

    def send(self, apdu: bytes | bytearray) -> Answer:
        """Transmit and note."""
        send = command_text(apdu)
        try:
            answer = self.port.send(apdu)
        except PcscError as error:
            self.note(Exchange(send, pcsc=error.code))
            raise
        self.note(Exchange(send, answer))
        return answer


def record(atr: bytes, port: Channel, work: Callable[[Channel], object]) -> tuple[Transcript, CardError | None]:
    """Do the work on a recorded port; the transcript, and the CardError that ended the work early."""
    exchanges: list[Exchange] = []
    try:
        work(Recorder(port, exchanges.append))
    except CardError as error:
        return Transcript(atr, tuple(exchanges)), error
    return Transcript(atr, tuple(exchanges)), None


def write(transcript: Transcript) -> str:
    """A transcript as JSON lines."""
    head: dict[str, object] = {"transcript": FORMAT, "atr": transcript.atr.hex().upper(), **transcript.remarks}
    if transcript.connect is not None:
        head["connect"] = f"{transcript.connect:08X}"
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in (head, *map(_line, transcript.exchanges)))


def _line(exchange: Exchange) -> dict[str, str]:
    if exchange.pcsc is not None:
        return {"send": exchange.send, "pcsc": f"{exchange.pcsc:08X}"}
    return {"send": exchange.send, "data": exchange.answer.data.hex().upper(), "sw": f"{exchange.answer.sw:04X}"}


def load(path: Path) -> Transcript:
    """Read a transcript file. TranscriptError says which line is wrong; OSError when it can't be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TranscriptError("It is no text in UTF-8.") from error
    return _json_lines(text) if text.lstrip().startswith("{") else _arrow_lines(text)


def _json_lines(text: str) -> Transcript:
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        head = json.loads(lines[0])
        if head.get("transcript") != FORMAT:
            raise TranscriptError(f"Line 1: not {FORMAT}.")
        connect = int(head["connect"], 16) if "connect" in head else None
        remarks = {key: value for key, value in head.items() if key not in ("transcript", "atr", "connect")}
        start = Transcript(bytes.fromhex(head.get("atr", "")), connect=connect, remarks=remarks)
    except (ValueError, AttributeError, TypeError) as error:
        raise TranscriptError(f"Line 1: {error}") from error
    return replace(start, exchanges=tuple(_exchanges(lines[1:])))


def _exchanges(lines: Iterable[str]) -> Iterator[Exchange]:
    for number, line in enumerate(lines, start=2):
        try:
            found = json.loads(line)
            if "pcsc" in found:
                yield Exchange(_command(found["send"]), pcsc=int(found["pcsc"], 16))
            else:
                yield Exchange(
                    _command(found["send"]), Answer(bytes.fromhex(found.get("data", "")), int(found["sw"], 16))
                )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TranscriptError(f"Line {number}: {error!r}") from error


def _command(text: str) -> str:
    plain = text.replace(" ", "").upper()
    body_of(bytes.fromhex(plain.replace(HIDDEN, "00")))
    if len(plain) < 8:
        raise ValueError("a command has at least four bytes")
    return plain


def _arrow_lines(text: str) -> Transcript:
    """`> command`, `< response with status word`, everything else is a remark."""
    exchanges: list[Exchange] = []
    send = None
    for number, line in enumerate(text.splitlines(), start=1):
        mark, rest = line[:1], line[1:].replace(" ", "").strip()
        try:
            if mark == ">":
                send = _command(rest)
            elif mark == "<" and send is not None:
                exchanges.append(Exchange(send, split_response(bytes.fromhex(rest))))
        except ValueError as error:
            raise TranscriptError(f"Line {number}: {error}") from error
    if not exchanges:
        raise TranscriptError("There is no `> command` with its `< response` in it.")
    return Transcript(b"", tuple(exchanges))
