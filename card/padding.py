"""Bytes that stand for nothing on a card: NUL, blanks, FF (an unwritten record)."""

PADDING = b"\x00\x20\xff"


def is_empty(value: bytes) -> bool:
    """Nothing but padding, or nothing at all."""
    return not value.strip(PADDING)


def is_filler(value: bytes) -> bool:
    """One kind of padding throughout: where 20 00 00 00 may be the year 2000 and not a mixture of blanks."""
    return is_empty(value) and value.count(value[:1]) >= len(value)
