"""Blocks onto A4 pages: headings, label-value grids, tables with repeated heads. Knows no record.

Points; origin bottom left. Draws are collected first, so that the frame can say "page i of n".
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas

from printing import fonts

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89
MARGIN = 42.0
CONTENT_WIDTH = PAGE_WIDTH - 2 * MARGIN
BOTTOM = 74.0
INK, SOFT, LINE, ZEBRA, ACCENT = (HexColor(c) for c in ("#1a1f26", "#5a6472", "#b9c1cb", "#f3f6f9", "#0b4f8a"))
MIN_SIZE = 5.0
CLOSING = "，。；：、）》！？,.;:)"
PIECES = re.compile(r"[!-~]+ ?| |[^ -~]")

Draw = Callable[[Canvas], None]


def text_at(
    canvas: Canvas, x: float, y: float, text: str, size: float, colour: Color = INK, align: str = "left"
) -> None:
    """Draw one line with font fallback; `align` left, right or centre of x."""
    shift = {"left": 0.0, "right": 1.0, "centre": 0.5}[align]
    x -= shift * fonts.width(text, size)
    canvas.setFillColor(colour)
    for run in fonts.runs(text):
        canvas.setFont(run.font, size)
        canvas.drawString(x, y, run.text)
        x += canvas.stringWidth(run.text, run.font, size)


def fitted(text: str, size: float, room: float) -> float:
    """The size at which the text fits the room; never cut, because every figure must stay on the paper."""
    needed = fonts.width(text, size)
    return size if needed <= room else max(MIN_SIZE, size * room / needed)


def wrapped(text: str, size: float, room: float) -> list[str]:
    """Lines that fit the room: broken between characters, not inside a Latin word, not before closing punctuation."""
    lines, line = [], ""
    for piece in PIECES.findall(text):
        if line and fonts.width((line + piece).rstrip(), size) > room and piece not in CLOSING:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()]


@dataclass(frozen=True)
class Column:
    """Title, share of the content width, and alignment of the cells."""

    title: str
    share: float
    align: str = "left"


@dataclass
class Flow:
    """A pen that moves down the pages. `top` of the first page leaves room for the head."""

    first_top: float
    other_top: float
    pages: list[list[Draw]] = field(default_factory=lambda: [[]])
    y: float = 0.0

    def __post_init__(self) -> None:
        self.y = self.first_top

    def room(self, height: float) -> bool:
        """Start a page when `height` doesn't fit; True when it did."""
        if self.y - height >= BOTTOM:
            return False
        self.pages.append([])
        self.y = self.other_top
        return True

    def draw(self, action: Draw) -> None:
        """Remember a drawing for the current page."""
        self.pages[-1].append(action)

    def write(self, x: float, text: str, size: float, colour: Color, align: str = "left") -> None:
        """A line of text at the pen's height."""
        self.draw(partial(text_at, x=x, y=self.y, text=text, size=size, colour=colour, align=align))

    def heading(self, title: str, note: str = "") -> None:
        """A section's title with a note at the right; kept together with 40 points of what follows."""
        self.room(70)
        self.y -= 28
        y = self.y

        def action(canvas: Canvas) -> None:
            canvas.setFillColor(ACCENT)
            canvas.rect(MARGIN, y - 1.5, 3, 11, stroke=0, fill=1)
            text_at(canvas, MARGIN + 9, y, title, 11.5, ACCENT)
            text_at(canvas, MARGIN + CONTENT_WIDTH, y, note, 8, SOFT, "right")

        self.draw(action)
        self.y -= 8

    def line(self, text: str, size: float = 9, colour: Color = SOFT) -> None:
        """A paragraph."""
        for part in wrapped(text, size, CONTENT_WIDTH):
            self.room(size * 1.6)
            self.y -= size * 1.6
            self.write(MARGIN, part, size, colour)

    def grid(self, pairs: Sequence[tuple[str, str]], columns: int = 2, label_share: float = 0.32) -> None:
        """Label and value pairs in columns; a value that is too long gets a line of its own."""
        cell = CONTENT_WIDTH / columns
        slot = 0
        for title, value in pairs:
            wide = fonts.width(value, 9.5) > cell * (1 - label_share) - 8
            if slot == 0 or wide:
                self.room(18)
                self.y -= 18
                slot = 0
            self._pair(title, value, MARGIN + slot * cell, cell * label_share, CONTENT_WIDTH if wide else cell)
            slot = 0 if wide else (slot + 1) % columns

    def _pair(self, title: str, value: str, x: float, label_width: float, width: float) -> None:
        y, value_room = self.y, width - label_width - 8
        size = fitted(value, 9.5, value_room)

        def action(canvas: Canvas) -> None:
            canvas.setStrokeColor(LINE)
            canvas.setLineWidth(0.4)
            canvas.line(x, y - 5, x + width - 6, y - 5)
            text_at(canvas, x, y, title, fitted(title, 8.5, label_width - 4), SOFT)
            text_at(canvas, x + label_width, y, value, size)

        self.draw(action)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], size: float = 8) -> None:
        """A ruled table; the head comes again on every page."""
        self._head(columns)
        for index, row in enumerate(rows):
            if self.room(14):
                self._head(columns)
            self.y -= 14
            self._row(columns, row, size, zebra=index % 2 == 1)
        self.y -= 4

    def _head(self, columns: Sequence[Column]) -> None:
        self.room(30)
        self.y -= 18
        y = self.y

        def action(canvas: Canvas) -> None:
            canvas.setFillColor(ACCENT)
            canvas.rect(MARGIN, y - 5, CONTENT_WIDTH, 17, stroke=0, fill=1)

        self.draw(action)
        self._cells(columns, [column.title for column in columns], 8, HexColor("#ffffff"))

    def _row(self, columns: Sequence[Column], row: Sequence[str], size: float, *, zebra: bool) -> None:
        y = self.y

        def action(canvas: Canvas) -> None:
            if zebra:
                canvas.setFillColor(ZEBRA)
                canvas.rect(MARGIN, y - 4, CONTENT_WIDTH, 14, stroke=0, fill=1)
            canvas.setStrokeColor(LINE)
            canvas.setLineWidth(0.3)
            canvas.line(MARGIN, y - 4, MARGIN + CONTENT_WIDTH, y - 4)

        self.draw(action)
        self._cells(columns, row, size, INK)

    def _cells(self, columns: Sequence[Column], row: Sequence[str], size: float, colour: Color) -> None:
        total, x = sum(column.share for column in columns), MARGIN
        for column, text in zip(columns, row, strict=True):
            width = CONTENT_WIDTH * column.share / total
            place = {"left": x + 4, "right": x + width - 4, "centre": x + width / 2}[column.align]
            self.write(place, text, fitted(text, size, width - 7), colour, column.align)
            x += width
