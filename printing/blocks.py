"""Sections of a declaration onto pages: titles, bordered label-value grids, tables with repeated heads, notes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from printing import fonts
from printing.declaration import Align, Column, Declaration, Field, Fields, Row, Table, Value, Word
from printing.drawing import INK, SHADE, SOFT, Box, Close, Op, Open, Rule, Text
from printing.pen import (
    CONTENT,
    FOOT,
    MARGIN,
    MIN_SIZE,
    RIGHT,
    Pen,
    at_right,
    fitted,
    name_of,
    placed,
    wrapped,
)
from printing.words import label, shown, word

FIELD_SIZE, LABEL_SIZE, CELL_SIZE, NOTE_SIZE = 10.0, 9.5, 8.0, 8.5
LABEL_SHARE = 0.32
PAD = 4.0
PAD_CELL = 2.6


def section(pen: Pen, item: Fields | Table) -> None:
    """One section with its title."""
    height = 60.0 if isinstance(item, Fields) or item.rows else 40.0
    pen.room(height)
    pen.y -= 21
    pen.element("H2", *_title(pen, label(item.title, "zh"), label(item.title, "en") if pen.style.bilingual else ""))
    if isinstance(item, Table) and item.unit:
        unit = label(item.unit, "zh") + (f"  {label(item.unit, 'en')}" if pen.style.bilingual else "")
        pen.element("P", at_right(RIGHT, pen.y, unit, 8, SOFT))
    pen.y -= 6
    if isinstance(item, Fields):
        fields(pen, item.shown("a4"), item.columns)
    elif item.rows:
        table(pen, item)
    else:
        paragraph(pen, shown(Word("label", item.empty), pen.style.language), FIELD_SIZE)


def _title(pen: Pen, chinese: str, english: str) -> Iterator[Op]:
    yield Text(MARGIN, pen.y, chinese, 11.5, INK, True)
    if english:
        yield Text(MARGIN + fonts.width(chinese, 11.5) + 8, pen.y, english, 9, SOFT)


def paragraph(pen: Pen, text: str, size: float, indent: float = 0) -> None:
    """A text over as many lines as it needs."""
    pen.put(Open("P"))
    for part in wrapped(text, size, CONTENT - indent):
        pen.room(size * 1.55)
        pen.y -= size * 1.55
        pen.put(Text(MARGIN + indent, pen.y, part, size, INK))
    pen.put(Close())


def fields(pen: Pen, items: Sequence[Field], columns: int) -> None:
    """A grid of label and value cells; a value that is too long for its cell gets the whole line, then more lines."""
    pen.put(Open("Table"))
    for line in _field_lines(pen, items, columns):
        _field_line(pen, line, columns)
    pen.put(Close())


def _value(pen: Pen, item: Field) -> str:
    return shown(item.value or None, pen.style.language)


def _field_lines(pen: Pen, items: Sequence[Field], columns: int) -> Iterator[list[Field]]:
    room = CONTENT / columns * (1 - LABEL_SHARE) - 2 * PAD
    line: list[Field] = []
    for item in items:
        wide = item.wide or fonts.width(_value(pen, item), FIELD_SIZE) > room
        if line and (wide or len(line) == columns):
            yield line
            line = []
        line.append(item)
        if wide:
            yield line
            line = []
    if line:
        yield line


def _field_line(pen: Pen, items: Sequence[Field], columns: int) -> None:
    cell = CONTENT / columns
    label_width = cell * LABEL_SHARE
    last_room = CONTENT - (len(items) - 1) * cell - label_width - 2 * PAD
    lines = [wrapped(_value(pen, item), FIELD_SIZE, last_room if item is items[-1] else cell)
             for item in items]  # fmt: skip
    base = 25.0 if pen.style.bilingual else 19.0
    height = max(base, 7 + 13 * max(map(len, lines)))
    pen.room(height)
    top, bottom = pen.y, pen.y - height
    middle = (top + bottom) / 2
    pen.put(Open("TR"))
    for index, (item, parts) in enumerate(zip(items, lines, strict=True)):
        x = MARGIN + index * cell
        end = RIGHT if item is items[-1] else x + cell
        pen.put(Box(x, bottom, label_width, height, SHADE))
        names = name_of(item.label, pen.style, x + PAD, middle, label_width - 2 * PAD, "left", LABEL_SIZE)
        pen.element("TH", *names, detail="Row")
        first = middle + (len(parts) - 1) * 6.5 - FIELD_SIZE * 0.36
        texts = (Text(x + label_width + PAD, first - i * 13, part, FIELD_SIZE) for i, part in enumerate(parts))
        pen.element("TD", *texts)
        pen.put(*_frame_of(x, bottom, end, top), Rule(x + label_width, bottom, x + label_width, top))
    pen.put(Close())
    pen.y = bottom


def _frame_of(x1: float, y1: float, x2: float, y2: float) -> Iterator[Op]:
    yield Rule(x1, y1, x2, y1)
    yield Rule(x1, y2, x2, y2)
    yield Rule(x1, y1, x1, y2)
    yield Rule(x2, y1, x2, y2)


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


def table(pen: Pen, item: Table) -> None:
    """A ruled table; the head comes again on every page, the last two rows stay together with the total."""
    slots = _slots(item.columns)
    pen.put(Open("Table"))
    top = _head(pen, item.columns, slots, first=True)
    rows = [*item.rows, item.total] if item.total else list(item.rows)
    for index, row in enumerate(rows):
        cells = [_lines_of(value, slot) for value, slot in zip(row, slots, strict=True)]
        height = 4.5 + 10.5 * max(len(parts) for _size, parts in cells)
        if pen.y - height * (2 if index == len(rows) - 2 and item.total else 1) < FOOT:
            _verticals(pen, slots, top)
            pen.room(1e6)
            top = _head(pen, item.columns, slots, first=False)
        _row(pen, slots, cells, height, bold=item.total is not None and index == len(rows) - 1)
    _verticals(pen, slots, top)
    pen.put(Close())
    if pen.style.bilingual:
        _key(pen, rows)


def _lines_of(value: Value, slot: Slot) -> tuple[float, list[str]]:
    """Size and lines of a cell: one line if it can be read, else several. Coded words in Chinese: see `_key`."""
    text, room = shown(value, "zh"), slot.width - 2 * PAD_CELL
    size = fitted(text, CELL_SIZE, room)
    return (size, [text]) if size > MIN_SIZE else (CELL_SIZE * 0.85, wrapped(text, CELL_SIZE * 0.85, room))


def _head(pen: Pen, columns: Sequence[Column], slots: Sequence[Slot], *, first: bool) -> float:
    """The head; on later pages it is decoration, because a reader has heard it."""
    height = 24.0 if pen.style.bilingual else 17.0
    pen.room(height + 32)
    top, pen.y = pen.y, pen.y - height
    pen.put(Box(MARGIN, pen.y, CONTENT, height, SHADE))
    pen.put(Open("TR" if first else "Artifact"))
    for column, slot in zip(columns, slots, strict=True):
        names = name_of(
            column.label, pen.style, slot.x + 2, pen.y + height / 2, slot.width - 4, "centre", CELL_SIZE + 0.3
        )
        if first:
            pen.element("TH", *names, detail="Column")
        else:
            pen.put(*names)
    pen.put(Close(), Rule(MARGIN, top, RIGHT, top, 0.9), Rule(MARGIN, pen.y, RIGHT, pen.y))
    return top


def _row(
    pen: Pen, slots: Sequence[Slot], cells: Sequence[tuple[float, list[str]]], height: float, *, bold: bool
) -> None:
    bottom = pen.y - height
    if bold:
        pen.put(Box(MARGIN, bottom, CONTENT, height, SHADE))
    pen.put(Open("TR"))
    for slot, (size, parts) in zip(slots, cells, strict=True):
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


def _key(pen: Pen, rows: Sequence[Row]) -> None:
    """The coded words of a table in English, once, below it."""
    words = dict.fromkeys(value for row in rows for value in row if isinstance(value, Word))
    pairs = "; ".join(f"{word(*item, 'zh')} {word(*item, 'en')}" for item in words)
    if pairs:
        pen.y -= 2
        _small(pen, f"{label('key', 'zh')} {label('key', 'en')}: {pairs}")


def _small(pen: Pen, text: str) -> None:
    pen.put(Open("P"))
    for part in wrapped(text, 7, CONTENT):
        pen.room(10)
        pen.y -= 10
        pen.put(Text(MARGIN, pen.y, part, 7, SOFT))
    pen.put(Close())


def notes(pen: Pen, declaration: Declaration) -> None:
    """Numbered, each with its legal basis, English below in a bilingual document."""
    pen.room(40)
    pen.y -= 18
    pen.element("H2", Text(MARGIN, pen.y, label("notes", "zh"), 9.5, INK, True))
    for number, name in enumerate(declaration.notes, start=1):
        for language in ("zh", "en") if pen.style.bilingual else ("zh",):
            _note(pen, f"{number}. " if language == "zh" else "", label(name, language), language == "zh")


def _note(pen: Pen, mark: str, text: str, chinese: bool) -> None:
    size = NOTE_SIZE if chinese else NOTE_SIZE * 0.86
    pen.put(Open("Note"))
    for index, part in enumerate(wrapped(text, size, CONTENT - 14)):
        pen.room(size * 1.5)
        pen.y -= size * 1.5
        if index == 0 and mark:
            pen.put(Text(MARGIN, pen.y, mark, size, SOFT))
        pen.put(Text(MARGIN + 14, pen.y, part, size, SOFT))
    pen.put(Close())
