"""Line breaks: nothing lost, nothing too wide, no mark on the wrong side of a break, no figure cut in two."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printing import fonts
from printing.breaking import CLOSING, OPENING, Measure, balanced, broken
from printing.escpos_bytes import columns
from printing.pen import wrapped

Cut = Callable[[str, float, Measure], list[str]]
TEXTS = st.text(alphabet="参保缴费证明，。）》（《“” abc12.34", max_size=80)


@given(TEXTS, st.integers(8, 48), st.sampled_from([broken, balanced]))
@settings(deadline=None)
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, room: int, cut: Cut) -> None:
    lines = cut(text, room, columns)
    assert all(columns(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("room", range(12, 48))
@pytest.mark.parametrize("cut", [broken, balanced])
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(cut: Cut, room: int) -> None:
    text = "依据《社会保险法》（中华人民共和国主席令第35号）。》第七十四条，个人可以（免费）查询；12345.67元。"
    lines = cut(text, room, columns)
    assert not [line for line in lines if line[:1] in CLOSING or line[-1:] in OPENING]
    assert any("12345.67" in line for line in lines)


def test_a_mark_at_the_end_of_a_full_line_stays_inside_the_room() -> None:
    text = "测试" * 10 + "）。" + "测试"
    room = fonts.width("测试" * 10, 10)
    assert all(fonts.width(line, 10) <= room for line in wrapped(text, 10, room))


def test_what_is_centred_has_no_short_end() -> None:
    text = "广州市海珠区赤岗街道办事处（测试）"
    assert broken(text, 32, columns) == ["广州市海珠区赤岗街道办事处（测", "试）"]
    one, two = balanced(text, 32, columns)
    assert abs(columns(one) - columns(two)) <= 4
