"""A name as cards store it: GBK or GB 18030, padded to 30 bytes. Bytes in, text and what is wrong with it out."""

import codecs
import re
from typing import NamedTuple

from card.padding import PADDING

# Python's codecs follow GB 18030-2000 and give private-use code points for characters that have a place in Unicode.
# A8BC since GB 18030-2005; the six of plane 2 are named in GB/T 22321.1-2018 (their two-byte codes are dropped in
# GB 18030-2022); the other 18 changed in GB 18030-2022. All but the six also stand in the Encoding Standard's
# index-gb18030 of 2024-09-18, with which this table was compared by program.
PRIVATE_USE = {
    0xE7C7: 0x1E3F,
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE831: 0x215D7, 0xE83B: 0x2298F, 0xE855: 0x241FE,
    0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8, 0xE843: 0x9FB9, 0xE854: 0x9FBA,
    0xE864: 0x9FBB,
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16,
    0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19,
}  # fmt: skip

UNREADABLE, TRUNCATED = "〓", "…"
MIDDLE_DOT = "·"
FULL_NAME = 29  # bytes; 30 is the record, and some issuers keep the last one for a NUL

_DOTS = dict.fromkeys(map(ord, "・•‧･∙⋅"), MIDDLE_DOT)
_BLANKS = {0x3000: " ", 0xE5E5: " "}  # A3A0 is an ideographic space in the Encoding Standard, private use in Python
_FORMS = PRIVATE_USE | _DOTS | _BLANKS | {0xFFFD: UNREADABLE}
_REPLACED = re.compile(f"[{''.join(map(chr, _FORMS))}]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
# Han of Unicode 15 to 17, which Python 3.11 (Unicode 14) takes for unassigned: extensions I, H, J, ends of B, C and E.
_NEWER_HAN = re.compile(
    "[\U0002b739-\U0002b73f\U0002cea2-\U0002ceaf\U0002ebf0-\U0002ee5d\U00031350-\U000323af\U000323b0-\U00033479]"
)
# Printable by category and yet nothing to see: default-ignorable code points (Unicode 14, DerivedCoreProperties) and
# the blank of Braille. The object replacement character stands for something that is not text.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\ufffc\U000e0100-\U000e0fff]"
)
_RUN_OF_BLANKS = re.compile(" {2,}")
_HALF_CHARACTER = re.compile(rb"[\x81-\xfe](?:[0-9][\x81-\xfe]?)?")
_gb18030 = codecs.getincrementaldecoder("gb18030")


class CardName(NamedTuple):
    """`text` ends with … when `truncated`; `unreadable`: positions in `text` of 〓, a character unknown to Unicode."""

    text: str
    unreadable: tuple[int, ...] = ()
    truncated: bool = False


def decode_name(value: bytes) -> CardName:
    """The name without its padding ('' when it is all blanks); UnicodeDecodeError or ValueError when it is no text.

    A character that is cut off where the record ends is what issuers leave of a long name: `truncated`.
    """
    raw = value.rstrip(PADDING)
    text, truncated = _whole_characters(raw)
    if _REPLACED.search(text):
        text = text.translate(_FORMS)
    text = _PRIVATE.sub(UNREADABLE, text)
    if " " in text:
        text = _RUN_OF_BLANKS.sub(" ", text).strip(" ")
    _check_visible(text)
    unreadable = tuple(at for at, char in enumerate(text) if char == UNREADABLE) if UNREADABLE in text else ()
    return CardName(text + TRUNCATED if truncated and text else text, unreadable, truncated)


def _whole_characters(raw: bytes) -> tuple[str, bool]:
    """The text, and whether half a character behind it was left out."""
    if len(raw) < FULL_NAME:
        return raw.decode("gb18030"), False
    decoder = _gb18030()
    text, rest = decoder.decode(raw), decoder.getstate()[0]
    if rest and not _HALF_CHARACTER.fullmatch(rest):  # the decoder waits for more behind 80 and FF as well
        raise ValueError("not gb18030")
    return text, bool(rest)


def _check_visible(text: str) -> None:
    if not text.isprintable():
        text = _NEWER_HAN.sub("", text)
        if not text.isprintable():
            raise ValueError("control, direction, zero-width or unassigned characters")
    if not text.isascii() and _INVISIBLE.search(text):
        raise ValueError("invisible characters")
