"""What a page is made of, before any file format: texts, rules, boxes, and the structure around them.

Points, origin bottom left. `layout` makes these, `pdf` and `ofd` write them. Open and Close nest as PDF structure
elements do (ISO 32000-1, 14.8.4) and may span pages; what stands outside of them is decoration.
"""

from typing import NamedTuple

Colour = tuple[float, float, float]
INK: Colour = (0.1, 0.12, 0.15)
SOFT: Colour = (0.33, 0.37, 0.43)
LINE: Colour = (0.45, 0.49, 0.54)
SHADE: Colour = (0.94, 0.95, 0.965)
SEAL_RED: Colour = (0.77, 0.2, 0.17)
FAINT: Colour = (0.9, 0.91, 0.925)


class Text(NamedTuple):
    """One line of text; `x` is its left end."""

    x: float
    y: float
    text: str
    size: float
    colour: Colour = INK
    bold: bool = False
    spread: float = 0.0


class Rule(NamedTuple):
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float = 0.5
    colour: Colour = LINE


class Box(NamedTuple):
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour = SHADE


class Ring(NamedTuple):
    """A circle's outline around a centre."""

    x: float
    y: float
    radius: float
    width: float
    colour: Colour = SEAL_RED


class Symbol(NamedTuple):
    """A two-dimensional code; `rows` without quiet zone, `side` with four modules of it on each side."""

    x: float
    y: float
    side: float
    rows: tuple[bytes, ...]


class Watermark(NamedTuple):
    """Words that lie faintly across the page, as a picture: a text would run through the lines of the table."""

    x: float
    y: float
    words: str
    size: float


class Open(NamedTuple):
    """Begin a structure element (H1, P, Table, TR, TH …). `detail`: scope of a TH, words of a Figure."""

    tag: str
    detail: str = ""


class Close(NamedTuple):
    """End the innermost structure element."""


Op = Text | Rule | Box | Ring | Symbol | Watermark | Open | Close


class Page(NamedTuple):
    """One page, its ops in reading order. `scale` enlarges everything on it (large print)."""

    width: float
    height: float
    scale: float
    ops: list[Op]
