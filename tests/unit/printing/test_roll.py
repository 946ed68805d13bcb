"""A slip's length from its bytes, and what is left of a roll whose sensor says near end."""

from datetime import UTC, datetime

import pytest
from PIL import Image

from backend_client.contract.documents import Medium
from backend_client.contract.seal import scan_text
from printing.escpos_bytes import Line, encode_line, qr, safe_raster
from printing.profiles import profiles
from printing.roll import CUT_MM, DOTS_A_MM, SPACING_DOTS, Roll, slip_mm
from printing.slip import render_slip
from printing.symbol import symbol
from tests.samples import contributions, issued

CODE = "HTTPS://EXAMPLE.INVALID/V/ABC234"


def dots(body: bytes) -> float:
    """The length without the cutter's part."""
    return round((slip_mm(body) - CUT_MM) * DOTS_A_MM, 6)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b"", 0),
        (b"\x1b@\x1c&abc\n", SPACING_DOTS),
        (b"\n\n\n", 3 * SPACING_DOTS),
        (encode_line(Line("大", scale=2)), 2 * 24 + 6),
        (encode_line(Line("大", scale=2)) + b"x\n", 2 * 24 + 6 + SPACING_DOTS),
        (safe_raster(Image.new("1", (576, 40), 0)), 40),
        (safe_raster(Image.new("1", (576, 10), 1)) + b"\n", 10 + SPACING_DOTS),
        (qr(CODE), len(symbol(CODE)) * 4),
        (qr(CODE, profiles()["clone-58"]), len(symbol(CODE)) * 4),
    ],
)  # fmt: skip
def test_lines_pictures_and_codes_are_as_long_as_they_are(body: bytes, wanted: int) -> None:
    assert dots(body) == wanted


def test_pictures_are_not_taken_for_line_feeds() -> None:
    picture = bytes([0x0A]) * (72 * 16)
    assert dots(b"\x1dv0\x00\x48\x00\x10\x00" + picture) == 16


def test_a_whole_slip_is_as_long_as_its_lines() -> None:
    document = issued(contributions(), Medium.SLIP)
    body = render_slip(document, "zh", datetime(2017, 1, 2, tzinfo=UTC))
    assert dots(body) > len(symbol(scan_text(document))) * 4 + 20 * SPACING_DOTS
    assert slip_mm(body) < 400


def test_what_is_left_is_counted_from_the_sensor_on() -> None:
    roll = Roll(500)
    roll.printed(300, low=False)
    assert roll.left_mm(low=False) is None
    assert (roll.left_mm(low=True), roll.enough_for(300, low=True)) == (500, True)
    roll.printed(300, low=True)
    assert (roll.left_mm(low=True), roll.enough_for(300, low=True), roll.enough_for(200, low=True)) == (
        200,
        False,
        True,
    )
    assert roll.longest_mm == 300
    assert roll.enough_for(9999, low=False)
    assert roll.left_mm(low=True) == 500


def test_without_a_word_from_the_manual_nothing_is_forecast() -> None:
    roll = Roll()
    roll.printed(300, low=True)
    assert roll.left_mm(low=True) is None
    assert roll.enough_for(9999, low=True)
