"""The mark on another paper of the same number: which one it is, and that the one before did not come out whole."""

from datetime import datetime
from io import BytesIO

import pikepdf

from printing.drawing import Page, Text
from printing.escpos_bytes import FEED_AND_CUT, INIT_CHINESE, Line, encoded
from printing.pdf import Properties, pdf_bytes
from printing.pen import MARGIN, WIDTH
from printing.profiles import DEFAULT, Profile

TOP_POINTS = 24
SIZE_POINTS = 9


def sentence(paper: int) -> str:
    """What is on it; `paper` counts from 1."""
    return f"补打：本编号第{paper}份，前一份未打印完整  Paper {paper} of this number, paper {paper - 1} is not whole"


def mark_a4(pdf: bytes, paper: int) -> bytes:
    """The same pages with the sentence at the top of each. The file's signature ends here, that of the code doesn't."""
    with pikepdf.open(BytesIO(pdf)) as document:
        sizes = [tuple(float(edge) for edge in page.mediabox[2:]) for page in document.pages]
        with pikepdf.open(BytesIO(_overlay(sizes, sentence(paper)))) as overlay:
            for page, mark in zip(document.pages, overlay.pages, strict=True):
                page.add_overlay(mark, None)
            marked = BytesIO()
            document.save(marked)
    return marked.getvalue()


def _overlay(sizes: list[tuple[float, ...]], text: str) -> bytes:
    pages = [_marked_page(width, height, width / WIDTH, text) for width, height in sizes]
    return pdf_bytes(pages, Properties(text, "", "", datetime.now().astimezone(), ""), {})


def _marked_page(width: float, height: float, scale: float, text: str) -> Page:
    """In large print the mark is large, too."""
    return Page(width, height, scale, [Text(MARGIN, height / scale - TOP_POINTS, text, SIZE_POINTS, bold=True)])


def mark_slip(body: bytes, paper: int, profile: Profile = DEFAULT) -> bytes:
    """What hangs out of the printer is cut off first: it must not stick to this paper."""
    zh, en = sentence(paper).split("  ")
    lines = (Line(zh, "centre", bold=True), Line(en, "centre"), Line(""))
    return INIT_CHINESE + FEED_AND_CUT + encoded(lines, profile) + body
