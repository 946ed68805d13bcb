"""Bytes that stand for nothing on a card: NUL, blanks, FF (an unwritten record)."""

PADDING = b"\x00\x20\xff"


def is_empty(value: bytes) -> bool:
    """Nothing but padding, or nothing at all."""
    return not value.strip(PADDING)
