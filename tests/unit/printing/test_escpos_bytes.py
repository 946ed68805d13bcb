"""Slip lines: what doesn't fit is broken well, what is drawn keeps inside its columns and loses no dot."""

import io

from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from printing import escpos_bytes as eb
from printing.profiles import profiles
from simulators.escpos import Decoder, Op
from simulators.slip_picture import SlipPicture

LETTERS = st.text(alphabet="参保缴费证明，。）（ab 12.", min_size=1, max_size=90)


def drawn(data: bytes, width: int = 576) -> Image.Image:
    """A raster as the head burns it."""
    paper = SlipPicture(width=width)
    for token, _raw in Decoder().feed(data):
        assert isinstance(token, Op)
        paper.apply(token)
    return paper.image().convert("L")


@given(LETTERS, st.sampled_from([32, 48]), st.sampled_from([1, 2]))
@settings(deadline=None)
def test_every_piece_of_a_wrapped_line_fits_and_nothing_is_lost(text: str, width: int, scale: int) -> None:
    pieces = eb.wrapped(eb.Line(text, "right", scale, bold=True), width)
    assert all(eb.columns(piece.text) * scale <= width for piece in pieces)
    assert "".join(piece.text for piece in pieces).replace(" ", "") == text.replace(" ", "")
    assert {(piece.align, piece.scale, piece.bold) for piece in pieces} == {("right", scale, True)}


def test_a_closing_mark_and_a_word_stay_with_theirs() -> None:
    place, title = "广州市海珠区赤岗街道办事处（测试）", "Statement of social-insurance contributions"
    assert [line.text for line in eb.wrapped(eb.Line(place), 32)] == ["广州市海珠区赤岗街道办事处（测", "试）"]
    assert [line.text for line in eb.wrapped(eb.Line(title), 32)] == ["Statement of social-insurance", "contributions"]


@given(st.text(alphabet="参保缴費㛃䶮0123456789WM.*-", min_size=1, max_size=24), st.sampled_from(["left", "right"]))
@example("养老账户储存额12480.00", "right")
@settings(deadline=None)
def test_a_drawn_line_keeps_off_the_edge_it_is_aligned_to(text: str, align: str) -> None:
    box = ImageOps.invert(drawn(eb.raster_line(eb.Line(text, align)))).getbbox()
    assert box is not None
    room = eb.columns(text) * 12
    left, right = (0, room) if align == "left" else (576 - room, 576)
    assert left - 8 <= box[0] and box[2] <= right + 8


@given(st.binary(min_size=72 * 24, max_size=72 * 24))
@settings(max_examples=30, deadline=None)
def test_a_raster_that_is_shifted_loses_no_dot(bits: bytes) -> None:
    image = Image.frombytes("1", (576, 24), bits)
    data = eb.safe_raster(image)
    assert not any(trap in data for trap in eb.TRAPS)
    white = image.convert("L").histogram()[0], drawn(data).histogram()[0]
    assert white[1] >= white[0]


def test_the_trap_of_every_profile_is_avoided() -> None:
    for profile in profiles().values():
        picture = Image.new("1", (profile.dots, 8), 1)
        picture.paste(0, (3, 0, 4, 8))
        picture.paste(0, (13, 0, 14, 8))  # 10 04 in every row
        assert b"\x10\x04" in _plain(picture)
        assert not any(trap in eb.safe_raster(picture, profile) for trap in eb.TRAPS)


def _plain(picture: Image.Image) -> bytes:
    """Its dots as they are, black a 1 (PBM)."""
    out = io.BytesIO()
    picture.save(out, "PPM")
    return out.getvalue()
