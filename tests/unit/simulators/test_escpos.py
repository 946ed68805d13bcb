"""The slip printer's decoder: any bytes, any cuts between them, the same picture."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.escpos import Decoder, Op, RealTime, Text
from simulators.slip_picture import WIDTH, SlipPicture

SAMPLE = b"\x1b@\x1c&\x1ba\x01\x1d!\x11" + "参保缴费".encode("gbk") + b"\n\x1d!\x00abc\n\x1dVB\x00"


def tokens(*blocks: bytes) -> list[object]:
    """All tokens of a stream that arrives in blocks."""
    decoder = Decoder()
    return [token for block in blocks for token, _raw in decoder.feed(block)]


def test_a_slip_is_taken_apart() -> None:
    names = [token.name if isinstance(token, Op) else "text" for token in tokens(SAMPLE)]
    assert names == ["init", "kanji-on", "align", "size", "text", "line-feed", "size", "text", "line-feed", "cut"]


@given(st.integers(0, len(SAMPLE)))
def test_where_a_block_ends_does_not_matter_for_commands(cut: int) -> None:
    whole = [token for token in tokens(SAMPLE) if isinstance(token, Op)]
    assert [token for token in tokens(SAMPLE[:cut], SAMPLE[cut:]) if isinstance(token, Op)] == whole


def test_real_time_requests_are_seen_at_once() -> None:
    assert tokens(b"\x10\x04\x01\x10\x05\x02") == [RealTime(4, 1), RealTime(5, 2)]


def test_a_trap_inside_a_raster_is_data() -> None:
    raster = b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01"
    assert tokens(raster) == [Op("raster", b"\x00\x03\x00\x01\x00\x10\x04\x01")]


@given(st.binary(max_size=400))
@settings(max_examples=600, deadline=None)
def test_any_bytes_are_decoded_and_drawn(data: bytes) -> None:
    picture = SlipPicture()
    for token in tokens(data):
        if isinstance(token, Text | Op):
            picture.apply(token)
    assert picture.height >= 0


def test_a_slip_is_576_dots_wide() -> None:
    picture = SlipPicture()
    for token in tokens(SAMPLE):
        if isinstance(token, Text | Op):
            picture.apply(token)
    image = picture.image()
    assert image.width == WIDTH
    assert image.getextrema() == (0, 255)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_status_bytes_have_their_fixed_bits(n: int) -> None:
    from simulators.thermal import Faults

    for paper in ("ok", "near-end", "out"):
        faults = Faults()
        faults.paper = paper
        (byte,) = faults.real_time_answer(n)
        assert byte & 0x93 == 0x12
