"""Ports that answer from a transcript: strictly as it went, or as the card that another program recorded."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from card import pcsc
from card.apdu import Answer, body_of
from card.layers import GET_RESPONSE
from card.status_words import MORE_DATA, StatusWord
from card.transcript import HIDDEN, Exchange, Transcript, TranscriptError, command_text

SELECT, READ_RECORD, READ_BINARY = 0xA4, 0xB2, 0xB0
BY_PATH = (0x08, 0x09)
WENT_WELL = (0x90, MORE_DATA, 0x62)


def connect(transcript: Transcript) -> None:
    """Raise what connecting raised when it was recorded."""
    if transcript.connect is not None:
        raise pcsc.error_for(transcript.connect, "connecting (replayed)")


class ReplayedCard:
    """The same commands in the same order, else TranscriptError."""

    def __init__(self, transcript: Transcript) -> None:
        self._left, self._count = list(transcript.exchanges), 0

    def send(self, apdu: bytes | bytearray) -> Answer:
        """What the card said."""
        self._count += 1
        if not self._left or not self._left[0].matches(apdu):
            expected = self._left[0].send if self._left else "nothing more"
            raise TranscriptError(f"Exchange {self._count}: sent {command_text(apdu)}, recorded: {expected}.")
        return _told(self._left.pop(0), apdu)


@dataclass
class _Said:
    """A recorded command, what fetched the rest of its answer, and the file that it was about."""

    exchange: Exchange
    file: str
    rest: list[Exchange]
    used: bool = False


class RecordedCard:
    """Any order, any Le, files selected and records addressed in any form: what counts is which record it was.

    A record that the transcript doesn't have is answered 6A83 where its file was read, everything else 6A82. A GET
    RESPONSE belongs to the command before it; one that was not recorded gives nothing.
    """

    def __init__(self, transcript: Transcript) -> None:
        self._said, self._rest, self._file = list(_said(transcript.exchanges)), list[Exchange](), ""

    def send(self, apdu: bytes | bytearray) -> Answer:
        """What the card said to this command, or to one that asks for the same."""
        if apdu[1] == GET_RESPONSE:
            return _told(self._rest.pop(0), apdu) if self._rest else Answer(b"", StatusWord.OK)
        file = _file_of(apdu, self._file)
        found = self._found(apdu, file)
        if found is None:
            return Answer(b"", self._refusal(apdu, file))
        found.used, self._rest = True, list(found.rest)
        if _went_well(found.exchange):
            self._file = file
        return _told(found.exchange, apdu)

    def _found(self, apdu: bytes | bytearray, file: str) -> _Said | None:
        """The closest one: to the letter, but for Le, the same file or record in another form; unused ones first."""
        there = [said for said in self._said if said.file == file or not _reads(apdu)]
        for same in SAMENESS:
            fitting = [said for said in there if same(said.exchange, apdu)]
            fresh = [said for said in fitting if not said.used]
            if fitting:
                return fresh[0] if fresh else fitting[-1]
        return None

    def _refusal(self, apdu: bytes | bytearray, file: str) -> StatusWord:
        of_this_file = (said for said in self._said if said.file == file and said.exchange.send[2:4] == "B2")
        if apdu[1] == READ_RECORD and any(map(_went_well, (said.exchange for said in of_this_file))):
            return StatusWord.RECORD_NOT_FOUND
        return StatusWord.FILE_NOT_FOUND


def _said(exchanges: Sequence[Exchange]) -> Iterator[_Said]:
    file, last = "", None
    for exchange in exchanges:
        apdu = bytes.fromhex(exchange.send.replace(HIDDEN, "00"))
        if apdu[1] == GET_RESPONSE and last is not None:
            last.rest.append(exchange)
            continue
        last = _Said(exchange, _file_of(apdu, file), [])
        if _went_well(exchange):
            file = last.file
        yield last


def _told(exchange: Exchange, apdu: bytes | bytearray) -> Answer:
    if exchange.pcsc is not None:
        raise pcsc.error_for(exchange.pcsc, f"sending INS {apdu[1]:02X} (replayed)")
    return exchange.answer


def _went_well(exchange: Exchange) -> bool:
    return exchange.pcsc is None and exchange.answer.sw >> 8 in WENT_WELL


def _reads(apdu: bytes | bytearray) -> bool:
    return apdu[1] in (READ_RECORD, READ_BINARY)


def _file_of(apdu: bytes | bytearray, current: str) -> str:
    """The file that a command is about, by its identifier's two bytes; a short id is the low bits of EFxx."""
    if apdu[1] == SELECT:
        return _data(apdu)[-2:].hex()
    short_id = {READ_RECORD: apdu[3] >> 3, READ_BINARY: apdu[2] & 0x1F if apdu[2] & 0x80 else 0}.get(apdu[1], 0)
    return f"ef{short_id:02x}" if short_id else current


def _data(apdu: bytes | bytearray) -> bytes:
    body = body_of(apdu)
    return bytes(apdu[body.start : body.start + body.lc])


def _plain(exchange: Exchange) -> bytes | None:
    return None if HIDDEN in exchange.send else bytes.fromhex(exchange.send)


def _same_but_le(exchange: Exchange, apdu: bytes | bytearray) -> bool:
    recorded = _plain(exchange)
    return recorded is not None and recorded[:4] == bytes(apdu[:4]) and _data(recorded) == _data(apdu)


def _same_target(exchange: Exchange, apdu: bytes | bytearray) -> bool:
    """SELECT of the same file by name, identifier or path; READ RECORD of the same number (in the same file)."""
    recorded = _plain(exchange)
    if recorded is None or recorded[1] != apdu[1]:
        return False
    if apdu[1] == SELECT:
        wanted = _data(apdu)
        return (_data(recorded)[-len(wanted) :] if recorded[2] in BY_PATH else _data(recorded)) == wanted
    return apdu[1] == READ_RECORD and recorded[2] == apdu[2]


SAMENESS: tuple[Callable[[Exchange, bytes | bytearray], bool], ...] = (Exchange.matches, _same_but_le, _same_target)
