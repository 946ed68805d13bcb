"""The glyphs that one document uses of one font, as a whole TrueType file: OFD readers look characters up in its cmap.

Readers that show the page in a browser hand the file to its font sanitizer, which wants name, OS/2 and post as well.
Tables: OpenType specification. The same characters give the same bytes.
"""

import struct

from printing import glyphs
from printing.glyphs import CHECKSUM_OF_A_FONT, Chosen

FAMILY, SUBFAMILY, FULL, POSTSCRIPT, VERSION, UNIQUE = 1, 2, 4, 6, 5, 3
WINDOWS, UNICODE_BMP, UNICODE_FULL, US_ENGLISH = 3, 1, 10, 0x409
INSTALLABLE, REGULAR = 0, 0x40


def font_file(chosen: Chosen, name: str) -> bytes:
    """A font called `name` with these glyphs."""
    tables = {
        **glyphs.fixed_tables(chosen.font),
        **glyphs.sized_tables(chosen),
        "glyf": b"".join(chosen.outlines),
        "cmap": _cmap(chosen),
        "name": _name(name),
        "OS/2": _os2(chosen),
        "post": struct.pack(">iihhI4I", 0x00030000, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    sizes = {tag: (len(raw), glyphs.checksum(raw)) for tag, raw in tables.items()}
    directory, _length = glyphs.table_directory(sizes)
    whole = glyphs.checksum(directory) + sum(total for _size, total in sizes.values())
    head = tables["head"]
    tables["head"] = head[:8] + struct.pack(">I", (CHECKSUM_OF_A_FONT - whole) & 0xFFFFFFFF) + head[12:]
    return directory + b"".join(raw + b"\0" * (-len(raw) % 4) for raw in tables.values())


def _cmap(chosen: Chosen) -> bytes:
    """Format 4 for the BMP, which old readers want, and format 12 for everything."""
    pairs = sorted((ord(char), number) for char, number in chosen.numbers.items())
    bmp, full = _format_4([pair for pair in pairs if pair[0] < 0xFFFF]), _format_12(pairs)
    head = struct.pack(">HH", 0, 2)
    head += struct.pack(">HHI", WINDOWS, UNICODE_BMP, 20) + struct.pack(">HHI", WINDOWS, UNICODE_FULL, 20 + len(bmp))
    return head + bmp + full


def _format_4(pairs: list[tuple[int, int]]) -> bytes:
    """A segment for each character, and the last one that the format asks for."""
    codes = [code for code, _number in pairs] + [0xFFFF]
    deltas = [(number - code) & 0xFFFF for code, number in pairs] + [1]
    count = len(codes)
    power = count.bit_length() - 1
    search = 2 << power
    head = struct.pack(">7H", 4, 16 + 8 * count, 0, 2 * count, search, power, 2 * count - search)
    ends = starts = struct.pack(f">{count}H", *codes)
    return head + ends + b"\0\0" + starts + struct.pack(f">{count}H", *deltas) + bytes(2 * count)


def _format_12(pairs: list[tuple[int, int]]) -> bytes:
    groups = b"".join(struct.pack(">3I", code, code, number) for code, number in pairs)
    return struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(pairs)) + groups


def _name(name: str) -> bytes:
    words = {FAMILY: name, SUBFAMILY: "Regular", UNIQUE: name, FULL: name, VERSION: "Version 1.0", POSTSCRIPT: name}
    records, texts = b"", b""
    for number, text in sorted(words.items()):
        raw = text.encode("utf-16-be")
        records += struct.pack(">6H", WINDOWS, UNICODE_BMP, US_ENGLISH, number, len(raw), len(texts))
        texts += raw
    return struct.pack(">3H", 0, len(words), 6 + len(records)) + records + texts


def _os2(chosen: Chosen) -> bytes:
    """Version 4. Ascent and descent are those of hhea, so that every reader sets the same lines."""
    ascent, descent = struct.unpack_from(">hh", glyphs.sized_tables(chosen)["hhea"], 4)
    codes = [ord(char) for char in chosen.numbers if ord(char) <= 0xFFFF] or [0]
    start = struct.pack(">HhHHH", 4, 1000, 400, 5, INSTALLABLE) + struct.pack(">11h", *[0] * 11)
    middle = bytes(10) + struct.pack(">4I", 0, 0, 0, 0) + b"NONE"
    end = struct.pack(">3H", REGULAR, min(codes), max(codes)) + struct.pack(
        ">3hHH", ascent, descent, 0, ascent, -descent
    )
    return start + middle + end + struct.pack(">II", 0, 0) + struct.pack(">hhHHH", 0, 0, 0, 32, 0)
