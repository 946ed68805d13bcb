"""Transcripts that other programs recorded: one card, said in every order and form that reads it."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest

from card import errors
from card.apdu import Answer, command
from card.channel import with_layers
from card.proof import read_certificate
from card.records import PLACES, RecordPlace
from card.replay import RecordedCard
from card.social_security import open_application, read_card
from card.transcript import Exchange, Transcript, TranscriptError, load
from tests.unit.card.records_of import GOOD

AID = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")
OK = Answer(b"", 0x9000)
FILES = sorted({place.file for place in PLACES})


def say(sent: bytes, answer: Answer = OK) -> Exchange:
    """One exchange."""
    return Exchange(sent.hex().upper(), answer)


def select(p1: int, p2: int, data: bytes, le: int | None = None) -> Exchange:
    """SELECT that went well."""
    return say(command(0, 0xA4, p1, p2, data, le))


def value(place: RecordPlace) -> bytes:
    """A whole record."""
    return bytes([place.tag, len(GOOD[place.tag])]) + GOOD[place.tag]


def read(place: RecordPlace, short_id: int, le: int = 256) -> list[Exchange]:
    """READ RECORD answered at once."""
    return [say(command(0, 0xB2, place.number, short_id << 3 | 4, le=le), Answer(value(place), 0x9000))]


def read_with_61(place: RecordPlace) -> list[Exchange]:
    """Of the selected file, as a T=0 card: the length first, then the record in two pieces."""
    data = value(place)
    half = len(data) // 2
    return [
        say(command(0, 0xB2, place.number, 4), Answer(b"", 0x6100 | len(data))),
        say(command(0, 0xC0, 0, 0, le=half), Answer(data[:half], 0x6100 | len(data) - half)),
        say(command(0, 0xC0, 0, 0, le=len(data) - half), Answer(data[half:], 0x9000)),
    ]


def read_with_6c(place: RecordPlace) -> list[Exchange]:
    """Of the selected file: the right length is told, the same command again."""
    wrong = say(command(0, 0xB2, place.number, 4, le=256), Answer(b"", 0x6C00 | len(value(place))))
    return [wrong, *read(place, 0, len(value(place)))]


def of(file: int) -> list[RecordPlace]:
    """A file's records, last one first."""
    return [place for place in PLACES if place.file == file][::-1]


def files(*parts: Sequence[list[Exchange]]) -> list[Exchange]:
    """EF06 before EF05: not our order."""
    return list(chain.from_iterable(chain.from_iterable(reversed(parts))))


BY_SHORT_ID = files(*([read(place, place.short_id) for place in of(file)] for file in FILES))
BY_IDENTIFIER = files(
    *([[select(0, 0, file.to_bytes(2, "big"))], *(read(place, 0) for place in of(file))] for file in FILES)
)
BY_PATH = files(
    *(
        [[select(8, 0x0C, b"\xdf\x01" + file.to_bytes(2, "big"))], *(read_with_6c(p) for p in of(file))]
        for file in FILES
    )
)
IN_PIECES = files(
    *([[select(2, 0, file.to_bytes(2, "big"), 256)], *(read_with_61(place) for place in of(file))] for file in FILES)
)
SELECTIONS = {"bare": (4, 0, AID), "no answer wanted": (4, 0x0C, AID), "first occurrence": (4, 0, AID, 256)}


@pytest.mark.parametrize("body", [BY_SHORT_ID, BY_IDENTIFIER, BY_PATH, IN_PIECES], ids=["short", "id", "path", "61"])
@pytest.mark.parametrize("selection", SELECTIONS.values(), ids=list(SELECTIONS))
def test_a_card_is_read_from_any_transcript_of_it(
    body: list[Exchange], selection: tuple[int, int, bytes, int | None]
) -> None:
    card = RecordedCard(Transcript(b"", (select(*selection), *body)))
    data = read_card(with_layers(card))
    assert (data.card_id, data.card_no, data.holder.id_no) == (
        GOOD[0x01].hex().upper(), "T00000001", GOOD[0x08].decode()
    )  # fmt: skip


def test_records_that_a_program_did_not_read_are_unknown() -> None:
    needed = [exchange for exchange in BY_IDENTIFIER if exchange.answer.data[:1] not in (b"\x07", b"\x0b", b"\x0c")]
    data = read_card(with_layers(RecordedCard(Transcript(b"", (select(4, 0, AID), *needed)))))
    assert (data.card_no, data.holder.ethnic, data.holder.birthplace) == ("", "", "")
    assert data.holder.sex == "1"


def test_a_file_that_a_program_did_not_read_is_not_there() -> None:
    with pytest.raises(errors.UnsupportedCard):
        read_card(with_layers(RecordedCard(Transcript(b"", (select(4, 0, AID), *BY_IDENTIFIER[7:])))))


def test_a_card_that_was_read_twice_is_read_twice() -> None:
    whole = Transcript(b"", (select(4, 0, AID), *BY_IDENTIFIER, select(4, 0, AID), *BY_IDENTIFIER))
    card = with_layers(RecordedCard(whole))
    assert [read_card(card).card_id for _ in range(3)] == [GOOD[0x01].hex().upper()] * 3


def test_the_certificate_is_found_in_its_file_and_not_in_another() -> None:
    certificate = b"\x30\x81\x64" + bytes(100)
    binary = [
        select(0, 0, b"\xef\x17"), say(command(0, 0xB0, 0, 0, le=256), Answer(b"another file", 0x9000)),
        select(0, 0, b"\xef\x15"), say(command(0, 0xB0, 0, 0, le=256), Answer(certificate, 0x9000)),
    ]  # fmt: skip
    card = RecordedCard(Transcript(b"", (select(4, 0, AID), *BY_SHORT_ID, *binary)))
    assert read_certificate(open_application(with_layers(card))) == certificate


def test_a_transcript_with_a_byte_order_mark_is_read_and_other_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "card.jsonl"
    path.write_bytes(
        b"\xef\xbb\xbf" + b'{"transcript": "onecard-transcript/1"}\r\n{"send": "00a40400", "sw": "9000"}\r\n'
    )
    assert load(path).exchanges == (Exchange("00A40400", OK),)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TranscriptError, match="UTF-8"):
        load(path)
