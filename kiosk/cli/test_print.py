"""`kiosk print slip|a4 --test`: paper that says it is a test, followed to the printer's own last word."""

import uuid
from datetime import datetime
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from kiosk.config import Config
from kiosk.printers import printers, slip_printer
from printing import fonts
from printing.escpos_bytes import INIT_CHINESE, Line, encode_line
from printing.flow import text_at

WORDS = ("打印测试", "Test print", "测试数据 不具法律效力", "䶮 㛃 𬀩 𫖯 0123456789")


def _lines(config: Config) -> list[str]:
    return [*WORDS, config.terminal.id, f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}"]


def print_test_slip(config: Config) -> tuple[str, str]:
    """(end, evidence) of a test slip."""
    body = INIT_CHINESE + b"".join(encode_line(Line(text, "centre")) for text in _lines(config)) + b"\n\n"
    outcome = slip_printer(config).print_slip(body, int(datetime.now().timestamp()) % 10_000_000, lambda _counted: None)
    return outcome.end.value, outcome.evidence


def print_test_page(config: Config) -> tuple[str, str]:
    """(end, evidence) of a test page."""
    fonts.load()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842), initialFontName=fonts.MAIN)  # type: ignore[arg-type]  # a name
    for index, text in enumerate(_lines(config)):
        text_at(canvas, 72, 760 - index * 30, text, 18)
    canvas.save()
    outcome = printers(config).a4.print_document(buffer.getvalue(), uuid.uuid4(), lambda _counted: None)
    return outcome.end.value, outcome.evidence
