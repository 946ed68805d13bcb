"""What a person would be recognised by, in every form in which it could lie on a disk; and the search for it."""

import base64
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

PERSONAL = {
    "name", "id_no", "subject_id_no", "person_no", "card_no", "spouse_name", "spouse_id_no", "cert_no", "reg_no",
    "hukou_addr", "live_addr",
}  # fmt: skip
TEXTS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
KEY = 6  # bytes; a shorter trace would be found by chance
DOCUMENTS = {"a PDF": b"%PDF-1.", "a slip": b"\x1b@\x1c&", "a picture": b"\x89PNG\r\n\x1a\n"}
PACKED = re.compile(rb"x[\x01\x5e\x9c\xda]|\x1f\x8b\x08")  # zlib (RFC 1950) and gzip (RFC 1952) as they are written
MOST_UNPACKED = 4_000_000
BLOCK = 4096


@dataclass(frozen=True)
class Trace:
    """One form of one value; `what` tells of whom and how without repeating it."""

    what: str
    pattern: bytes


def values(record: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """(field, value) of everything in a record that names a person."""
    if isinstance(record, dict):
        for name, value in record.items():
            yield from values(value, name)
    elif isinstance(record, list):
        for value in record:
            yield from values(value, field)
    elif field in PERSONAL and isinstance(record, str):
        yield field, record


def forms(value: str) -> Iterator[tuple[str, bytes]]:
    """A text as programs write it: code pages, JSON escapes, URLs, base64 at each of three phases, packed digits."""
    for code in TEXTS:
        yield code, value.encode(code)
    yield "JSON", json.dumps(value)[1:-1].encode()
    yield "URL", quote(value).encode()
    for phase in range(3):
        whole = base64.b64encode(b"\0" * phase + value.encode())
        yield "base64", whole[4 if phase else 0 : -4]
    if value.isdecimal() and len(value) >= 2 * KEY:
        yield "BCD", bytes.fromhex(value if len(value) % 2 == 0 else f"{value}F")
    if re.fullmatch(r"[0-9A-F]{32}", value):
        yield "bytes", bytes.fromhex(value)


def traces(person: int, found: Iterable[tuple[str, str]]) -> list[Trace]:
    """All forms that are long enough to be no accident."""
    made = {Trace(f"{field} of person {person} in {form}", raw) for field, value in found for form, raw in forms(value)}
    return [trace for trace in made if len(trace.pattern) >= KEY]


def unpacked(data: bytes) -> Iterator[bytes]:
    """What every compressed stream in it holds, wherever it begins and however it ends."""
    for start in PACKED.finditer(data):
        kind = 16 + zlib.MAX_WBITS if start.group() == b"\x1f\x8b\x08" else zlib.MAX_WBITS
        try:
            yield zlib.decompressobj(kind).decompress(data[start.start() :][: 4 * MOST_UNPACKED], MOST_UNPACKED)
        except zlib.error:
            continue


class Search:
    """Looks for traces in bytes; the same trace in the same place is told once."""

    def __init__(self, wanted: Iterable[Trace]) -> None:
        self._by_key: dict[bytes, list[Trace]] = defaultdict(list)
        documents = [Trace(name, pattern) for name, pattern in DOCUMENTS.items()]
        for trace in (*wanted, *(each for each in documents if len(each.pattern) >= KEY)):
            self._by_key[trace.pattern[:KEY]].append(trace)
        self._short = [each for each in documents if len(each.pattern) < KEY]

    def within(self, data: bytes) -> set[str]:
        """What is in these bytes, as they are and unpacked."""
        found = self._plain(data)
        for inner in unpacked(data):
            found |= {f"{what}, compressed" for what in self._plain(inner)}
        return found

    def _plain(self, data: bytes) -> set[str]:
        keys, found = self._by_key, {each.what for each in self._short if each.pattern in data}
        for at in range(len(data) - KEY + 1):
            key = data[at : at + KEY]
            if key in keys:
                found |= {each.what for each in keys[key] if data.startswith(each.pattern, at)}
        return found


def used_runs(image: Path) -> Iterator[bytes]:
    """Runs of blocks that were ever written, freed ones included; a block of zeros says nothing."""
    run: list[bytes] = []
    with image.open("rb") as file:
        while block := file.read(BLOCK):
            if block.count(0) != len(block):
                run.append(block)
            elif run:
                yield b"".join(run)
                run = []
    if run:
        yield b"".join(run)
