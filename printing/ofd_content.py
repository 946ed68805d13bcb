"""Ops as OFD page objects: text, paths and pictures in millimetres from the page's top left (GB/T 33190-2016, 8 to 12).

Each object has its own coordinates inside its boundary, which clips. Knows no file.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from printing import fonts, glyphs
from printing.drawing import Box, Colour, Op, Page, Ring, Rule, Symbol, Text, Watermark
from printing.pdf_content import BEZIER, QUIET, STROKE, dark_runs
from printing.watermark import turned

POINT = 25.4 / 72
ASCENT, DESCENT = 1.0, 0.35  # of the size: no glyph of our fonts sticks out of it
BMP = "\uffff"


@dataclass
class Resources:
    """What the pages of one document share. Each thing in a document has a number of its own (7.4: ST_ID)."""

    last: int = 0
    fonts: dict[str, tuple[int, glyphs.Chosen]] = field(default_factory=dict)
    pictures: dict[str, int] = field(default_factory=dict)

    def number(self) -> int:
        """The next free one."""
        self.last += 1
        return self.last

    def font(self, name: str, text: str) -> int:
        """The font's number; it will have these characters."""
        if name not in self.fonts:
            self.fonts[name] = (self.number(), glyphs.prepared(name, "").chosen.copy())
        found, chosen = self.fonts[name]
        chosen.add(text)
        return found

    def picture(self, words: str) -> int:
        """The number of the picture of these words."""
        if words not in self.pictures:
            self.pictures[words] = self.number()
        return self.pictures[words]


class Extent(NamedTuple):
    """A rectangle on the page in millimetres, y down."""

    x: float
    y: float
    width: float
    height: float

    def written(self) -> str:
        """As ST_Box."""
        return " ".join(map(mm, self))


Point = tuple[float, float]


@dataclass
class OfdContent:
    """The objects of one page."""

    resources: Resources
    height: float
    unit: float

    @classmethod
    def of(cls, page: Page, resources: Resources) -> "OfdContent":
        """For a page whose points are scaled by its large print."""
        return cls(resources, page.height / page.scale, POINT * page.scale)

    def write(self, ops: Iterable[Op]) -> str:
        """All objects, in order. Rules of one kind that follow each other become one path."""
        found: list[str] = []
        for key, group in groupby((op for op in ops if type(op) in WRITERS or isinstance(op, Rule)), _pen_of):
            if key is not None:
                found.append(self._rules([op for op in group if isinstance(op, Rule)]))
            else:
                found += [WRITERS[type(op)](self, op) for op in group]
        return "".join(found)

    def at(self, x: float, y: float) -> Point:
        """A place of the layout in millimetres from the top left."""
        return x * self.unit, (self.height - y) * self.unit

    def _object(self, tag: str, extent: Extent, attributes: str, body: str) -> str:
        number = self.resources.number()
        start = f'<ofd:{tag} ID="{number}" Boundary="{extent.written()}"{attributes}'
        return f"{start}>{body}</ofd:{tag}>" if body else f"{start}/>"

    def text(self, op: Text) -> str:
        """One object for each font. Bold is the same outline with a thin stroke, as in the PDF."""
        size, x, found = op.size * self.unit, op.x, ""
        for run in fonts.runs(op.text):
            widths = [fonts.width(char, op.size) + op.spread for char in run.text]
            left, base = self.at(x, op.y)
            extent = Extent(left, base - ASCENT * size, sum(widths) * self.unit, (ASCENT + DESCENT) * size)
            font = self.resources.font(run.font, run.text)
            body = _colour("FillColor", op.colour)
            attributes = f' Font="{font}" Size="{mm(size)}"'
            if op.bold:
                attributes += f' Stroke="true" LineWidth="{mm(size * STROKE)}"'
                body += _colour("StrokeColor", op.colour)
            codes = _text_codes(run.text, [width * self.unit for width in widths], ASCENT * size)
            found += self._object("TextObject", extent, attributes, body + "".join(codes))
            x += sum(widths)
        return found

    def _path(self, extent: Extent, attributes: str, colour: str, data: str) -> str:
        return self._object(
            "PathObject", extent, attributes, f"{colour}<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData>"
        )

    def _rules(self, rules: list[Rule]) -> str:
        width, colour = rules[0].width * self.unit, rules[0].colour
        lines = [(self.at(rule.x1, rule.y1), self.at(rule.x2, rule.y2)) for rule in rules]
        extent = _around([point for line in lines for point in line], width)
        data = " ".join(f"M {_in(extent, start)} L {_in(extent, end)}" for start, end in lines)
        return self._path(extent, f' LineWidth="{mm(width)}"', _colour("StrokeColor", colour), data)

    def box(self, op: Box) -> str:
        """A filled rectangle."""
        left, top = self.at(op.x, op.y + op.height)
        extent = Extent(left, top, op.width * self.unit, op.height * self.unit)
        data = _rectangle(0, 0, extent.width, extent.height)
        return self._path(extent, FILLED, _colour("FillColor", op.colour), data)

    def ring(self, op: Ring) -> str:
        """A circle of four curves."""
        r, c, width = op.radius * self.unit, op.radius * self.unit * BEZIER, op.width * self.unit
        x, y = self.at(op.x, op.y)
        extent = _around([(x - r, y - r), (x + r, y + r)], width)
        m = r + width
        curves = (
            (m + r, m + c, m + c, m + r, m, m + r), (m - c, m + r, m - r, m + c, m - r, m),
            (m - r, m - c, m - c, m - r, m, m - r), (m + c, m - r, m + r, m - c, m + r, m),
        )  # fmt: skip
        data = f"M {mm(m + r)} {mm(m)} " + " ".join("B " + " ".join(map(mm, curve)) for curve in curves) + " C"
        return self._path(extent, f' LineWidth="{mm(width)}"', _colour("StrokeColor", op.colour), data)

    def symbol(self, op: Symbol) -> str:
        """Dark modules as rectangles, one for each run in a row."""
        side = op.side * self.unit
        module = side / (len(op.rows) + 2 * QUIET)
        data = " ".join(
            _rectangle((start + QUIET) * module, (number + QUIET) * module, length * module, module)
            for number, row in enumerate(op.rows) for start, length in dark_runs(row)
        )  # fmt: skip
        left, top = self.at(op.x, op.y + op.side)
        return self._path(Extent(left, top, side, side), FILLED, _colour("FillColor", (0, 0, 0)), data)

    def watermark(self, op: Watermark) -> str:
        """The picture of the words; its matrix carries the unit square, y down, to the page."""
        lies, u = turned(op), self.unit
        corners = [(0.0, 0.0), (lies.ax, lies.ay), (lies.ux, lies.uy), (lies.ax + lies.ux, lies.ay + lies.uy)]
        extent = _around([self.at(lies.x + x, lies.y + y) for x, y in corners], 0)
        top_left = self.at(lies.x + lies.ux, lies.y + lies.uy)
        shift = (top_left[0] - extent.x, top_left[1] - extent.y)
        matrix = " ".join(map(mm, (lies.ax * u, -lies.ay * u, -lies.ux * u, lies.uy * u, *shift)))
        return self._object(
            "ImageObject", extent, f' CTM="{matrix}" ResourceID="{self.resources.picture(op.words)}"', ""
        )


FILLED = ' Stroke="false" Fill="true"'


def _pen_of(op: Op) -> tuple[float, Colour] | None:
    return (op.width, op.colour) if isinstance(op, Rule) else None


def mm(value: float) -> str:
    """A length to a thousandth of a millimetre."""
    return f"{value:.3f}".rstrip("0").rstrip(".") if value > 0 or value < -0.0005 else "0"


def _colour(tag: str, colour: Colour) -> str:
    return f'<ofd:{tag} Value="{" ".join(str(round(part * 255)) for part in colour)}"/>'


def _around(points: list[Point], margin: float) -> Extent:
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    left, top = min(xs) - margin, min(ys) - margin
    return Extent(left, top, max(xs) + margin - left, max(ys) + margin - top)


def _in(extent: Extent, point: Point) -> str:
    return f"{mm(point[0] - extent.x)} {mm(point[1] - extent.y)}"


def _rectangle(x: float, y: float, width: float, height: float) -> str:
    return (
        f"M {mm(x)} {mm(y)} L {mm(x + width)} {mm(y)} L {mm(x + width)} {mm(y + height)} L {mm(x)} {mm(y + height)} C"
    )


def _text_codes(text: str, widths: list[float], base: float) -> Iterator[str]:
    """Characters with the way from each to the next. One beyond the BMP has a TextCode of its own:

    readers differ in whether it is one character or two (UTF-16), and would set the rest of the line wrongly.
    """
    places = [0.0]
    for width in widths:
        places.append(places[-1] + width)
    start = 0
    for _, group in groupby(enumerate(text), lambda pair: pair[0] if pair[1] > BMP else -1):
        length = sum(1 for _ in group)
        steps = _steps([round(place, 3) for place in places[start : start + length]])
        delta = f' DeltaX="{steps}"' if steps else ""
        part = escape(text[start : start + length])
        yield f'<ofd:TextCode X="{mm(places[start])}" Y="{mm(base)}"{delta}>{part}</ofd:TextCode>'
        start += length


def _steps(places: list[float]) -> str:
    """Differences, equal ones as `g count step` (11.3); rounded places, so that no error adds up."""
    found = []
    for step, group in groupby(mm(after - before) for before, after in pairwise(places)):
        count = sum(1 for _ in group)
        found.append(f"g {count} {step}" if count > 2 else " ".join([step] * count))
    return " ".join(found)


WRITERS: dict[type[Op], Callable[[OfdContent, Any], str]] = {
    Text: OfdContent.text, Box: OfdContent.box, Ring: OfdContent.ring, Symbol: OfdContent.symbol,
    Watermark: OfdContent.watermark,
}  # fmt: skip
