"""A pen that moves down the pages: room, text that fits, lines that break. Knows no document."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from printing import fonts
from printing.breaking import broken
from printing.declaration import Align
from printing.drawing import INK, SOFT, Close, Colour, Op, Open, Text
from printing.words import Language, label

WIDTH, HEIGHT = 595.28, 841.89
LARGE = HEIGHT / WIDTH
"""Large print is the same layout on a landscape sheet: everything 1.41 times as big, nothing left out."""
MARGIN = 42.0
CONTENT = WIDTH - 2 * MARGIN
RIGHT = MARGIN + CONTENT
MIN_SIZE = 5.5


@dataclass(frozen=True)
class Style:
    """How a document is set: "zh", or "en" for Chinese with English beside it; large print or not."""

    language: Language
    large: bool = False

    @property
    def bilingual(self) -> bool:
        """Does English stand below the Chinese?"""
        return self.language == "en"

    @property
    def height(self) -> float:
        """Of a page, in the layout's own points."""
        return WIDTH / LARGE if self.large else HEIGHT

    @property
    def foot(self) -> float:
        """Where a page ends above its footer, which has a line more in a bilingual document."""
        return 74.0 if self.bilingual else 64.0


def fitted(text: str, size: float, room: float) -> float:
    """The size at which the text fits the room, not below MIN_SIZE."""
    needed = fonts.width(text, size)
    return size if needed <= room else max(MIN_SIZE, size * room / needed)


def wrapped(text: str, size: float, room: float) -> list[str]:
    """Lines that fit the room."""
    return broken(text, room, lambda part: fonts.width(part, size))


def at_right(x: float, y: float, text: str, size: float, colour: Colour = INK, bold: bool = False) -> Text:
    """A text that ends at x."""
    return Text(x - fonts.width(text, size), y, text, size, colour, bold)


def centred(x: float, y: float, text: str, size: float, colour: Colour = INK, bold: bool = False) -> Text:
    """A text around x."""
    return Text(x - fonts.width(text, size) / 2, y, text, size, colour, bold)


def placed(x: float, room: float, align: Align, line: Text) -> Text:
    """A line moved to where it belongs in a cell that begins at x."""
    spare = {"left": 0.0, "centre": 0.5, "right": 1.0}[align] * (room - fonts.width(line.text, line.size))
    return line._replace(x=x + spare)


def name_of(name: str, style: Style, x: float, y: float, room: float, align: Align, size: float) -> Iterator[Op]:
    """A label in its cell, whose middle is y: Chinese, with English below it in a bilingual document."""
    chinese, english = label(name, "zh"), label(name, "en")
    lift = 1.5 if style.bilingual else -size * 0.36
    yield placed(x, room, align, Text(x, y + lift, chinese, fitted(chinese, size, room)))
    if style.bilingual:
        yield placed(x, room, align, Text(x, y - 7.2, english, fitted(english, size * 0.72, room), SOFT))


@dataclass
class Pen:
    """Pages of ops, and how far down the last one is written. `top` is where a page begins below its head."""

    style: Style
    first_top: float
    other_top: float
    pages: list[list[Op]] = field(default_factory=lambda: [[]])
    y: float = 0.0

    def __post_init__(self) -> None:
        self.y = self.first_top

    def room(self, height: float) -> bool:
        """Start a page when `height` doesn't fit; True when it did."""
        if self.y - height >= self.style.foot:
            return False
        self.pages.append([])
        self.y = self.other_top
        return True

    def keep(self, height: float) -> None:
        """Start a page for what doesn't fit the rest of this one, but a page of its own."""
        if self.pages[-1] and height <= self.other_top - self.style.foot:
            self.room(height)

    def put(self, *ops: Op) -> None:
        """Onto the current page."""
        self.pages[-1].extend(ops)

    def element(self, tag: str, *ops: Op, detail: str = "") -> None:
        """Ops as one structure element."""
        self.pages[-1].extend((Open(tag, detail), *ops, Close()))
