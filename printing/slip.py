"""An issued document as a slip: the declaration's slip part, the code, never a full identity number."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from backend_client.contract.documents import IssuedDocument
from backend_client.contract.seal import scan_text
from city import WORDS
from printing.declaration import Column, Fields, Row, Table, Value, Word
from printing.documents import declare
from printing.escpos_bytes import INIT_CHINESE, Line, columns, encoded, pair, qr
from printing.profiles import DEFAULT, Profile
from printing.words import Language, has_table, label, minute, narrow_label, shown, word

THIN = Line("")


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
        + encoded(_once(lines, _rule(profile)), profile)
        + b"\n"
        + qr(scan_text(issued), profile)
        + b"\n"
        + encoded((*foot, THIN, THIN), profile)
    )


def _hotline(language: Language) -> str:
    return label("hotline", language).format(**WORDS[language])


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
    """One line for a row when all of them fit, else two for each: a table is of one make."""
    yield Line(f"{label(section.title, language)} {section.heading_value}".rstrip(), bold=True)
    if not section.rows:
        yield Line(label(section.empty, language))
        return
    shares = [column.slip for column in section.columns if column.slip]
    rows = [*section.rows, *([section.total] if section.total else [])]
    body = [_cells(section.columns, row, language) for row in rows]
    grids = [[heads, *body] for heads in _heads(section.columns, language)]
    for grid in grids:
        widths = _widths(shares, _needed(grid), profile.columns)
        if widths is not None:
            yield from (_on_one(cells, widths) for cells in grid)
            return
    for cells in grids[0]:
        yield from _on_two(cells, _needed(grids[0]))


def _heads(shape: Sequence[Column], language: Language) -> Iterator[list[str]]:
    """In full words, then in short ones."""
    names = [column.label for column in shape if column.slip]
    yield [label(name, language) for name in names]
    yield [narrow_label(name, language) for name in names]


def _cells(shape: Sequence[Column], row: Row, language: Language) -> list[str]:
    pairs = zip(shape, row, strict=True)
    return [_value(value, language) if value != "" else "" for column, value in pairs if column.slip]


def _needed(grid: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(columns, cells)) for cells in zip(*grid, strict=True)]


def _widths(shares: Sequence[int], needed: Sequence[int], width: int) -> list[int] | None:
    """By shares, so that the tables of a slip stand alike; by what each needs when that is too narrow; or None."""
    by_share = [share * width // sum(shares) for share in shares]
    by_share[-1] += width - sum(by_share)
    if all(need + 2 * (index > 0) <= have for index, (need, have) in enumerate(zip(needed, by_share, strict=True))):
        return by_share
    spare, gaps = width - sum(needed), len(needed) - 1
    if spare < gaps:
        return None
    return [needed[0], *(need + (spare + gap) // gaps for gap, need in enumerate(needed[1:]))]


def _on_one(cells: Sequence[str], widths: Sequence[int]) -> Line:
    """The first at the left, the others at the right of their columns."""
    first, *rest = zip(cells, widths, strict=True)
    left = first[0] + " " * (first[1] - columns(first[0]))
    return Line((left + "".join(map(_at_right, rest))).rstrip())


def _on_two(cells: Sequence[str], needed: Sequence[int]) -> Iterator[Line]:
    yield Line(cells[0])
    yield Line(" ".join(map(_at_right, zip(cells[1:], needed[1:], strict=True))), "right")


def _at_right(cell: tuple[str, int]) -> str:
    text, width = cell
    return " " * (width - columns(text)) + text
