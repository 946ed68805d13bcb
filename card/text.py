"""Text and dates as cards store them: GBK with padding, BCD dates. Bytes in, values out."""

from datetime import date

# Python's codecs follow GB 18030-2000/GBK and give private-use code points for characters that have had a place in
# Unicode since 2005 and 2022 (printing.md section 2: the standard's mapping, not measured).
PRIVATE_USE = {
    0xE7C7: 0x1E3F,
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE831: 0x215D7, 0xE83B: 0x2298F, 0xE855: 0x241FE,
    0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8, 0xE843: 0x9FB9, 0xE854: 0x9FBA,
    0xE864: 0x9FBB,
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16,
    0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19,
}  # fmt: skip

PADDING = b"\x00\x20\xff"


def is_empty(value: bytes) -> bool:
    """Nothing but padding: NUL, blanks, FF (an unwritten record)."""
    return not value.strip(PADDING)


def decode_name(value: bytes) -> str:
    """GBK text without its padding; UnicodeDecodeError when it is not GBK.

    Decoded by gb18030, a superset that has the characters some issuers add; private-use results are mapped.
    """
    text = value.rstrip(PADDING).decode("gb18030")
    return text.translate(PRIVATE_USE).strip()


def decode_bcd(value: bytes) -> str:
    """BCD digits as text; ValueError when a nibble is not a digit."""
    digits = value.hex()
    if not digits.isdigit():
        raise ValueError("not BCD")
    return digits


def decode_date(value: bytes) -> date | None:
    """YYYYMMDD in BCD; None for 00000000, FFFFFFFF and blanks; ValueError otherwise when it is no date."""
    if is_empty(value) or not any(value):
        return None
    digits = decode_bcd(value)
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
