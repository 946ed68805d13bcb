"""What every document has around its sections: title and code, repeated head, footer, watermark, signing-off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend_client.contract.documents import IssuedDocument
from backend_client.contract.seal import scan_text
from printing import fonts
from printing.breaking import balanced
from printing.drawing import INK, LINE, SEAL_RED, SOFT, Close, Op, Open, Ring, Rule, Symbol, Text, Watermark
from printing.pen import CONTENT, MARGIN, RIGHT, WIDTH, Pen, Style, at_right, centred, fitted, wrapped
from printing.symbol import symbol
from printing.words import Language, chinese_day, day, label, minute

CODE_SIDE = 85.04  # 30 mm: 49 modules and the quiet zone are 0.53 mm each, 4.2 dots at 203 dpi

SIGNED_ROOM = 164.0  # across, for who signs
LEAST_ISSUER = 9.0  # points; a name that needs less gets a second line
GAP = 10  # between two texts on one line of the footer


@dataclass(frozen=True)
class Sheet:
    """One document being set. `place`: where the terminal stands, in words. `by_proxy`: not its person asked for it."""

    issued: IssuedDocument
    style: Style
    printed_at: datetime
    place: str = ""
    by_proxy: bool = False

    def say(self, name: str, between: str = " ") -> str:
        """A label, in a bilingual document with its English."""
        chinese = label(name, "zh")
        return f"{chinese}{between}{label(name, 'en')}" if self.style.bilingual else chinese

    @property
    def languages(self) -> tuple[Language, ...]:
        """Whose sentences stand on it."""
        return ("zh", "en") if self.style.bilingual else ("zh",)

    @property
    def first_top(self) -> float:
        """Where the first page's sections begin."""
        return self.style.height - (176 if self.style.bilingual else 138)

    @property
    def other_top(self) -> float:
        """Where the other pages' sections begin."""
        return self.style.height - 58


def first_head(sheet: Sheet) -> Iterator[Op]:
    """Title, what the document is, and its signed code."""
    issued, top = sheet.issued, sheet.style.height - 62
    title_size, spread = 22.0, 3.0
    shift = (len(issued.title) - 1) * spread / 2
    title = centred(WIDTH / 2 - shift, top, issued.title, title_size, INK, True)
    yield from (Open("H1"), title._replace(spread=spread), Close())
    if sheet.style.bilingual:
        yield from (Open("P"), centred(WIDTH / 2, top - 17, issued.title_en, 11, SOFT), Close())
    yield from _envelope(sheet, top - (40 if sheet.style.bilingual else 30))
    x, y = RIGHT - CODE_SIDE + 6, top + 24 - CODE_SIDE
    yield from (Open("Figure", label("scan", "zh") + " " + label("scan", "en")),
                Symbol(x, y, CODE_SIDE, symbol(scan_text(issued))), Close())  # fmt: skip
    words = sheet.say("scan")
    size = fitted(words, 7.5, CODE_SIDE - 12)
    yield from (Open("P"), centred(x + CODE_SIDE / 2, y - 5, words, size, SOFT), Close())


def _envelope(sheet: Sheet, top: float) -> Iterator[Op]:
    """One fact a line in a bilingual document; else two, and the office, whose name may be long, alone."""
    issued, language = sheet.issued, sheet.style.language
    lines: tuple[tuple[tuple[str, str], ...], ...] = (
        (("doc_no", issued.doc_no), ("verify_code", issued.verify_code)),
        (("issuer", issued.issuer),),
        (("issued_at", minute(issued.issued_at)), ("valid_until", day(issued.valid_until, language))),
        (("data_cutoff", minute(issued.facts.record.data_cutoff)),),
    )
    if sheet.style.bilingual:
        lines = tuple((fact,) for line in lines for fact in line)
    for number, line in enumerate(lines):
        yield from _envelope_line(sheet, line, top - number * 13.5)


def _envelope_line(sheet: Sheet, facts: Sequence[tuple[str, str]], y: float) -> Iterator[Op]:
    room = CONTENT - CODE_SIDE - 8
    offset = 110.0 if sheet.style.bilingual else 48.0
    for index, (name, value) in enumerate(facts):
        x = MARGIN + index * room / 2
        size = fitted(value, 9.5, room / len(facts) - offset - 4)
        yield from (Open("P"), Text(x, y, sheet.say(name), 8.5, SOFT), Text(x + offset, y, value, size, INK), Close())


def other_head(sheet: Sheet) -> Iterator[Op]:
    """Title and number again, on the pages that follow."""
    y = sheet.style.height - 46
    yield from (Open("Artifact"), Text(MARGIN, y, sheet.issued.title, 10.5, INK, True))
    number = f"{sheet.say('doc_no')} {sheet.issued.doc_no}"
    yield from (at_right(RIGHT, y, number, 8.5, SOFT), Rule(MARGIN, y - 6, RIGHT, y - 6, 0.6, LINE), Close())


def footer(sheet: Sheet, page: int, pages: int) -> Iterator[Op]:
    """Where it was printed, where it is checked, and page i of n."""
    rule = sheet.style.foot - 12
    yield from (Open("Artifact"), Rule(MARGIN, rule, RIGHT, rule, 0.6, LINE))
    yield at_right(RIGHT, rule - 12, sheet.say("page", "  ").format(i=page, n=pages), 7.5, INK)
    for number, language in enumerate(sheet.languages):
        words = [label("self_print", language)]
        if sheet.issued.facts.record.is_test:
            words.append(label("test_mark", language))
        yield Text(MARGIN, rule - 12 - number * 11, "  ".join(words), 8, SOFT)
    url = sheet.issued.verify_url
    small = fitted(url, 7, CONTENT - 190)
    yield Text(MARGIN, 28, url, small, SOFT)
    where = f"{sheet.say('terminal')} {sheet.issued.terminal_id}  {sheet.place}".rstrip()
    yield from (at_right(RIGHT, 28, where, fitted(where, 7.5, CONTENT - fonts.width(url, small) - GAP), SOFT), Close())


def watermark(sheet: Sheet) -> Iterator[Op]:
    """Test data say so, across the whole page."""
    height = sheet.style.height
    steps = (0.5,) if sheet.style.large else (0.2, 0.5, 0.8)
    for share in steps:
        yield Watermark(WIDTH / 2, height * share, label("test_mark", "zh"), 40)


def closing_lines(sheet: Sheet, name: str) -> list[str]:
    """For whom, by whose wish, when and where it was printed, and whose data it shows."""
    when = {"name": name, "time": minute(sheet.printed_at), "terminal": sheet.issued.terminal_id}
    asked = "prepared_by_proxy" if sheet.by_proxy else "prepared"
    said = [label(asked, language).format(**when) for language in sheet.languages]
    if sheet.place:
        said.append(f"{sheet.say('place')}  {sheet.place}")
    said.append(f"{sheet.say('source')}  {sheet.issued.facts.record.source_unit}")
    return [part for text in said for part in wrapped(text, 9, CONTENT - SIGNED_ROOM - 26)]


def closing_height(lines: Sequence[str]) -> float:
    """What the signing-off takes: the seal, or the lines beside it when they are many."""
    return max(104.0, 30 + 13.5 * len(lines))


def closing(pen: Pen, sheet: Sheet, lines: Sequence[str]) -> None:
    """The lines at the left; who signs, with the slot of the seal, at the right."""
    height = closing_height(lines)
    pen.room(height)
    top = pen.y - 12
    pen.element("P", *(Text(MARGIN, top - 14 - index * 13.5, part, 9, INK) for index, part in enumerate(lines)))
    pen.element("P", *_signature(sheet, RIGHT - SIGNED_ROOM / 2, top - 44))
    pen.y -= height


def _signature(sheet: Sheet, x: float, y: float) -> Iterator[Op]:
    """A plain ring that says it is a sample: no image of a real seal is shipped (services.md section 0)."""
    yield from (Ring(x, y, 40, 1.8), Ring(x, y, 36.5, 0.6))
    yield centred(x, y + 14, label("seal", "zh"), 12, SEAL_RED, True)
    yield centred(x, y + 4, f"{label('sample', 'zh')} {label('sample', 'en')}", 7, SEAL_RED)
    size = max(fitted(sheet.issued.issuer, 10, SIGNED_ROOM), LEAST_ISSUER)
    issuer = balanced(sheet.issued.issuer, SIGNED_ROOM, lambda text: fonts.width(text, size))
    first = y - 14 + (len(issuer) - 1) * 6
    for index, part in enumerate(issuer):
        yield centred(x, first - index * 12, part, size, INK)
    yield centred(x, first - len(issuer) * 12 - 1, chinese_day(sheet.issued.issued_at), 10, INK)
