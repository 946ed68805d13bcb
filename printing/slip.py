"""An issued document as a slip: the declaration's slip part, the code, never a full identity number."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from backend_client.contract.documents import IssuedDocument
from backend_client.contract.seal import scan_text
from city import WORDS
from printing.declaration import Column, Fields, Row, Table, Value, Word
from printing.documents import declare
from printing.escpos_bytes import INIT_CHINESE, Line, columns, encode_line, pair, qr, wrapped
from printing.profiles import DEFAULT, Profile
from printing.words import Language, has_table, label, minute, shown, word

THIN = Line("")
FULL_WIDTH = 48


def render_slip(
    issued: IssuedDocument, language: Language, printed_at: datetime, *, place: str = "", profile: Profile = DEFAULT
) -> bytes:
    """ESC/POS bytes of the body: no process id, no cut, no drawer. Raises MissingGlyph."""
    lines = list(_head(issued, language, profile))
    for section in declare(issued.facts).on("slip"):
        lines += _section(section, language, profile)
    lines += _tail(issued, language, printed_at, place, profile)
    foot = [Line(words, "centre") for words in (label("scan", language), _hotline(language))]
    return (
        INIT_CHINESE
        + _encoded(_once(lines, _rule(profile)), profile)
        + b"\n"
        + qr(scan_text(issued), profile)
        + b"\n"
        + _encoded((*foot, THIN, THIN), profile)
    )


def _hotline(language: Language) -> str:
    return label("hotline", language).format(**WORDS[language])


def _encoded(lines: Iterable[Line], profile: Profile) -> bytes:
    return b"".join(encode_line(piece, profile) for line in lines for piece in wrapped(line, profile.columns))


def _once(lines: Sequence[Line], rule: Line) -> Iterator[Line]:
    """Two rules that meet are one."""
    for index, line in enumerate(lines):
        if line != rule or index == 0 or lines[index - 1] != rule:
            yield line


def _rule(profile: Profile) -> Line:
    return Line("-" * profile.columns)


def _head(issued: IssuedDocument, language: Language, profile: Profile) -> Iterator[Line]:
    scale = 2 if 2 * columns(issued.title) <= profile.columns else 1
    yield Line(issued.title, "centre", scale, bold=scale == 1)
    if language == "en":
        yield Line(issued.title_en, "centre")
    yield Line(label("test_mark", language), "centre") if issued.facts.record.is_test else THIN
    yield _rule(profile)


def _tail(
    issued: IssuedDocument, language: Language, printed_at: datetime, place: str, profile: Profile
) -> Iterator[Line]:
    values = {
        "doc_no": issued.doc_no, "verify_code": issued.verify_code, "terminal": issued.terminal_id, "place": place,
        "data_cutoff": minute(issued.facts.record.data_cutoff), "printed_at": minute(printed_at),
    }  # fmt: skip
    yield _rule(profile)
    for name, value in values.items():
        if value:
            yield from pair(label(name, language), value, profile.columns)


def _value(value: Value, language: Language) -> str:
    """A slip has room for one language, and for the short words where there are some."""
    if isinstance(value, Word):
        short = f"short_{value.table}"
        return word(short if has_table(short) else value.table, value.code, language)
    return shown(value, "zh") if value else label("none", language)


def _fields(section: Fields, language: Language, profile: Profile) -> Iterator[Line]:
    for item in section.shown("slip"):
        value = item.masked if item.masked is not None else _value(item.value, language)
        yield from pair(label(item.label, language), value, profile.columns)


def _section(section: Fields | Table, language: Language, profile: Profile) -> Iterator[Line]:
    """A table stands between rules."""
    if isinstance(section, Fields):
        yield from _fields(section, language, profile)
        return
    yield _rule(profile)
    yield from _table(section, language, profile)
    yield _rule(profile)


def _table(section: Table, language: Language, profile: Profile) -> Iterator[Line]:
    yield Line(f"{label(section.title, language)} {section.heading_value}".rstrip(), bold=True)
    if not section.rows:
        yield Line(label(section.empty, language))
        return
    heads = [label(column.label, language) for column in section.columns]
    yield from _cells(section.columns, heads, profile)
    for row in (*section.rows, *([section.total] if section.total else [])):
        yield from _row(section.columns, row, language, profile)


def _row(shape: Sequence[Column], row: Row, language: Language, profile: Profile) -> Iterator[Line]:
    cells = [_value(value, language) if value != "" else "" for value in row]
    return _cells(shape, cells, profile)


def _cells(shape: Sequence[Column], cells: Sequence[str], profile: Profile) -> Iterator[Line]:
    """Cells in their columns by display width; the first on a line of its own when the paper is too narrow."""
    shown_cells = [(column, cell) for column, cell in zip(shape, cells, strict=True) if column.slip]
    widths = [column.slip * profile.columns // FULL_WIDTH for column, _cell in shown_cells]
    (_first_column, first), *rest = shown_cells
    tail = "".join(_cell(column, cell, width) for (column, cell), width in zip(rest, widths[1:], strict=True))
    if columns(first) <= widths[0] and columns(tail) <= profile.columns - widths[0]:
        yield Line((first + " " * (widths[0] - columns(first)) + tail).rstrip())
    else:
        yield Line(first)
        yield Line(" ".join(cell for _column, cell in rest), "right")


def _cell(column: Column, text: str, width: int) -> str:
    gap = max(width - columns(text), 1)
    return text + " " * gap if column.align == "left" else " " * gap + text
