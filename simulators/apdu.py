"""Command APDUs taken apart (ISO 7816-4, 5.1), and the two bytes of a status word."""

from dataclasses import dataclass

OK = b"\x90\x00"


def status(word: int) -> bytes:
    """Two bytes of a status word."""
    return word.to_bytes(2, "big")


@dataclass(frozen=True)
class Apdu:
    """A command APDU taken apart; `le` None = no Le field, 0 means `most`."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes
    le: int | None
    most: int = 256

    @property
    def p1p2(self) -> int:
        """Both parameters as one number, as READ BINARY's offset."""
        return self.p1 << 8 | self.p2


def parse_apdu(raw: bytes, extended: bool = False) -> Apdu | None:
    """Cases 1-4, short form and, when the card can, the extended one; None when the length doesn't fit."""
    if len(raw) < 4:
        return None
    (cla, ins, p1, p2), body = raw[:4], raw[4:]
    width = 2 if extended and len(body) >= 3 and body[0] == 0 else 1
    parts = _parts(body[width - 1 :], width)
    return Apdu(cla, ins, p1, p2, *parts, most=1 << 8 * width) if parts else None


def _parts(body: bytes, width: int) -> tuple[bytes, int | None] | None:
    """Data and Le of a body whose length fields have `width` bytes."""
    if not body:
        return b"", None
    length = int.from_bytes(body[:width], "big")
    if len(body) == width:
        return b"", length
    data, rest = body[width : width + length], body[width + length :]
    if len(data) != length or len(rest) not in (0, width):
        return None
    return data, int.from_bytes(rest, "big") if rest else None
