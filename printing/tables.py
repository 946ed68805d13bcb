"""Ruled tables over as many pages as they need."""

from collections.abc import Sequence
from dataclasses import dataclass

from printing.declaration import Align, Column, Row, Table, Value, Word
from printing.drawing import INK, SHADE, SOFT, Box, Close, Open, Rule, Text
from printing.pen import CONTENT, MARGIN, MIN_SIZE, RIGHT, Pen, Style, fitted, name_of, placed, wrapped
from printing.words import label, shown, word

CELL_SIZE = 8.0
PAD_CELL = 2.6
KEY_LINE = 10.0
TOGETHER = 2  # rows at the end of a table


@dataclass(frozen=True)
class Slot:
    """A column's place on the page."""

    x: float
    width: float
    align: Align


def _slots(columns: Sequence[Column]) -> list[Slot]:
    total, x, found = sum(column.weight for column in columns), MARGIN, []
    for column in columns:
        width = CONTENT * column.weight / total
        found.append(Slot(x, width, column.align))
        x += width
    return found


@dataclass(frozen=True)
class Cells:
    """One row of a table: size and lines of each cell, and how high it is."""

    cells: Sequence[tuple[float, list[str]]]
    height: float


@dataclass(frozen=True)
class Grid:
    """A table made ready: its columns' places, its rows, and the English of its coded words below them."""

    columns: Sequence[Column]
    slots: Sequence[Slot]
    rows: Sequence[Cells]
    has_total: bool
    key: Sequence[str]
    head: float

    @property
    def least(self) -> float:
        """What has to fit below the title: the head and two rows."""
        return self.head + sum(row.height for row in self.rows[:2]) + (self.below if len(self.rows) <= TOGETHER else 0)

    @property
    def below(self) -> float:
        """How high the key is."""
        return KEY_LINE * len(self.key)


def laid_out(style: Style, item: Table) -> Grid:
    """Before anything is drawn."""
    slots = _slots(item.columns)
    rows = [*item.rows, item.total] if item.total else list(item.rows)
    key = _key_lines(rows) if style.bilingual else []
    cells = [_cells(row, slots) for row in rows]
    return Grid(item.columns, slots, cells, item.total is not None, key, 24.0 if style.bilingual else 17.0)


def draw(pen: Pen, grid: Grid) -> None:
    """The head comes again on every page; the last two rows stay together, with the key."""
    pen.put(Open("Table"))
    top = _head(pen, grid, first=True)
    for index, row in enumerate(grid.rows):
        left = grid.rows[index:]
        needed = sum(each.height for each in left) + grid.below if len(left) <= TOGETHER else row.height
        if index and pen.y - needed < pen.style.foot:
            _verticals(pen, grid.slots, top)
            pen.room(1e6)
            top = _head(pen, grid, first=False)
        _row(pen, grid.slots, row, bold=grid.has_total and len(left) == 1)
    _verticals(pen, grid.slots, top)
    pen.put(Close())
    if grid.key:
        pen.y -= 2
        _small(pen, grid.key)


def _cells(row: Row, slots: Sequence[Slot]) -> Cells:
    cells = [_lines_of(value, slot) for value, slot in zip(row, slots, strict=True)]
    return Cells(cells, 4.5 + 10.5 * max(len(parts) for _size, parts in cells))


def _lines_of(value: Value, slot: Slot) -> tuple[float, list[str]]:
    """Size and lines of a cell: one line if it can be read, else several. Coded words in Chinese: see `_key`."""
    text, room = shown(value, "zh"), slot.width - 2 * PAD_CELL
    size = fitted(text, CELL_SIZE, room)
    return (size, [text]) if size > MIN_SIZE else (CELL_SIZE * 0.85, wrapped(text, CELL_SIZE * 0.85, room))


def _head(pen: Pen, grid: Grid, *, first: bool) -> float:
    """The head; on later pages it is decoration, because a reader has heard it."""
    height = grid.head
    top, pen.y = pen.y, pen.y - height
    pen.put(Box(MARGIN, pen.y, CONTENT, height, SHADE))
    pen.put(Open("TR" if first else "Artifact"))
    for column, slot in zip(grid.columns, grid.slots, strict=True):
        names = name_of(
            column.label, pen.style, slot.x + 2, pen.y + height / 2, slot.width - 4, "centre", CELL_SIZE + 0.3
        )
        if first:
            pen.element("TH", *names, detail="Column")
        else:
            pen.put(*names)
    pen.put(Close(), Rule(MARGIN, top, RIGHT, top, 0.9), Rule(MARGIN, pen.y, RIGHT, pen.y))
    return top


def _row(pen: Pen, slots: Sequence[Slot], row: Cells, *, bold: bool) -> None:
    bottom, height = pen.y - row.height, row.height
    if bold:
        pen.put(Box(MARGIN, bottom, CONTENT, height, SHADE))
    pen.put(Open("TR"))
    for slot, (size, parts) in zip(slots, row.cells, strict=True):
        first = (pen.y + bottom) / 2 + (len(parts) - 1) * 5.25 - size * 0.36
        pen.put(Open("TD"))
        for index, part in enumerate(parts):
            if part:
                line = Text(0, first - index * 10.5, part, size, INK, bold)
                pen.put(placed(slot.x + PAD_CELL, slot.width - 2 * PAD_CELL, slot.align, line))
        pen.put(Close())
    pen.put(Close(), Rule(MARGIN, bottom, RIGHT, bottom))
    pen.y = bottom


def _verticals(pen: Pen, slots: Sequence[Slot], top: float) -> None:
    for slot in slots:
        pen.put(Rule(slot.x, pen.y, slot.x, top))
    pen.put(Rule(RIGHT, pen.y, RIGHT, top), Rule(MARGIN, pen.y, RIGHT, pen.y, 0.9))


def _key_lines(rows: Sequence[Row]) -> list[str]:
    """The coded words of a table in English, once, below it."""
    words = dict.fromkeys(value for row in rows for value in row if isinstance(value, Word))
    pairs = "; ".join(f"{word(*item, 'zh')} {word(*item, 'en')}" for item in words)
    return wrapped(f"{label('key', 'zh')} {label('key', 'en')}: {pairs}", 7, CONTENT) if pairs else []


def _small(pen: Pen, lines: Sequence[str]) -> None:
    pen.put(Open("P"))
    for part in lines:
        pen.room(KEY_LINE)
        pen.y -= KEY_LINE
        pen.put(Text(MARGIN, pen.y, part, 7, SOFT))
    pen.put(Close())
