"""BER-TLV as cards answer (ISO 7816-4, 5.2.2; X.690, 8.1.3): what an object's header says, and a template's fields."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

SEQUENCE = 0x30
FILLERS = (b"\x00", b"\xff")
LONGEST = 6
"""Bytes of a header: two of the tag, four of the length."""


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


def objects(template: bytes) -> Iterator[Header]:
    """Its objects one after the other, as far as they are whole; padding between them is passed over."""
    at = 0
    while True:
        while template[at : at + 1] in FILLERS:
            at += 1
        head = header(template[at : at + LONGEST])
        if head is None or at + head.end > len(template):
            return
        yield Header(head.tag, at + head.start, at + head.end)
        at += head.end


def fields(template: bytes) -> Mapping[int, bytes]:
    """Values by tag; of two objects with one tag the first."""
    found: dict[int, bytes] = {}
    for one in objects(template):
        found.setdefault(one.tag, template[one.start : one.end])
    return found
