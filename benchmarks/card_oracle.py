"""What a social-security card may be taken for, written from the standards' text and not from `card/`.

The fuzz run holds the decoder against this. It is slow and plain on purpose, and imports nothing of ours.
GB 11643-1999 (number), GB/T 2261.1 (sex), GB 18030-2022 (byte structure), ISO 7816-4 (tag, length, value),
docs/card-data.md (which encodings are read).
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

BLANK = (0x00, 0x20, 0xFF)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
GENERATION = {ord("1"): 1, ord("2"): 2, ord("3"): 3, 0: 2}
SEX = {ord("0"): "0", ord("1"): "1", ord("2"): "2", ord("9"): "9", 1: "1", 2: "2", 9: "9"}
# Unicode's Default_Ignorable_Code_Point with a category that counts as printable, Braille's blank, object replacement.
INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFFFC}
INVISIBLE_RANGES = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xFFF0, 0xFFF8), (0xE0100, 0xE0FFF))
# Blocks.txt of Unicode 17: CJK extensions to their ends, whatever edition this Python knows.
HAN_RANGES = ((0x2B700, 0x2B73F), (0x2B820, 0x2CEAF), (0x2EBF0, 0x2EE5D), (0x31350, 0x33479))
BLANK_POINTS = {0x20, 0x3000, 0xE5E5}


class Refuse(Exception):
    """This card may not be taken for anything."""


@dataclass(frozen=True)
class Expected:
    """What must come out of a card that may be accepted. `birth` in ISO form, '' when the card doesn't say."""

    id_no: str
    birth: str
    sex: str
    ethnic: str
    birthplace: str
    generation: int
    converted: bool


def blank(value: bytes) -> bool:
    """Only padding."""
    return all(byte in BLANK for byte in value)


def tlv(tag: int, record: bytes) -> bytes:
    """The value: exactly tag, length, that many bytes, then only padding; a blank record has none."""
    if record[:1] == bytes([tag]) and len(record) > 1:
        length, rest = record[1], record[2:]
        if len(rest) >= length and blank(rest[length:]):
            return rest[:length]
    if blank(record):
        return b""
    raise Refuse


def token(value: bytes) -> str:
    """Graphic ASCII characters between padding."""
    low, high = 0, len(value)
    while low < high and value[low] in BLANK:
        low += 1
    while high > low and value[high - 1] in BLANK:
        high -= 1
    if any(not 0x21 <= byte <= 0x7E for byte in value[low:high]):
        raise Refuse
    return "".join(map(chr, value[low:high]))


def digits(value: bytes, count: int) -> str:
    """`count` digits: one a byte in ASCII, or two a byte in BCD."""
    if len(value) == count:
        nibbles = [byte - 0x30 for byte in value]
    elif 2 * len(value) == count:
        nibbles = [nibble for byte in value for nibble in (byte >> 4, byte & 15)]
    else:
        raise Refuse
    if any(not 0 <= nibble <= 9 for nibble in nibbles):
        raise Refuse
    return "".join(map(str, nibbles))


def days_in(year: int, month: int) -> int:
    """Gregorian."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return MONTH_DAYS[month - 1] + leap


def day(value: bytes) -> tuple[int, int, int] | None:
    """(year, month, day), 0 for what is not known; None for a date that is not there."""
    if blank(value) and len(set(value)) <= 1:
        return None
    text = digits(value, 8)
    year, month, of_month = int(text[:4]), int(text[4:6]), int(text[6:])
    if not year and not month and not of_month:
        return None
    if year < 1800 or month > 12 or of_month > days_in(year, month or 1):
        raise Refuse
    return year, month, of_month if month else 0


def iso(known: tuple[int, int, int] | None) -> str:
    """ISO 8601, shortened to what is known."""
    if known is None:
        return ""
    year, month, of_month = known
    return f"{year:04}" + (f"-{month:02}" if month else "") + (f"-{of_month:02}" if of_month else "")


def check_digit(first17: str) -> str:
    """GB 11643-1999, 4.3: the weighted sum modulo 11."""
    return CHECK_DIGITS[sum(int(char) * weight for char, weight in zip(first17, WEIGHTS, strict=True)) % 11]


def number(value: bytes) -> tuple[str, bool]:
    """The 18 characters, and whether the card has 15."""
    text = token(value)
    old = len(text) == 15
    first17 = text[:6] + "19" + text[6:] if old else text[:17]
    if len(text) not in (15, 18) or any(char not in "0123456789" for char in first17):
        raise Refuse
    last = check_digit(first17)
    if not old and text[17] not in (last, last.lower()):
        raise Refuse
    year, month, of_month = int(first17[6:10]), int(first17[10:12]), int(first17[12:14])
    if not 1 <= month <= 12 or year < 1800 or not 1 <= of_month <= days_in(year, month):
        raise Refuse
    return first17 + last, old


def characters(raw: bytes) -> list[bytes]:
    """The one-, two- and four-byte characters of GB 18030, clause 5; half a character may end a full record."""
    found, at = [], 0
    while at < len(raw):
        size = 1 if raw[at] < 0x80 else 4 if raw[at + 1 : at + 2].isdigit() else 2
        if size > 1 and not 0x81 <= raw[at] <= 0xFE:
            raise Refuse
        unit = raw[at : at + size]
        if size == 4 and len(unit) > 2 and not 0x81 <= unit[2] <= 0xFE:
            raise Refuse
        if len(unit) < size:
            if len(raw) < 29:
                raise Refuse
            break
        found.append(unit)
        at += size
    return found


def seen(unit: bytes) -> bool:
    """Whether a character shows something; Refuse when it may not be in a name."""
    try:
        point = ord(unit.decode("gb18030"))
    except UnicodeDecodeError:
        raise Refuse from None
    category = unicodedata.category(chr(point))
    if point in BLANK_POINTS:
        return False
    if category == "Co" or any(low <= point <= high for low, high in HAN_RANGES):
        return True
    if category[0] in "CZ" or point in INVISIBLE or any(low <= point <= high for low, high in INVISIBLE_RANGES):
        raise Refuse
    return True


def name(value: bytes) -> None:
    """A name must show at least one character, and no character that hides something."""
    end = len(value)
    while end and value[end - 1] in BLANK:
        end -= 1
    if not sum(seen(unit) for unit in characters(value[:end])):
        raise Refuse


def agrees(first14: str, birth: tuple[int, int, int] | None) -> bool:
    """The number's birth date and what the record knows of it."""
    of_number = int(first14[6:10]), int(first14[10:12]), int(first14[12:14])
    return birth is None or all(known in (0, same) for known, same in zip(birth, of_number, strict=True))


def in_order(issued: tuple[int, int, int] | None, expires: tuple[int, int, int] | None) -> bool:
    """Whether the term can begin before it ends."""
    if issued is None or expires is None:
        return True
    year, month, of_month = expires
    latest = year, month or 12, of_month or 31
    return (issued[0], issued[1] or 1, issued[2] or 1) <= latest


def sex(value: bytes) -> str:
    """GB/T 2261.1, '' when not written."""
    if blank(value):
        return ""
    if len(value) != 1 or value[0] not in SEX:
        raise Refuse
    return SEX[value[0]]


def code(value: bytes, count: int) -> str:
    """A code of `count` digits, '' when not written or zero; one byte is BCD even where it looks like a blank."""
    if blank(value) and len(set(value)) <= 1 and not (count == 2 and value == b"\x20"):
        return ""
    text = digits(value, count)
    return "" if int(text) == 0 else text


def judge(records: Mapping[int, bytes]) -> Expected:
    """What must come out of these records; Refuse when nothing may."""
    values = dict.fromkeys(range(1, 14), b"") | {tag: tlv(tag, record) for tag, record in records.items()}
    card_code, version = values[0x01], values[0x03]
    if len(card_code) != 16 or blank(card_code) or len(set(card_code)) == 1:
        raise Refuse
    token(version)
    token(values[0x07])
    name(values[0x09])
    id_no, converted = number(values[0x08])
    issued, expires, birth = day(values[0x05]), day(values[0x06]), day(values[0x0D])
    of_record = sex(values[0x0A])
    if of_record in ("1", "2") and int(id_no[16]) % 2 != int(of_record) % 2:
        raise Refuse
    if not agrees(id_no, birth) or not in_order(issued, expires):
        raise Refuse
    generation = GENERATION.get(version[0], 0) if version else 0
    codes = of_record, code(values[0x0B], 2), code(values[0x0C], 6)
    return Expected(id_no, iso(birth), *codes, generation, converted)
