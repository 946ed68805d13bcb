"""What every A4 document has: title, numbers, signed code as QR, watermark, seal slot, footer with page numbers."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO

import segno
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.colors import HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from backend_client.contract.documents import IssuedDocument
from printing import fonts
from printing.flow import (
    CONTENT_WIDTH,
    INK,
    LINE,
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    SOFT,
    Flow,
    fitted,
    text_at,
    wrapped,
)
from printing.words import Language, day, label, minute

FIRST_TOP = PAGE_HEIGHT - 192
OTHER_TOP = PAGE_HEIGHT - 66
QR_SIDE = 104.0  # 36.7 mm: 65 modules with quiet zone are 0.5 mm each, 4 dots at 203 dpi (printing.md section 5)
SEAL_RED = HexColor("#c43d33")


@dataclass(frozen=True)
class Sheet:
    """One document being drawn."""

    issued: IssuedDocument
    language: Language
    printed_at: datetime

    def say(self, name: str) -> str:
        """A label in the document's language."""
        return label(name, self.language)


def _qr(canvas: Canvas, code: str, x: float, y: float, side: float) -> None:
    """EC level M, drawn as vector squares (printing.md decision 4)."""
    rows = [list(row) for row in segno.make(code, error="m", boost_error=False, micro=False).matrix]
    module = side / (len(rows) + 8)
    path = canvas.beginPath()
    for top, row in enumerate(rows):
        for left, dark in enumerate(row):
            if dark:
                path.rect(x + (left + 4) * module, y + side - (top + 5) * module, module, module)
    canvas.setFillColor(INK)
    canvas.drawPath(path, stroke=0, fill=1)


def _first_head(canvas: Canvas, sheet: Sheet) -> None:
    issued, top = sheet.issued, PAGE_HEIGHT - 62
    room = CONTENT_WIDTH - QR_SIDE - 12
    text_at(canvas, MARGIN, top, issued.title, 22)
    if sheet.language == "en":
        text_at(canvas, MARGIN, top - 17, issued.title_en, fitted(issued.title_en, 11, room), SOFT)
    facts = (
        (sheet.say("doc_no"), issued.doc_no),
        (sheet.say("verify_code"), issued.verify_code),
        (sheet.say("issuer"), issued.issuer),
        (sheet.say("issued_at"), minute(issued.issued_at)),
        (sheet.say("data_cutoff"), minute(issued.facts.record.data_cutoff)),
        (sheet.say("valid_until"), day(issued.valid_until, sheet.language)),
    )
    for index, (title, value) in enumerate(facts):
        y = top - 38 - index * 15
        text_at(canvas, MARGIN, y, title, 8.5, SOFT)
        text_at(canvas, MARGIN + 84, y, value, fitted(value, 9.5, room - 84))
    right = MARGIN + CONTENT_WIDTH - QR_SIDE
    _qr(canvas, issued.signed_code, right, top - 90, QR_SIDE)
    text_at(canvas, right + QR_SIDE / 2, top - 99, sheet.say("scan"), 7.5, SOFT, "centre")
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.2)
    canvas.line(MARGIN, FIRST_TOP + 8, MARGIN + CONTENT_WIDTH, FIRST_TOP + 8)


def _other_head(canvas: Canvas, sheet: Sheet) -> None:
    y = PAGE_HEIGHT - 50
    text_at(canvas, MARGIN, y, sheet.issued.title, 11)
    text_at(canvas, MARGIN + CONTENT_WIDTH, y, f"{sheet.say('doc_no')} {sheet.issued.doc_no}", 8.5, SOFT, "right")
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, y - 8, MARGIN + CONTENT_WIDTH, y - 8)


def _footer(canvas: Canvas, sheet: Sheet, page: int, pages: int) -> None:
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, 60, MARGIN + CONTENT_WIDTH, 60)
    mark = f"  {sheet.say('test_mark')}" if sheet.issued.facts.record.is_test else ""
    text_at(canvas, MARGIN, 46, sheet.say("self_print") + mark, 8, SOFT)
    text_at(canvas, MARGIN, 33, sheet.issued.verify_url, fitted(sheet.issued.verify_url, 7, CONTENT_WIDTH - 120), SOFT)
    right = MARGIN + CONTENT_WIDTH
    text_at(canvas, right, 46, sheet.say("page").format(i=page, n=pages), 8.5, INK, "right")
    where = f"{sheet.say('terminal')} {sheet.issued.terminal_id}"
    text_at(canvas, right, 33, where, 7.5, SOFT, "right")


@cache
def _watermark_image() -> ImageReader:
    """The words across the page as a picture: as text they would run through the lines that pdftotext gives back."""
    words, scale = label("test_mark", "zh"), 2
    font = ImageFont.truetype(str(fonts.font_file(fonts.CHAIN[0][1])), 40 * scale)
    line = Image.new("L", (round(font.getlength(words)) + 20, 60 * scale), 0)
    ImageDraw.Draw(line).text((10, 4), words, fill=34, font=font)
    turned = line.rotate(38, expand=True)
    picture = Image.new("RGBA", turned.size, (90, 102, 116, 0))
    picture.putalpha(turned)
    return ImageReader(picture)


def _watermark(canvas: Canvas) -> None:
    image = _watermark_image()
    width, height = (side / 2 for side in image.getSize())
    for offset in (-260, 0, 260):
        canvas.drawImage(
            image, PAGE_WIDTH / 2 - width / 2, PAGE_HEIGHT / 2 - height / 2 + offset, width, height, mask="auto"
        )


def closing(flow: Flow, sheet: Sheet, name: str) -> None:
    """The prepared-for line, and the slot where the seal goes (a plain ring on test data)."""
    words = sheet.say("prepared").format(name=name, time=minute(sheet.printed_at), terminal=sheet.issued.terminal_id)
    flow.room(112)
    flow.y -= 104
    y = flow.y

    def action(canvas: Canvas) -> None:
        for index, part in enumerate(wrapped(words, 9.5, CONTENT_WIDTH - 140)):
            text_at(canvas, MARGIN, y + 68 - index * 15, part, 9.5)
        text_at(canvas, MARGIN, y + 20, f"{sheet.say('source')}  {sheet.issued.facts.record.source_unit}", 8.5, SOFT)
        x = MARGIN + CONTENT_WIDTH - 50
        canvas.setStrokeColor(SEAL_RED)
        canvas.setLineWidth(1.6)
        canvas.circle(x, y + 48, 42, stroke=1, fill=0)
        text_at(canvas, x, y + 44, label("seal", "zh"), 12, SEAL_RED, "centre")

    flow.draw(action)


def finish(flow: Flow, sheet: Sheet) -> bytes:
    """All pages with their frames, as PDF bytes; the same input gives the same bytes."""
    fonts.load()
    buffer = BytesIO()
    canvas = Canvas(
        buffer,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        initialFontName=fonts.MAIN,  # type: ignore[arg-type]  # a name, whatever the stub says
        invariant=1,
        pageCompression=1,
    )
    canvas.setTitle(sheet.issued.title)
    canvas.setAuthor(sheet.issued.issuer)
    canvas.setSubject(sheet.issued.doc_no)
    for index, draws in enumerate(flow.pages, start=1):
        if sheet.issued.facts.record.is_test:
            _watermark(canvas)
        (_first_head if index == 1 else _other_head)(canvas, sheet)
        for draw in draws:
            draw(canvas)
        _footer(canvas, sheet, index, len(flow.pages))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()
