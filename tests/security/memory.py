"""The memory of a running process, searched for a PIN in every form that it could have there."""

import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

BLOCK = 1 << 24
OVERLAP = 128


def writable_memory(pid: int) -> Iterator[bytes]:
    """Every writable mapping, in blocks that overlap. Freed memory is in it too."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, rights = line.split()[:2]
            if "w" not in rights:
                continue
            start, end = (int(part, 16) for part in place.split("-"))
            for at in range(start, end, BLOCK):
                try:
                    memory.seek(at)
                    yield memory.read(min(BLOCK + OVERLAP, end - at))
                except OSError:
                    break  # a mapping that can't be read: a device, or gone by now


def forms_of(pin: str, small_ints: Sequence[Sequence[int]] = ()) -> dict[str, bytes]:
    """What a copy of this PIN could look like: text, numbers of any width, packed digits, a Python list of numbers."""
    digits = [int(digit) for digit in pin]
    forms = {"packed": bytes(int(pin[at : at + 2], 16) for at in range(0, 6, 2)), "bytes": bytes(digits)}
    for width, code in ((1, "B"), (2, "H"), (4, "I"), (8, "Q")):
        forms[f"ASCII, {width} bytes a digit"] = struct.pack(f"<6{code}", *(0x30 + digit for digit in digits))
        if width > 1:
            forms[f"numbers of {width} bytes"] = struct.pack(f"<6{code}", *digits)
    for name, ids in zip(("list of digits", "list of ASCII codes"), small_ints, strict=False):
        forms[name] = struct.pack("<6Q", *(ids[digit] for digit in digits))
    return forms


def pattern_of(name: str, form: bytes) -> re.Pattern[bytes]:
    """How this form stands in memory by more than chance.

    Three packed bytes occur by chance; in a command they follow their length (Lc 03 or 06). Six ASCII digits occur in
    longer numbers: 764 others in each run, of 6,124, in hashes and addresses that dataclasses and pydantic write into
    source text; 4 of those stand alone. Two PINs side by side, as a change sends them, are a form of their own.
    """
    exact = re.escape(form)
    if name == "packed":
        return re.compile(b"[\x03\x06]" + exact)
    if name == "ASCII, 1 bytes a digit":
        return re.compile(b"(?<![0-9a-fA-F.])" + exact + b"(?![0-9a-fA-F])")
    return re.compile(exact)


def found_in(pid: int, forms: dict[str, bytes]) -> list[str]:
    """The forms that this process has in its memory now, each with the bytes around it."""
    patterns = {name: pattern_of(name, form) for name, form in forms.items()}
    found: dict[str, str] = {}
    for block in writable_memory(pid):
        for name, pattern in patterns.items():
            if forms[name] in block and (match := pattern.search(block)):  # a plain search is many times faster
                found[name] = f"{name}: {block[max(0, match.start() - 24) : match.end() + 24]!r}"
    return sorted(found.values())
