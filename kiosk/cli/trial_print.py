"""`kiosk print slip|a4 --test`: paper that says it is a test, followed to the printer's own last word."""

import uuid
from datetime import datetime

from kiosk.config import Config
from kiosk.printers import printers, slip_printer
from printing.drawing import Page, Text
from printing.escpos_bytes import INIT_CHINESE, Line, encoded
from printing.pdf import Properties, pdf_bytes
from printing.pen import HEIGHT, WIDTH
from printing.profiles import profiles

WORDS = ("打印测试", "Test print", "测试数据 不具法律效力", "䶮 㛃 𬀩 𫖯 0123456789")


def _lines(config: Config) -> list[str]:
    return [*WORDS, config.terminal.id, f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}"]


def print_test_slip(config: Config) -> tuple[str, str]:
    """(end, evidence) of a test slip."""
    lines = (Line(text, "centre") for text in _lines(config))
    body = INIT_CHINESE + encoded(lines, profiles()[config.thermal.profile]) + b"\n\n"
    outcome = slip_printer(config).print_slip(body, int(datetime.now().timestamp()) % 10_000_000, lambda _counted: None)
    return outcome.end.value, outcome.evidence


def print_test_page(config: Config) -> tuple[str, str]:
    """(end, evidence) of a test page."""
    lines = [Text(72, 760 - index * 30, text, 18) for index, text in enumerate(_lines(config))]
    about = Properties(WORDS[0], config.terminal.id, WORDS[2], datetime.now().astimezone(), "")
    pdf = pdf_bytes([Page(WIDTH, HEIGHT, 1.0, list(lines))], about, {})
    outcome = printers(config).a4.print_document(pdf, uuid.uuid4(), lambda _counted: None)
    return outcome.end.value, outcome.evidence
