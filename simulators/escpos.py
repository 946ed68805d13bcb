"""Takes an ESC/POS byte stream apart into steps, incrementally. Draws nothing, answers nothing.

Command bytes are from the vendors' public command references; sizes of parameters decide how far to read.
"""

from dataclasses import dataclass

ESC, FS, GS, DLE, LF = 0x1B, 0x1C, 0x1D, 0x10, 0x0A


@dataclass(frozen=True)
class Text:
    """Bytes to print as characters in the current mode."""

    raw: bytes


@dataclass(frozen=True)
class Op:
    """One command: its name in the table, its parameter bytes."""

    name: str
    args: bytes


@dataclass(frozen=True)
class RealTime:
    """DLE EOT/ENQ/DC4: acted on as soon as it arrives, even when the printer can't print."""

    kind: int
    n: int


Token = Text | Op | RealTime

# command bytes → (name, number of parameter bytes)
FIXED: dict[bytes, tuple[str, int]] = {
    b"\x1b@": ("init", 0),
    b"\x1ba": ("align", 1),
    b"\x1bE": ("bold", 1),
    b"\x1bG": ("bold", 1),
    b"\x1b!": ("mode", 1),
    b"\x1bd": ("feed-lines", 1),
    b"\x1bJ": ("feed-dots", 1),
    b"\x1b2": ("default-spacing", 0),
    b"\x1b3": ("spacing", 1),
    b"\x1bt": ("code-page", 1),
    b"\x1bR": ("charset", 1),
    b"\x1b-": ("underline", 1),
    b"\x1bM": ("font", 1),
    b"\x1b{": ("upside-down", 1),
    b"\x1bV": ("rotate", 1),
    b"\x1b ": ("right-space", 1),
    b"\x1b$": ("absolute-position", 2),
    b"\x1c&": ("kanji-on", 0),
    b"\x1c.": ("kanji-off", 0),
    b"\x1c!": ("kanji-mode", 1),
    b"\x1c-": ("kanji-underline", 1),
    b"\x1cS": ("kanji-space", 2),
    b"\x1d!": ("size", 1),
    b"\x1dB": ("reverse", 1),
    b"\x1db": ("smooth", 1),
    b"\x1dL": ("left-margin", 2),
    b"\x1dW": ("area-width", 2),
    b"\x1da": ("auto-status", 1),
    b"\x1dr": ("transmit-status", 1),
    b"\x1dI": ("printer-id", 1),
    b"\x1dg": ("maintenance", 4),
    b"\x1dh": ("barcode-height", 1),
    b"\x1dw": ("barcode-width", 1),
    b"\x1dH": ("barcode-text", 1),
}
REAL_TIME_LENGTHS = {0x04: 1, 0x05: 1}


class Decoder:
    """Feed bytes, get whole tokens; keeps an unfinished command until the rest arrives."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[tuple[Token, bytes]]:
        """All tokens that are complete now, each with its own bytes."""
        self._buffer += data
        tokens: list[tuple[Token, bytes]] = []
        while self._buffer:
            step = self._next()
            if step is None:
                break
            token, length = step
            raw, self._buffer = self._buffer[:length], self._buffer[length:]
            if token is not None:
                tokens.append((token, raw))
        return tokens

    def clear(self) -> None:
        """Forget an unfinished command."""
        self._buffer = b""

    def _next(self) -> tuple[Token | None, int] | None:
        first = self._buffer[0]
        if first == DLE:
            return self._real_time()
        if first == LF:
            return Op("line-feed", b""), 1
        if first in (ESC, FS, GS):
            return self._command()
        if first < 0x20:
            return None, 1
        return self._text()

    def _text(self) -> tuple[Token, int] | None:
        """A run of characters; half a two-byte character waits for its other half."""
        end = 0
        while end < len(self._buffer) and self._buffer[end] >= 0x20:
            width = 2 if self._buffer[end] >= 0x81 else 1
            if end + width > len(self._buffer):
                break
            end += width
        return (Text(self._buffer[:end]), end) if end else None

    def _real_time(self) -> tuple[Token | None, int] | None:
        if len(self._buffer) < 3:
            return None
        kind, n = self._buffer[1], self._buffer[2]
        if kind in REAL_TIME_LENGTHS:
            return RealTime(kind, n), 3
        if kind == 0x14:
            length = 10 if n == 8 else 5
            return (RealTime(kind, n), length) if len(self._buffer) >= length else None
        return None, 1

    def _command(self) -> tuple[Token | None, int] | None:
        if len(self._buffer) < 2:
            return None
        known = FIXED.get(self._buffer[:2])
        if known:
            name, count = known
            if len(self._buffer) < 2 + count:
                return None
            return Op(name, self._buffer[2 : 2 + count]), 2 + count
        variable = VARIABLE.get(self._buffer[:2])
        return variable(self._buffer) if variable else (None, 2)


def _cut(buffer: bytes) -> tuple[Token, int] | None:
    if len(buffer) < 3:
        return None
    length = 4 if buffer[2] in (65, 66, 97, 98, 103, 104) else 3
    return (Op("cut", buffer[2:length]), length) if len(buffer) >= length else None


def _raster(buffer: bytes) -> tuple[Token, int] | None:
    if len(buffer) < 8:
        return None
    width, height = buffer[4] | buffer[5] << 8, buffer[6] | buffer[7] << 8
    length = 8 + width * height
    return (Op("raster", buffer[3:length]), length) if len(buffer) >= length else None


def _long(buffer: bytes) -> tuple[Token, int] | None:
    if len(buffer) < 5:
        return None
    length = 5 + (buffer[3] | buffer[4] << 8)
    if len(buffer) < length:
        return None
    return Op("long-" + chr(buffer[2]), buffer[5:length]), length


def _column_image(buffer: bytes) -> tuple[Token, int] | None:
    if len(buffer) < 5:
        return None
    columns = buffer[3] | buffer[4] << 8
    length = 5 + columns * (3 if buffer[2] in (32, 33) else 1)
    return (Op("column-image", buffer[2:length]), length) if len(buffer) >= length else None


def _tabs(buffer: bytes) -> tuple[Token, int] | None:
    end = buffer.find(b"\x00", 2)
    return (Op("tabs", buffer[2:end]), end + 1) if end >= 0 else None


VARIABLE = {
    b"\x1dV": _cut,
    b"\x1dv": _raster,
    b"\x1d(": _long,
    b"\x1c(": _long,
    b"\x1b(": _long,
    b"\x1b*": _column_image,
    b"\x1bD": _tabs,
}
