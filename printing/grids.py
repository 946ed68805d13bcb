"""Label-value grids: a label and its value side by side, in bordered cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from printing import fonts
from printing.declaration import Field
from printing.drawing import SHADE, Box, Close, Op, Open, Rule, Text
from printing.pen import CONTENT, MARGIN, RIGHT, Pen, name_of, wrapped
from printing.words import shown

FIELD_SIZE, LABEL_SIZE = 10.0, 9.5
LABEL_SHARE = 0.32
PAD = 4.0


@dataclass(frozen=True)
class Line:
    """One line of a grid: its fields, the lines of each one's value, and how high it is."""

    items: Sequence[Field]
    values: Sequence[Sequence[str]]
    height: float


def laid_out(pen: Pen, items: Sequence[Field], columns: int) -> list[Line]:
    """A value that is too long for its cell gets the whole line, then more lines."""
    cell, base = CONTENT / columns, 23.0 if pen.style.bilingual else 19.0
    found = []
    for line in _field_lines(pen, items, columns):
        rest = CONTENT - (len(line) - 1) * cell
        rooms = [cell] * (len(line) - 1) + [rest]
        values = [
            wrapped(_value(pen, item), FIELD_SIZE, room - cell * LABEL_SHARE - 2 * PAD)
            for item, room in zip(line, rooms, strict=True)
        ]
        found.append(Line(line, values, max(base, 7 + 13 * max(map(len, values)))))
    return found


def draw(pen: Pen, lines: Sequence[Line], columns: int) -> None:
    """The label and value cells; the last two lines go onto a new page together."""
    pen.put(Open("Table"))
    for index, line in enumerate(lines):
        pen.room(line.height + (lines[index + 1].height if index == len(lines) - 2 else 0))
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


def _field_line(pen: Pen, line: Line, columns: int) -> None:
    cell = CONTENT / columns
    label_width = cell * LABEL_SHARE
    top, bottom = pen.y, pen.y - line.height
    middle = (top + bottom) / 2
    pen.put(Open("TR"))
    for index, (item, parts) in enumerate(zip(line.items, line.values, strict=True)):
        x = MARGIN + index * cell
        end = RIGHT if item is line.items[-1] else x + cell
        pen.put(Box(x, bottom, label_width, line.height, SHADE))
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
