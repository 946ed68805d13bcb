"""An issued document as A4 pages: PDF/A-2b for the printer; tagged (PDF/A-2a and PDF/UA) or OFD for the phone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from backend_client.contract.documents import IssuedDocument
from printing import blocks, fonts, frame
from printing.declaration import Declaration
from printing.documents import declare
from printing.drawing import Close, Op, Open, Page
from printing.frame import Sheet
from printing.ofd import ofd_bytes
from printing.pdf import CODE_KEY, Properties, pdf_bytes
from printing.pdf_signature import Unsigned, measured
from printing.pen import LARGE, WIDTH, Pen, Style
from printing.words import Language, label


def lay_out(sheet: Sheet, declaration: Declaration) -> list[Page]:
    """The document's pages. Raises MissingGlyph before anything is drawn with a hole in it."""
    pen = Pen(sheet.style, sheet.first_top, sheet.other_top)
    for section in declaration.on("a4"):
        blocks.section(pen, section)
    notes, lines = blocks.note_lines(pen.style, declaration), frame.closing_lines(sheet, declaration.holder)
    pen.keep(blocks.notes_height(notes) + frame.closing_height(lines))  # a seal never stands alone on a page
    blocks.notes(pen, notes)
    frame.closing(pen, sheet, lines)
    scale = LARGE if sheet.style.large else 1.0
    pages = [list(_framed(sheet, ops, number, len(pen.pages))) for number, ops in enumerate(pen.pages, start=1)]
    return [Page(WIDTH * scale, sheet.style.height * scale, scale, ops) for ops in pages]


def _framed(sheet: Sheet, ops: list[Op], number: int, pages: int) -> Iterator[Op]:
    if sheet.issued.facts.record.is_test:
        yield from (Open("Artifact"), *frame.watermark(sheet), Close())
    yield from (frame.first_head if number == 1 else frame.other_head)(sheet)
    yield from ops
    yield from frame.footer(sheet, number, pages)


def render_a4(
    issued: IssuedDocument,
    language: Language,
    printed_at: datetime,
    *,
    place: str = "",
    large: bool = False,
    tagged: bool = False,
    by_proxy: bool = False,
) -> bytes:
    """PDF bytes, text selectable, the signed code as QR and in the document information. Raises MissingGlyph.

    `large`: large print on a landscape sheet. `tagged`: for screen readers; three times as big. `by_proxy`: somebody
    asked for it who acts for its person.
    """
    sheet = Sheet(issued, Style(language, large), printed_at, place, by_proxy)
    return _file(sheet, properties(sheet, tagged=tagged))


def render_copy(
    issued: IssuedDocument,
    language: Language,
    printed_at: datetime,
    *,
    place: str = "",
    large: bool = False,
    by_proxy: bool = False,
) -> Unsigned:
    """The tagged file that a holder takes away, with room for central's signature over its digest."""
    sheet = Sheet(issued, Style(language, large), printed_at, place, by_proxy)
    return measured(_file(sheet, replace(properties(sheet, tagged=True), to_sign=True)))


def render_ofd(
    issued: IssuedDocument,
    language: Language,
    printed_at: datetime,
    *,
    place: str = "",
    large: bool = False,
    by_proxy: bool = False,
) -> bytes:
    """The same pages as an OFD file. Raises MissingGlyph."""
    sheet = Sheet(issued, Style(language, large), printed_at, place, by_proxy)
    return ofd_bytes(lay_out(sheet, declare(issued.facts)), properties(sheet, tagged=False))


def _file(sheet: Sheet, about: Properties) -> bytes:
    declaration = declare(sheet.issued.facts)
    always = always_used(declaration.labels("a4"), sheet.style.language, sheet.issued.title)
    return pdf_bytes(lay_out(sheet, declaration), about, always)


def properties(sheet: Sheet, *, tagged: bool) -> Properties:
    """What the file says of itself."""
    issued = sheet.issued
    return Properties(
        title=f"{issued.title} {issued.doc_no}",
        author=issued.issuer,
        subject=issued.title_en
        if not issued.facts.record.is_test
        else f"{issued.title_en}. {label('test_mark', 'en')}",
        created=sheet.printed_at,
        code=issued.signed_code,
        tagged=tagged,
    )


ENVELOPE = (
    "doc_no", "verify_code", "issuer", "issued_at", "data_cutoff", "valid_until", "self_print", "terminal", "page",
    "prepared", "source", "seal", "sample", "scan", "place",
)  # fmt: skip
FIGURES = "0123456789.-:/ ABCDEFGHJKMNPQRSTUVWXYZ年月日"


@lru_cache(maxsize=64)
def always_used(labels: tuple[str, ...], language: Language, title: str) -> dict[str, str]:
    """For each font, the characters that every document with these labels has."""
    languages: tuple[Language, ...] = ("zh", "en") if language == "en" else ("zh",)
    words = "".join(label(name, each) for name in (*labels, *ENVELOPE) for each in languages)
    return {fonts.MAIN: FIGURES + title + words}


__all__ = ["CODE_KEY", "lay_out", "render_a4", "render_copy", "render_ofd"]
