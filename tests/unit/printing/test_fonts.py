"""Every character of GB 18030-2022 level 3 can be drawn and read back; what no font has is refused."""

import io
import itertools
import os
import random
import subprocess
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printing import fonts, glyphs
from printing.drawing import Page, Text
from printing.errors import FontMissing, MissingGlyph
from printing.outlines import FARTHEST, _contours, coarser
from printing.pdf import pdf_bytes
from printing.pdf_metadata import Properties
from printing.simpler import Curve, curves, simpler
from tests.samples import CUTOFF

# GB 18030-2022, level 3: blocks up to extension F as they were then, and 12 ideographs among the compatibility ones.
RANGES = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B738), (0x2B740, 0x2B81D),
    (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0),
)  # fmt: skip
AFTER_2022 = {*range(0x9FF0, 0xA000), *range(0x4DB6, 0x4DC0), *range(0x2A6D7, 0x2A6E0), *range(0x2B735, 0x2B739)}
COMPATIBILITY = (0xFA0E, 0xFA0F, 0xFA11, 0xFA13, 0xFA14, 0xFA1F, 0xFA21, 0xFA23, 0xFA24, 0xFA27, 0xFA28, 0xFA29)
LEVEL_3 = [
    code for first, last in RANGES for code in range(first, last + 1) if code not in AFTER_2022
] + list(COMPATIBILITY)  # fmt: skip
SIZE = int(os.environ.get("ONECARD_GLYPHS", "600"))  # of the sample that goes through a PDF and back; 87887 is all


def test_level_3_has_the_characters_that_the_standard_counts() -> None:
    assert len(LEVEL_3) == 87_887


def test_every_character_of_level_3_has_a_glyph_that_is_not_empty() -> None:
    for code in LEVEL_3:
        font = fonts.font_for(chr(code))
        assert font is not None, f"U+{code:04X}"
        face = fonts.face(font)
        glyph = face.charToGlyph[code]
        assert glyph and face.glyphPos[glyph] < face.glyphPos[glyph + 1], f"U+{code:04X} is empty in {font}"


def drawn(text: str) -> bytes:
    """The text as a page."""
    lines = [text[start : start + 40] for start in range(0, len(text), 40)]
    pages = [
        Page(595.0, 842.0, 1.0, [Text(40, 800 - 12 * y, line, 10) for y, line in enumerate(lines[top : top + 60])])
        for top in range(0, len(lines), 60)
    ]
    return pdf_bytes(pages, Properties("t", "a", "s", CUTOFF, "c"), {fonts.MAIN: "凭证0123456789"})


def test_a_sample_of_level_3_comes_back_from_a_pdf(tmp_path: Path) -> None:
    chosen = random.Random(18030).sample(LEVEL_3, SIZE) if len(LEVEL_3) > SIZE else LEVEL_3
    text = "".join(map(chr, chosen))
    (tmp_path / "page.pdf").write_bytes(drawn(text))
    back = subprocess.run(
        ["pdftotext", "page.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert "".join(back.split()) == text


@given(st.text(st.sampled_from([chr(code) for code in LEVEL_3]), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_runs_join_to_the_text_and_to_its_width(text: str) -> None:
    runs = fonts.runs(text)
    assert "".join(run.text for run in runs) == text
    assert all(before.font != after.font for before, after in itertools.pairwise(runs))
    assert fonts.width(text, 10) == pytest.approx(sum(fonts.width(run.text, 10) for run in runs))


@given(st.integers(0xE000, 0xF8FF) | st.integers(0xF0000, 0x10FFFD) | st.sampled_from([0x378, 0x2FFFF, 0x3FFFF]))
@settings(max_examples=100, deadline=None)
def test_private_use_and_what_no_font_has_is_refused(code: int) -> None:
    with pytest.raises(MissingGlyph) as refused:
        fonts.runs(f"张{chr(code)}")
    assert refused.value.code_points == (f"U+{code:04X}",)
    with pytest.raises(MissingGlyph):
        fonts.width(chr(code), 10)


def test_a_font_that_is_not_installed_is_named() -> None:
    with pytest.raises(FontMissing, match=r"Nowhere\.ttf"):
        fonts.font_file("Nowhere.ttf")


def test_prepared_glyphs_and_later_ones_make_one_program() -> None:
    once, later = drawn("凭证"), drawn("凭证编号")
    with pikepdf.open(io.BytesIO(later)) as pdf:
        program = pdf.pages[0].obj.Resources.Font.F1.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes()
    assert len(later) > len(once)
    assert program[:4] == b"\0\1\0\0"
    assert drawn("凭证编号") == later


def shape(outline: bytes) -> list[Curve]:
    """All curves of a simple glyph."""
    return [curve for points in _contours(outline) for curve in curves(points)]


def at(curve: Curve, t: float) -> complex:
    """A point of a curve."""
    return (1 - t) ** 2 * curve.start + 2 * t * (1 - t) * curve.control + t * t * curve.end


def away(point: complex, found: list[Curve]) -> float:
    """How far a point is from a shape, each curve taken as four lines."""
    nearest = 1e9
    for curve in found:
        for step in range(4):
            start, line = at(curve, step / 4), at(curve, (step + 1) / 4) - at(curve, step / 4)
            share = ((point - start) * line.conjugate()).real / abs(line) ** 2 if line else 0.0
            nearest = min(nearest, abs(point - start - line * min(max(share, 0.0), 1.0)))
    return nearest


def test_a_coarser_glyph_is_nowhere_farther_away_than_it_may() -> None:
    chosen = [*"凭证号0a，é", *map(chr, random.Random(6).sample(LEVEL_3, 8))]
    for char in chosen:
        font = fonts.font_for(char) or pytest.fail(char)
        outline = glyphs.outline(font, fonts.face(font).charToGlyph[ord(char)])
        if outline[0] & 0x80:
            assert coarser(outline) == outline
            continue
        before, after = shape(outline), shape(coarser(outline))
        assert len(after) < len(before) and len(coarser(outline)) < len(outline)
        for ours, theirs in ((before, after), (after, before)):
            assert max(away(at(curve, t), theirs) for curve in ours for t in (0, 0.5)) <= FARTHEST, char


def test_empty_and_composite_glyphs_stay_as_they_are() -> None:
    composite = b"\xff\xff" + bytes(8) + b"\0\0\0\1\0\0"
    assert (coarser(b""), coarser(composite)) == (b"", composite)


PLACES = st.builds(complex, st.integers(-2000, 2000), st.integers(-2000, 2000))


@given(st.lists(st.tuples(PLACES, st.booleans()), min_size=3, max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_contour_stays_closed_and_near_where_it_was(points: list[tuple[complex, bool]]) -> None:
    if not any(on for _point, on in points):
        points[0] = (points[0][0], True)
    before = curves(points)
    after = simpler(before, 5.0)
    assert 0 < len(after) <= len(before)
    assert all(one.end == other.start for one, other in zip(after, [*after[1:], after[0]], strict=True))
    ends = {curve.start for curve in after}
    assert ends <= {curve.start for curve in before}
