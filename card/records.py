"""EF05 and EF06 of the social-security card: which records there are, and bytes → typed values or a named refusal.

Tags and lengths: LD/T 32-2015 as seen in public code (card.md). Which encodings are read: docs/card-data.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from card import id_number
from card.dates import CardDate, decode_date, first_day, last_day
from card.errors import ContradictoryCard, EmptyRecord, ExpiredCard, NotGbk, TornRecord, WrongCheckDigit
from card.padding import PADDING, is_empty, is_filler
from card.text import CardName, decode_name

EF05_SHORT_ID, EF06_SHORT_ID = 0x05, 0x06
EF05, EF06 = 0xEF05, 0xEF06
CARD_ID, CARD_CLASS, VERSION, ISSUER, ISSUED, EXPIRES, CARD_NO = range(0x01, 0x08)
ID_NUMBER, NAME, SEX, ETHNIC, BIRTHPLACE, BIRTH_DATE = range(0x08, 0x0E)
NEEDED = {CARD_ID, VERSION, ISSUED, EXPIRES, ID_NUMBER, NAME, SEX, BIRTH_DATE}  # why: docs/card-data.md
INDISPENSABLE = {CARD_ID, VERSION, ID_NUMBER, NAME}


@dataclass(frozen=True)
class RecordPlace:
    """Where a record lives: file, record number, tag, length of its value in bytes. `needed`: a visit reads it."""

    file: int
    short_id: int
    number: int
    tag: int
    length: int
    needed: bool = True


PLACES = tuple(
    RecordPlace(EF05, EF05_SHORT_ID, number, number, length, number in NEEDED)
    for number, length in enumerate((16, 1, 4, 12, 4, 4, 9), start=1)
) + tuple(
    RecordPlace(EF06, EF06_SHORT_ID, number, 0x07 + number, length, 0x07 + number in NEEDED)
    for number, length in enumerate((18, 30, 1, 1, 3, 4), start=1)
)

GENERATIONS = {0x31: 1, 0x32: 2, 0x33: 3, 0x00: 2}  # by the version's first byte; 00 as public readers do (card.md)
CARD_ID_LENGTH = 16
GRAPHIC = bytes(range(0x21, 0x7F))
LISU = b"\x20"  # 傈僳族 in BCD, and not a blank
SEXES = {0x30: "0", 0x31: "1", 0x32: "2", 0x39: "9", 0x01: "1", 0x02: "2", 0x09: "9"}


@dataclass(frozen=True)
class HolderData:
    """EF06: the holder. `birthplace` GB/T 2260 (6 digits), `sex` GB/T 2261.1, `ethnic` GB/T 3304; '' = unknown.

    card/codes.py has their names. `id_converted`: the card has a 15-digit number, `id_no` is what it is today.
    `name_unreadable` and `name_truncated` tell what is missing in `name`: see CardName.
    """

    id_no: str
    name: str
    sex: str
    ethnic: str
    birthplace: str
    birth_date: CardDate | None
    id_converted: bool = False
    name_unreadable: tuple[int, ...] = ()
    name_truncated: bool = False


@dataclass(frozen=True)
class CardData:
    """EF05 and EF06, decoded. `card_id` 32 upper-case hex digits; dates None when the card doesn't say."""

    card_id: str
    card_class: str
    spec_version: str
    generation: int
    issuer_no: str
    issued: CardDate | None
    expires: CardDate | None
    card_no: str
    holder: HolderData

    def check_valid(self, today: date) -> None:
        """Raise ExpiredCard when the term is over; a card without a term has none, one with a year lasts it out."""
        if self.expires is not None and (last := last_day(self.expires)) < today:
            raise ExpiredCard(last)


def value_of(tag: int, record: bytes) -> bytes:
    """The value of one `tag len value` record, maybe padded behind; TornRecord when the three don't fit.

    A record of nothing but FF or 00 was never written: its value is empty.
    """
    if len(record) >= 2 and record[0] == tag:
        end = 2 + record[1]
        if end == len(record) or (end < len(record) and is_empty(record[end:])):
            return record[2:end]
    if not is_empty(record):
        raise TornRecord(tag)
    return b""


def _required(values: Mapping[int, bytes], tag: int) -> bytes:
    value = values.get(tag, b"")
    if is_empty(value):
        raise EmptyRecord(tag)
    return value


def _ascii(tag: int, value: bytes) -> str:
    text = value.strip(PADDING)
    if text.translate(None, GRAPHIC):
        raise TornRecord(tag)
    return text.decode("ascii")


def _date(tag: int, value: bytes) -> CardDate | None:
    try:
        return decode_date(value)
    except ValueError:
        raise TornRecord(tag) from None


def _code(tag: int, value: bytes, length: int) -> str:
    """`length` digits in BCD or ASCII; zeros are unknown."""
    if is_filler(value) and (tag, value) != (ETHNIC, LISU):
        return ""
    digits = value if len(value) == length else value.hex().encode()
    if len(digits) != length or not digits.isdigit():
        raise TornRecord(tag)
    return digits.decode() if digits.strip(b"0") else ""


def _sex(value: bytes) -> str:
    if is_empty(value):
        return ""
    if len(value) != 1 or value[0] not in SEXES:
        raise TornRecord(SEX)
    return SEXES[value[0]]


def _name(value: bytes) -> CardName:
    try:
        name = decode_name(value)
    except ValueError:  # of UnicodeDecodeError too, which holds the name: never chained
        raise NotGbk(NAME) from None
    if not name.text:
        raise EmptyRecord(NAME)
    return name


def _id_number(value: bytes) -> id_number.IdNumber:
    try:
        return id_number.parse(_ascii(ID_NUMBER, value))
    except id_number.WrongDigit:
        raise WrongCheckDigit(ID_NUMBER) from None
    except ValueError:
        raise TornRecord(ID_NUMBER) from None


def _card_id(value: bytes) -> str:
    if len(value) != CARD_ID_LENGTH:
        raise TornRecord(CARD_ID)
    if value.count(value[0]) == CARD_ID_LENGTH:  # a filler: it names no card
        raise EmptyRecord(CARD_ID)
    return value.hex().upper()


def _check_agreement(data: CardData, number: id_number.IdNumber) -> None:
    born, holder = data.holder.birth_date, data.holder
    if born is not None and not first_day(born) <= number.birth_date <= last_day(born):
        raise ContradictoryCard(ID_NUMBER, BIRTH_DATE)
    if holder.sex in ("1", "2") and number.male != (holder.sex == "1"):
        raise ContradictoryCard(ID_NUMBER, SEX)
    if data.issued is not None and data.expires is not None and first_day(data.issued) > last_day(data.expires):
        raise ContradictoryCard(ISSUED, EXPIRES)


def _holder(values: Mapping[int, bytes], number: id_number.IdNumber) -> HolderData:
    name = _name(_required(values, NAME))
    return HolderData(
        id_no=number.text,
        name=name.text,
        sex=_sex(values.get(SEX, b"")),
        ethnic=_code(ETHNIC, values.get(ETHNIC, b""), 2),
        birthplace=_code(BIRTHPLACE, values.get(BIRTHPLACE, b""), 6),
        birth_date=_date(BIRTH_DATE, values.get(BIRTH_DATE, b"")),
        id_converted=number.converted,
        name_unreadable=name.unreadable,
        name_truncated=name.truncated,
    )


def decode(values: Mapping[int, bytes]) -> CardData:
    """Typed card data from record values by tag; a record that was not read is like an empty one.

    Raises EmptyRecord for a card code, number or name that is not there, TornRecord for a value that can't be what its
    tag says, NotGbk for a name that is not text, WrongCheckDigit, and ContradictoryCard for records that can't both be
    true. Empty optional records give '' or None.
    """
    version = values.get(VERSION, b"")
    number = _id_number(_required(values, ID_NUMBER))
    data = CardData(
        card_id=_card_id(_required(values, CARD_ID)),
        card_class=values.get(CARD_CLASS, b"").hex().upper(),
        spec_version=_ascii(VERSION, version),
        generation=GENERATIONS.get(version[0], 0) if version else 0,
        issuer_no=values.get(ISSUER, b"").hex().upper(),
        issued=_date(ISSUED, values.get(ISSUED, b"")),
        expires=_date(EXPIRES, values.get(EXPIRES, b"")),
        card_no=_ascii(CARD_NO, values.get(CARD_NO, b"")),
        holder=_holder(values, number),
    )
    _check_agreement(data, number)
    return data
