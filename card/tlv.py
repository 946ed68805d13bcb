"""BER-TLV as cards answer (ISO 7816-4, 5.2.2; X.690, 8.1.3): what an object's header says, and a template's fields."""

from collections.abc import Mapping
from typing import NamedTuple


class Header(NamedTuple):
    """An object's tag, where its value begins, and where the whole object ends by its own word."""

    tag: int
    start: int
    end: int


def header(data: bytes) -> Header | None:
    """The header at the beginning; None when it is cut short, or of a form that no card needs (over 3 length bytes)."""
    at = 2 if data[:1] and data[0] & 0x1F == 0x1F else 1
    if len(data) <= at:
        return None
    tag, length, start = int.from_bytes(data[:at], "big"), data[at], at + 1
    if length & 0x80:
        start += length & 0x7F
        if not 0x81 <= length <= 0x83 or len(data) < start:
            return None
        length = int.from_bytes(data[at + 1 : start], "big")
    return Header(tag, start, start + length)


def fields(template: bytes) -> Mapping[int, bytes]:
    """Values by tag, as far as the objects are whole; padding between them is passed over."""
    found: dict[int, bytes] = {}
    rest = template.lstrip(b"\x00\xff")
    while (head := header(rest)) is not None and head.end <= len(rest):
        found.setdefault(head.tag, rest[head.start : head.end])
        rest = rest[head.end :].lstrip(b"\x00\xff")
    return found
