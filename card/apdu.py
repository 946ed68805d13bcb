"""Command and response APDUs (ISO 7816-3, 12.1; ISO 7816-4, 5.1-5.6) and the hardware port that carries them."""

from typing import NamedTuple, Protocol

from card.status_words import StatusWord

HEADER_LENGTH = 4
SHORT_LC, SHORT_LE = 255, 256
MAX_LE = 65536


class Answer(NamedTuple):
    """Response data and status word of one command; `sw` 0 when the card gave less than a status word."""

    data: bytes
    sw: int

    @property
    def ok(self) -> bool:
        """Status word 9000."""
        return self.sw == StatusWord.OK


class Channel(Protocol):
    """The whole hardware port: a card, or anything that answers like one."""

    def send(self, apdu: bytes | bytearray) -> Answer:
        """Transmit one command APDU. Raises CardError when no answer comes back."""
        ...


class Body(NamedTuple):
    """What follows the four header bytes: `lc` bytes of data beginning at `start`, and `le` (None: no Le field)."""

    start: int
    lc: int
    le: int | None
    extended: bool


def command(cla: int, ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = None) -> bytes:
    """A command APDU: short form where it fits, else extended. `le` counts bytes, 256 or 65536 = all there is."""
    header = bytes([cla, ins, p1, p2])
    if len(data) <= SHORT_LC and (le is None or le <= SHORT_LE):
        lc = bytes([len(data)]) if data else b""
        return header + lc + data + (b"" if le is None else bytes([le & 0xFF]))
    lc = b"\x00" + len(data).to_bytes(2, "big") if data else b""
    if le is None:
        return header + lc + data
    return header + lc + data + (b"" if data else b"\x00") + (le & 0xFFFF).to_bytes(2, "big")


def body_of(apdu: bytes | bytearray) -> Body:
    """A command's body, without a copy of its data. ValueError when the lengths don't fit (ISO 7816-3, 12.1.3)."""
    length = len(apdu)
    if length <= 5:
        return Body(5, 0, (apdu[4] or SHORT_LE) if length == 5 else None, extended=False)
    if apdu[4]:
        return _body(length, 5, apdu[4], apdu, extended=False)
    if length == 7:
        return Body(7, 0, int.from_bytes(apdu[5:7], "big") or MAX_LE, extended=True)
    return _body(length, 7, int.from_bytes(apdu[5:7], "big"), apdu, extended=True)


def _body(length: int, start: int, lc: int, apdu: bytes | bytearray, *, extended: bool) -> Body:
    rest = length - start - lc
    if rest not in (0, 2 if extended else 1):
        raise ValueError("the APDU's Lc does not fit its length")
    if rest == 0:
        return Body(start, lc, None, extended)
    le = int.from_bytes(apdu[length - rest :], "big")
    return Body(start, lc, le or (MAX_LE if extended else SHORT_LE), extended)


def with_le(apdu: bytes | bytearray, le: int) -> bytes:
    """The same command asking for `le` bytes; for commands with an Le field in short form."""
    return bytes(apdu[:-1]) + bytes([le & 0xFF])


def for_t0(apdu: bytes | bytearray) -> bytes | bytearray:
    """The command as T=0 carries it (ISO 7816-3, 12.2): always a fifth byte, and no Le behind data.

    61xx tells what there is to fetch. Readers that work on TPDUs pass on what they get: some call a card mute that was
    sent an Le behind data (pcsclite-muscle, February 2022). A PIN, which never has an Le, passes without a copy.
    """
    if len(apdu) == HEADER_LENGTH:
        return bytes(apdu) + b"\x00"
    body = body_of(apdu)
    return apdu[:-1] if body.lc and body.le is not None and not body.extended else apdu


def split_response(response: bytes) -> Answer:
    """Data and status word; a response too short for a status word counts as 0000."""
    if len(response) < 2:
        return Answer(b"", 0)
    return Answer(response[:-2], response[-2] << 8 | response[-1])
