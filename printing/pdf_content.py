"""Ops as PDF content operators, with marked content and the structure elements behind it. Knows no file.

Fonts are Type 0 with two-byte glyph numbers (ISO 32000-1, 9.7). Marked content: 14.6 and 14.7.4.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from printing import fonts, glyphs
from printing.drawing import (
    FAINT,
    Box,
    Close,
    Colour,
    Op,
    Open,
    Page,
    Ring,
    Rule,
    Symbol,
    Text,
    Watermark,
)
from printing.watermark import turned

ARTIFACT = "Artifact"
DARK = re.compile(rb"\x01+")
QUIET = 4  # modules around a QR symbol
BEZIER = 0.5523  # a quarter of a circle as a cubic curve
STROKE = 0.028  # of the size, for bold: a second font would add 10 kB to each page


@dataclass
class Element:
    """A structure element: what it holds in reading order, elements or (page, marked-content number)."""

    tag: str
    detail: str
    kids: list[Union["Element", tuple[int, int]]] = field(default_factory=list)
    box: tuple[float, float, float, float] | None = None


class _Codes(dict[str, str]):
    """Character → its glyph's number in hexadecimal; a new character gets the next glyph."""

    def __init__(self, chosen: glyphs.Chosen) -> None:
        super().__init__((char, f"{number:04X}") for char, number in chosen.numbers.items())
        self.chosen = chosen

    def __missing__(self, char: str) -> str:
        self.chosen.add(char)
        code = self[char] = f"{self.chosen.numbers[char]:04X}"
        return code


@dataclass
class DocumentFonts:
    """The fonts of one document; names F1 (main), F2 … as they are needed."""

    prepared: Mapping[str, glyphs.Prepared]
    codes: dict[str, _Codes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def use(self, font: str) -> tuple[str, _Codes]:
        """Resource name and codes of a font."""
        if font not in self.codes:
            self.codes[font] = _Codes(self.of(font).chosen.copy())
            self.names[font] = f"F{len(self.names) + 1}"
        return self.names[font], self.codes[font]

    def of(self, font: str) -> glyphs.Prepared:
        """What was prepared of a font."""
        return self.prepared.get(font) or glyphs.prepared(font, "")


@dataclass
class Content:
    """The operators of one page, and the marks in them. `tree` is the document's structure while it is being read."""

    fonts: DocumentFonts
    tree: list[Element]
    page: int
    tagged: bool
    code: list[str] = field(default_factory=list)
    marks: list[Element] = field(default_factory=list)
    _marked: Element | None = None
    _fill: Colour | None = None
    _stroke: tuple[float, Colour] | None = None
    _font: tuple[str, float] | None = None
    _texts: tuple[float, bool] = (0.0, False)

    def write(self, page: Page) -> str:
        """All operators of a page."""
        if page.scale != 1:
            self.code.append(f"{page.scale:.5f} 0 0 {page.scale:.5f} 0 0 cm")
        for op in page.ops:
            WRITERS[type(op)](self, op)
        self._mark(None)
        return "\n".join(self.code)

    def open(self, op: Open) -> None:
        """A structure element begins."""
        element = Element(op.tag, op.detail)
        if op.tag != ARTIFACT:
            self.tree[-1].kids.append(element)
        self.tree.append(element)

    def close(self, op: Close) -> None:
        """The innermost ends."""
        del op
        self.tree.pop()

    def _mark(self, element: Element | None) -> None:
        """What follows belongs to this element (None: to nothing)."""
        if not self.tagged or element is self._marked:
            return
        if self._marked is not None:
            self.code.append("EMC")
        self._marked = element
        if element is None:
            return
        if element.tag == ARTIFACT:
            self.code.append("/Artifact BMC")
            return
        number = len(self.marks)
        self.marks.append(element)
        element.kids.append((self.page, number))
        self.code.append(f"/{element.tag} <</MCID {number}>> BDC")

    def _colour(self, colour: Colour) -> None:
        if colour != self._fill:
            self._fill = colour
            self.code.append(f"{rgb(colour)} rg")

    def _pen(self, width: float, colour: Colour) -> None:
        if (width, colour) != self._stroke:
            self._stroke = (width, colour)
            self.code.append(f"{width:g} w {rgb(colour)} RG")

    def text(self, op: Text) -> None:
        """One line, in as many pieces as it needs fonts. Bold is the same outline with a thin stroke."""
        if not op.text:
            return
        self._mark(self.tree[-1])
        self._colour(op.colour)
        if op.bold:
            self._pen(op.size * STROKE, op.colour)
        self._style(op)
        x = op.x
        for run in fonts.runs(op.text):
            name, codes = self.fonts.use(run.font)
            if self._font != (name, op.size):
                self._font = (name, op.size)
                self.code.append(f"/{name} {op.size:.4g} Tf")
            word = "".join(map(codes.__getitem__, run.text))
            self.code.append(f"BT {x:.2f} {op.y:.2f} Td <{word}> Tj ET")
            x += fonts.width(run.text, op.size) + op.spread * len(run.text)

    def _style(self, op: Text) -> None:
        style = (op.spread, op.bold)
        if style != self._texts:
            self._texts = style
            self.code.append(f"{op.spread:g} Tc {2 * op.bold} Tr")

    def rule(self, op: Rule) -> None:
        """A line."""
        self._mark(DECORATION)
        self._pen(op.width, op.colour)
        self.code.append(f"{op.x1:.2f} {op.y1:.2f} m {op.x2:.2f} {op.y2:.2f} l S")

    def box(self, op: Box) -> None:
        """A filled rectangle."""
        self._mark(DECORATION)
        self._colour(op.colour)
        self.code.append(f"{op.x:.2f} {op.y:.2f} {op.width:.2f} {op.height:.2f} re f")

    def ring(self, op: Ring) -> None:
        """A circle of four curves."""
        self._mark(DECORATION)
        self._pen(op.width, op.colour)
        x, y, r, c = op.x, op.y, op.radius, op.radius * BEZIER
        curves = (
            (x + r, y + c, x + c, y + r, x, y + r), (x - c, y + r, x - r, y + c, x - r, y),
            (x - r, y - c, x - c, y - r, x, y - r), (x + c, y - r, x + r, y - c, x + r, y),
        )  # fmt: skip
        body = " ".join(" ".join(f"{number:.2f}" for number in curve) + " c" for curve in curves)
        self.code.append(f"{x + r:.2f} {y:.2f} m {body} s")

    def symbol(self, op: Symbol) -> None:
        """The picture of the modules, without the quiet zone: 3 kB less than a rectangle for each run."""
        element = self.tree[-1]
        element.box = (op.x, op.y, op.x + op.side, op.y + op.side)
        self._mark(element)
        self._colour((0, 0, 0))
        margin = op.side * QUIET / (len(op.rows) + 2 * QUIET)
        side = op.side - 2 * margin
        self.code.append(f"q {side:.3f} 0 0 {side:.3f} {op.x + margin:.3f} {op.y + margin:.3f} cm /Code Do Q")

    def watermark(self, op: Watermark) -> None:
        """The picture of the words, turned around its middle."""
        self._mark(DECORATION)
        matrix = " ".join(f"{part:.2f}" for part in turned(op))
        self._colour(FAINT)
        self.code.append(f"q {matrix} cm /Watermark Do Q")


def rgb(colour: Colour) -> str:
    """Three operands."""
    return " ".join(f"{part:g}" for part in colour)


def dark_runs(row: bytes) -> list[tuple[int, int]]:
    """(start, length) of each run of dark modules."""
    return [(found.start(), found.end() - found.start()) for found in DARK.finditer(row)]


DECORATION = Element(ARTIFACT, "")
WRITERS: dict[type[Op], Callable[[Content, Any], None]] = {
    Text: Content.text, Rule: Content.rule, Box: Content.box, Ring: Content.ring, Symbol: Content.symbol,
    Watermark: Content.watermark, Open: Content.open, Close: Content.close,
}  # fmt: skip
