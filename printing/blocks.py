"""Sections of a declaration onto pages: titles with what follows them, numbered notes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from printing import fonts, grids, tables
from printing.declaration import Declaration, Fields, Table, Word
from printing.drawing import INK, SOFT, Close, Op, Open, Text
from printing.pen import CONTENT, MARGIN, RIGHT, Pen, Style, at_right, wrapped
from printing.words import label, shown

PARAGRAPH_SIZE, NOTE_SIZE = 10.0, 8.5
TITLE = 27.0


def section(pen: Pen, item: Fields | Table) -> None:
    """One section with its title, which stays with what follows it."""
    if isinstance(item, Fields):
        lines = grids.laid_out(pen, item.shown("a4"), item.columns)
        pen.keep(TITLE + sum(line.height for line in lines))
        pen.room(TITLE + sum(line.height for line in lines[:2]))
        _titled(pen, item.title)
        grids.draw(pen, lines, item.columns)
    elif item.rows:
        grid = tables.laid_out(pen.style, item)
        pen.room(TITLE + grid.least)
        _titled(pen, item.title, item.unit)
        tables.draw(pen, grid)
    else:
        pen.room(TITLE + 2 * PARAGRAPH_SIZE)
        _titled(pen, item.title)
        paragraph(pen, shown(Word("label", item.empty), pen.style.language), PARAGRAPH_SIZE)


def _titled(pen: Pen, title: str, unit: str = "") -> None:
    pen.y -= 21
    english = label(title, "en") if pen.style.bilingual else ""
    pen.element("H2", *_title(pen, label(title, "zh"), english))
    if unit:
        words = label(unit, "zh") + (f"  {label(unit, 'en')}" if pen.style.bilingual else "")
        pen.element("P", at_right(RIGHT, pen.y, words, 8, SOFT))
    pen.y -= 6


def _title(pen: Pen, chinese: str, english: str, size: float = 11.5) -> Iterator[Op]:
    yield Text(MARGIN, pen.y, chinese, size, INK, True)
    if english:
        yield Text(MARGIN + fonts.width(chinese, size) + 8, pen.y, english, size * 0.78, SOFT)


def paragraph(pen: Pen, text: str, size: float, indent: float = 0) -> None:
    """A text over as many lines as it needs."""
    pen.put(Open("P"))
    for part in wrapped(text, size, CONTENT - indent):
        pen.room(size * 1.55)
        pen.y -= size * 1.55
        pen.put(Text(MARGIN + indent, pen.y, part, size, INK))
    pen.put(Close())


@dataclass(frozen=True)
class Note:
    """One note in one language; `mark` is its number, before the first of its lines."""

    mark: str
    lines: Sequence[str]
    size: float


def note_lines(style: Style, declaration: Declaration) -> list[Note]:
    """Numbered, each with its legal basis, English below in a bilingual document."""
    found = []
    for number, name in enumerate(declaration.notes, start=1):
        found.append(_note(f"{number}. ", label(name, "zh"), NOTE_SIZE))
        if style.bilingual:
            found.append(_note("", label(name, "en"), NOTE_SIZE * 0.86))
    return found


def _note(mark: str, text: str, size: float) -> Note:
    return Note(mark, wrapped(text, size, CONTENT - 14), size)


def notes_height(notes: Sequence[Note]) -> float:
    """With their title."""
    return 18 + sum(note.size * 1.5 * len(note.lines) for note in notes)


def notes(pen: Pen, found: Sequence[Note]) -> None:
    """All of them under their title."""
    pen.room(40)
    pen.y -= 18
    pen.element("H2", *_title(pen, label("notes", "zh"), label("notes", "en") if pen.style.bilingual else "", 9.5))
    for note in found:
        pen.put(Open("Note"))
        for index, part in enumerate(note.lines):
            pen.room(note.size * 1.5)
            pen.y -= note.size * 1.5
            if index == 0 and note.mark:
                pen.put(Text(MARGIN, pen.y, note.mark, note.size, SOFT))
            pen.put(Text(MARGIN + 14, pen.y, part, note.size, SOFT))
        pen.put(Close())
