"""The glyphs that one document uses of one font, as a TrueType program for a PDF, fast.

The glyphs that every document of a kind uses (its labels) are prepared once: numbered, joined and deflated. A document
adds its own behind them as a further deflate block, so that only those are compressed while someone waits
(RFC 1951 blocks may be concatenated after a full flush). The same document always gives the same bytes.
"""

import struct
import zlib
from dataclasses import dataclass, field
from functools import cache, lru_cache

from printing import fonts
from printing.outlines import rounded

LEVEL = 6
ENTRIES_PER_BLOCK = 100
COMPONENT_MORE, COMPONENT_WORDS, COMPONENT_SCALE, COMPONENT_XY, COMPONENT_2X2 = 0x20, 0x01, 0x08, 0x40, 0x80
CHECKSUM_OF_A_FONT = 0xB1B0AFBA
KEPT_TABLES = ("cvt ", "fpgm", "prep")


@dataclass
class Chosen:
    """Glyphs in the order of their new numbers. Number 0 is .notdef."""

    font: str
    numbers: dict[str, int] = field(default_factory=dict)
    old: dict[int, int] = field(default_factory=dict)
    outlines: list[bytes] = field(default_factory=list)
    metrics: list[tuple[int, int]] = field(default_factory=list)
    coarse: bool = False

    def add(self, text: str) -> None:
        """Number the characters that are new; each must be in the font.

        Characters that share a glyph get a copy each: WenKai has one for U+69E9 and U+3BA3, and a text must come back.
        """
        glyph_of = fonts.face(self.font).charToGlyph
        for char in text:
            if char not in self.numbers:
                self.numbers[char] = self._put(glyph_of[ord(char)])

    def add_missing(self) -> None:
        """Glyph 0 is .notdef in every font."""
        self._put(0)

    def _component(self, old: int) -> int:
        return self.old[old] if old in self.old else self._put(old)

    def _put(self, old: int) -> int:
        new = self.old[old] = len(self.outlines)
        self.metrics.append(_metrics(self.font)[old])
        self.outlines.append(b"")  # holds the place: components come behind
        found = outline(self.font, old)
        if self.coarse:
            found = rounded(found)
        if found[:2] >= b"\x80":
            found = self._composite(found)
        self.outlines[new] = found + b"\0" * (-len(found) % 4)
        return new

    def _composite(self, outline: bytes) -> bytes:
        """The same with its components' new numbers (OpenType specification, glyf table)."""
        data, place, flags = bytearray(outline), 10, COMPONENT_MORE
        while flags & COMPONENT_MORE:
            flags, old = struct.unpack_from(">HH", data, place)
            struct.pack_into(">H", data, place + 2, self._component(old))
            place += 8 if flags & COMPONENT_WORDS else 6
            place += (
                2 * bool(flags & COMPONENT_SCALE) + 4 * bool(flags & COMPONENT_XY) + 8 * bool(flags & COMPONENT_2X2)
            )
        return bytes(data)

    def copy(self) -> "Chosen":
        """A document's own, to go on with."""
        return Chosen(self.font, dict(self.numbers), dict(self.old), list(self.outlines), list(self.metrics))


def _table(font: str, tag: str) -> bytes:
    face = fonts.face(font)
    start, length = face.get_table_pos(tag)
    return bytes(face.get_chunk(start, length))


@cache
def _metrics(font: str) -> list[tuple[int, int]]:
    """Advance and left side bearing of every glyph in the font's own units (reportlab scales some to floats)."""
    raw, count = _table(font, "hmtx"), int(struct.unpack_from(">H", _table(font, "hhea"), 34)[0])
    found: list[tuple[int, int]] = list(struct.iter_unpack(">Hh", raw[: 4 * count]))
    return found + [(found[-1][0], side) for (side,) in struct.iter_unpack(">h", raw[4 * count :])]


def outline(font: str, number: int) -> bytes:
    """A glyph as it stands in the font's file."""
    face = fonts.face(font)
    start = face.get_table_pos("glyf")[0]
    first, last = face.glyphPos[number], face.glyphPos[number + 1]
    return bytes(face.get_chunk(start + first, last - first))


@dataclass(frozen=True)
class Prepared:
    """What is done before anybody waits: the glyphs that a kind of document always uses."""

    chosen: Chosen
    outlines: bytes
    deflated: bytes
    checksum: int


@lru_cache(maxsize=64)
def prepared(font: str, text: str) -> Prepared:
    """Number, join and deflate the glyphs of a text; .notdef is always the first."""
    chosen = Chosen(font, coarse=True)
    chosen.add_missing()
    chosen.add("".join(sorted(set(text))))
    outlines = b"".join(chosen.outlines)
    return Prepared(chosen, outlines, _deflated(outlines), checksum(outlines))


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)


def checksum(data: bytes) -> int:
    """Of a table (OpenType specification, table directory)."""
    padded = data + b"\0" * (-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF


@dataclass(frozen=True)
class Program:
    """A TrueType program: `deflated` is a zlib stream, `length` what it unpacks to."""

    deflated: bytes
    length: int


def packed(data: bytes) -> bytes:
    """A zlib stream."""
    return zlib.compress(data, LEVEL)


def program(before: Prepared, chosen: Chosen) -> Program:
    """The font program of a document's glyphs. `chosen` began as a copy of `before.chosen`."""
    own = b"".join(chosen.outlines[len(before.chosen.outlines) :])
    glyf_length = len(before.outlines) + len(own)
    glyf_sum = (before.checksum + checksum(own)) & 0xFFFFFFFF
    tables = {**fixed_tables(chosen.font), **sized_tables(chosen)}
    sizes = {"glyf": (glyf_length, glyf_sum), **{tag: (len(raw), checksum(raw)) for tag, raw in tables.items()}}
    directory, length = table_directory(sizes)
    whole = checksum(directory) + sum(total for _length, total in sizes.values())
    head = tables["head"]
    tables["head"] = head[:8] + struct.pack(">I", (CHECKSUM_OF_A_FONT - whole) & 0xFFFFFFFF) + head[12:]
    rest = b"".join(raw + b"\0" * (-len(raw) % 4) for raw in tables.values())
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    tail = packer.compress(own + rest) + packer.flush()
    adler = zlib.adler32(rest, zlib.adler32(own, zlib.adler32(before.outlines, zlib.adler32(directory))))
    deflated = b"\x78\x9c" + _deflated(directory) + before.deflated + tail + struct.pack(">I", adler)
    return Program(deflated, length)


def table_directory(sizes: dict[str, tuple[int, int]]) -> tuple[bytes, int]:
    """The table directory, and where the file ends. Tables lie in the order given, entries are sorted."""
    place, entries = 12 + 16 * len(sizes), {}
    for tag, (length, total) in sizes.items():
        entries[tag] = struct.pack(">4s3I", tag.encode(), total, place, length)
        place += length + -length % 4
    return _offset_table(len(sizes)) + b"".join(entries[tag] for tag in sorted(entries)), place


def _offset_table(count: int) -> bytes:
    power = count.bit_length() - 1
    search = 16 << power
    return struct.pack(">I4H", 0x00010000, count, search, power, count * 16 - search)


def fixed_tables(font: str) -> dict[str, bytes]:
    """Tables that instructions need, as they stand in the font's file."""
    return {tag: _table(font, tag) for tag in KEPT_TABLES if tag in fonts.face(font).table}


def sized_tables(chosen: Chosen) -> dict[str, bytes]:
    """head (checksum 0), hhea, maxp, hmtx and loca for these glyphs."""
    count = len(chosen.outlines)
    head, hhea, maxp = (bytearray(_table(chosen.font, tag)) for tag in ("head", "hhea", "maxp"))
    struct.pack_into(">I", head, 8, 0)  # checkSumAdjustment, known only in the end
    struct.pack_into(">h", head, 50, 1)  # indexToLocFormat: long
    struct.pack_into(">H", hhea, 34, count)
    struct.pack_into(">H", maxp, 4, count)
    places, place = [0], 0
    for outline in chosen.outlines:
        place += len(outline)
        places.append(place)
    return {
        "head": bytes(head), "hhea": bytes(hhea), "maxp": bytes(maxp),
        "hmtx": b"".join(struct.pack(">Hh", *pair) for pair in chosen.metrics),
        "loca": struct.pack(f">{count + 1}I", *places),
    }  # fmt: skip


def to_unicode(chosen: Chosen) -> bytes:
    """ToUnicode CMap: UTF-16BE, in blocks of at most 100 entries (ISO 32000-1, 9.10.3 and Adobe TN 5014)."""
    entries = [f"<{number:04X}> <{char.encode('utf-16-be').hex().upper()}>" for char, number in chosen.numbers.items()]
    blocks = [entries[start : start + ENTRIES_PER_BLOCK] for start in range(0, len(entries), ENTRIES_PER_BLOCK)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode()
