"""EF05 and EF06 of the social-security card: which records there are, and bytes → typed values or a named refusal.

Tags and lengths: LD/T 32-2015 as seen in public code (card.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from card.errors import EmptyRecord, ExpiredCard, NotGbk, TornRecord
from card.text import decode_bcd, decode_date, decode_name, is_empty

EF05_SHORT_ID, EF06_SHORT_ID = 0x05, 0x06
EF05, EF06 = 0xEF05, 0xEF06


@dataclass(frozen=True)
class RecordPlace:
    """Where a record lives: file, record number, tag, length of its value in bytes."""

    file: int
    short_id: int
    number: int
    tag: int
    length: int


PLACES = tuple(
    RecordPlace(EF05, EF05_SHORT_ID, number, number, length)
    for number, length in enumerate((16, 1, 4, 12, 4, 4, 9), start=1)
) + tuple(
    RecordPlace(EF06, EF06_SHORT_ID, number, 0x07 + number, length)
    for number, length in enumerate((18, 30, 1, 1, 3, 4), start=1)
)

GENERATIONS = {"1.00": 1, "2.00": 2, "32/0": 2, "3.00": 3}
ID_NUMBER_LENGTH = 18


@dataclass(frozen=True)
class HolderData:
    """EF06: the holder. `birthplace` GB/T 2260 (6 digits), `sex` GB/T 2261.1, `ethnic` GB/T 3304; '' = unknown."""

    id_no: str
    name: str
    sex: str
    ethnic: str
    birthplace: str
    birth_date: date | None


@dataclass(frozen=True)
class CardData:
    """EF05 and EF06, decoded. `card_id` 32 upper-case hex digits; dates None when the card doesn't say."""

    card_id: str
    card_class: str
    spec_version: str
    generation: int
    issuer_no: str
    issued: date | None
    expires: date | None
    card_no: str
    holder: HolderData

    def check_valid(self, today: date) -> None:
        """Raise ExpiredCard when the term is over; a card without a term has none."""
        if self.expires is not None and self.expires < today:
            raise ExpiredCard(self.expires)


def value_of(tag: int, record: bytes) -> bytes:
    """The value of one `tag len value` record; TornRecord when the three don't fit.

    A record of nothing but FF or 00 was never written: its value is empty.
    """
    if is_empty(record):
        return b""
    if len(record) < 2 or record[0] != tag or record[1] != len(record) - 2:
        raise TornRecord(tag)
    return record[2:]


def _required(values: Mapping[int, bytes], tag: int) -> bytes:
    value = values.get(tag, b"")
    if is_empty(value):
        raise EmptyRecord(tag)
    return value


def _ascii(tag: int, value: bytes) -> str:
    text = value.strip(b"\x00\x20\xff")
    if not all(0x20 < byte < 0x7F for byte in text):
        raise TornRecord(tag)
    return text.decode("ascii")


def _date(tag: int, value: bytes) -> date | None:
    try:
        return decode_date(value)
    except ValueError as error:
        raise TornRecord(tag) from error


def _digits(tag: int, value: bytes) -> str:
    if is_empty(value):
        return ""
    try:
        return decode_bcd(value)
    except ValueError as error:
        raise TornRecord(tag) from error


def _name(tag: int, value: bytes) -> str:
    try:
        name = decode_name(value)
    except UnicodeDecodeError as error:
        raise NotGbk(tag) from error
    if not name.isprintable():
        raise NotGbk(tag)
    return name


def _id_number(tag: int, value: bytes) -> str:
    text = _ascii(tag, value).upper()
    if len(text) != ID_NUMBER_LENGTH or not text[:17].isdigit() or text[17] not in "0123456789X":
        raise TornRecord(tag)
    return text


def _generation(spec_version: str) -> int:
    return GENERATIONS.get(spec_version[:4], 0)


def decode(values: Mapping[int, bytes]) -> CardData:
    """Typed card data from record values by tag.

    Raises EmptyRecord for a card code, number or name that is not there, TornRecord for a value that can't be what its
    tag says, NotGbk for a name that is not text. Empty optional records give '' or None.
    """
    card_id = _required(values, 0x01)
    if len(card_id) != 16:
        raise TornRecord(0x01)
    version = _ascii(0x03, values.get(0x03, b""))
    return CardData(
        card_id=card_id.hex().upper(),
        card_class=values.get(0x02, b"").hex().upper(),
        spec_version=version,
        generation=_generation(version),
        issuer_no=values.get(0x04, b"").hex().upper(),
        issued=_date(0x05, values.get(0x05, b"")),
        expires=_date(0x06, values.get(0x06, b"")),
        card_no=_ascii(0x07, values.get(0x07, b"")),
        holder=HolderData(
            id_no=_id_number(0x08, _required(values, 0x08)),
            name=_name(0x09, _required(values, 0x09)),
            sex=_ascii(0x0A, values.get(0x0A, b"")),
            ethnic=_digits(0x0B, values.get(0x0B, b"")),
            birthplace=_digits(0x0C, values.get(0x0C, b"")),
            birth_date=_date(0x0D, values.get(0x0D, b"")),
        ),
    )
