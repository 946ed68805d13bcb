"""The slip printer's own QR symbols, read back by a decoder that others wrote."""

import pytest
import zxingcpp
from PIL import Image, ImageOps

from simulators.qr_symbol import QrSettings, draw_qr

PRINT = bytes([49, 81, 48])


def stored(text: bytes, settings: QrSettings | None = None) -> QrSettings:
    """The settings after GS ( k has stored the data (function 80; m is 48)."""
    kept, picture = draw_qr(settings or QrSettings(), bytes([49, 80, 48]) + text)
    assert picture is None
    return kept


def printed(settings: QrSettings) -> Image.Image:
    """The symbol."""
    _, picture = draw_qr(settings, PRINT)
    assert picture is not None
    return picture


@pytest.mark.parametrize("level", [48, 49, 50, 51])
def test_what_is_stored_is_what_a_decoder_reads(level: int) -> None:
    settings, _ = draw_qr(QrSettings(module=4), bytes([49, 69, level]))
    picture = printed(stored(b"https://heyan.example.invalid/V/AB12", settings))
    paper = ImageOps.expand(ImageOps.invert(picture.convert("L")), border=20, fill=255)
    (found,) = zxingcpp.read_barcodes(paper)
    assert found.text == "https://heyan.example.invalid/V/AB12"
    assert found.ec_level == "LMQH"[level - 48]


@pytest.mark.parametrize(("asked", "module"), [(0, 1), (6, 6), (16, 16), (200, 16)])
def test_the_module_size_is_kept_within_what_the_printer_can(asked: int, module: int) -> None:
    settings, _ = draw_qr(stored(b"A"), bytes([49, 67, asked]))
    assert printed(settings).width == 21 * module


def test_nothing_stored_prints_nothing() -> None:
    assert draw_qr(QrSettings(), PRINT) == (QrSettings(), None)


@pytest.mark.parametrize("args", [b"", b"\x31\x51", bytes([48, 81, 48]), bytes([49, 82, 48]), bytes([49, 99, 1])])
def test_other_functions_and_other_symbols_change_nothing(args: bytes) -> None:
    before = stored(b"kept")
    assert draw_qr(before, args) == (before, None)
