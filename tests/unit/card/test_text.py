"""Names: every character comes back or is marked, a name that hides something is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card.text import PRIVATE_USE, CardName, decode_name

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
RARE = st.sampled_from("㛃䶮𬀩𫖯𠅤龴𬱖𬭚〇㐂\U0002b81d\U00030000\U0002ebf0\U00031350\U000323b0")
DOTS = "·・•‧･∙⋅"


def padded(raw: bytes, padding: bytes = b"\0") -> bytes:
    """A whole record's value."""
    return raw.ljust(30, padding)


@given(st.text(HAN, min_size=1, max_size=15), st.sampled_from([b"\0", b" ", b"\xff"]))
def test_names_of_gbk_come_back(name: str, padding: bytes) -> None:
    assert decode_name(padded(name.encode("gbk"), padding)) == CardName(name)


@given(st.text(HAN | RARE, min_size=1, max_size=7))
def test_rare_names_come_back(name: str) -> None:
    assert decode_name(padded(name.encode("gb18030"))) == CardName(name)


@given(st.text(HAN, min_size=1, max_size=6), st.text(HAN, min_size=1, max_size=6), st.sampled_from(DOTS))
def test_every_dot_between_two_parts_is_the_middle_dot(first: str, second: str, dot: str) -> None:
    assert decode_name(padded(f"{first}{dot}{second}".encode("gb18030"))).text == f"{first}·{second}"


def test_the_middle_dot_is_a1a4() -> None:
    assert decode_name(bytes.fromhex("B0A2D2C0A1A4BFA8")).text == "阿依·卡"


@pytest.mark.parametrize("blank", [" ", "\u3000", "   ", " \u3000 "])
def test_blanks_between_two_parts_are_one(blank: str) -> None:
    assert decode_name(padded(f"TAYLOR{blank}SMITH".encode("gb18030"))).text == "TAYLOR SMITH"


@pytest.mark.parametrize(
    "raw", [b"\xa1\xa1\xcd\xf5\xd0\xa1", b"  \xcd\xf5\xd0\xa1\xa1\xa1", b"\xcd\xf5\xd0\xa1\xa3\xa0"]
)
def test_blanks_around_a_name_are_padding(raw: bytes) -> None:
    assert decode_name(padded(raw)) == CardName("王小")


@pytest.mark.parametrize("value", [b"", b"\0" * 30, b" " * 30, b"\xff" * 30, b"\xa1\xa1" * 15])
def test_no_name(value: bytes) -> None:
    assert decode_name(value) == CardName("")


@pytest.mark.parametrize(
    ("private", "point"), PRIVATE_USE.items(), ids=[f"{point:X}" for point in PRIVATE_USE.values()]
)
def test_private_use_with_a_standard_mapping(private: int, point: int) -> None:
    assert decode_name(padded(f"王{chr(private)}".encode("gb18030"))) == CardName(f"王{chr(point)}")
    assert decode_name(padded(f"王{chr(point)}".encode("gb18030"))) == CardName(f"王{chr(point)}")


@pytest.mark.parametrize(
    ("code", "point"),
    [
        ("A8BC", 0x1E3F), ("A6D9", 0xFE10), ("A6DA", 0xFE12), ("A6F3", 0xFE19), ("FE51", 0x20087), ("FE59", 0x9FB4),
        ("FE91", 0x241FE), ("FEA0", 0x9FBB), ("95329031", 0x20087), ("82359037", 0x9FB4),
    ],
)  # fmt: skip
def test_codes_of_the_standard(code: str, point: int) -> None:
    assert decode_name(padded(bytes.fromhex("CDF5" + code))).text == f"王{chr(point)}"


def test_there_are_25_mappings() -> None:
    assert len(PRIVATE_USE) == len(set(PRIVATE_USE.values())) == 25
    assert all(0xE000 <= private <= 0xF8FF for private in PRIVATE_USE)
    assert not any(0xE000 <= point <= 0xF8FF for point in PRIVATE_USE.values())


@given(
    st.text(HAN, max_size=4),
    st.characters(min_codepoint=0xE000, max_codepoint=0xF8FF).filter(
        lambda c: ord(c) not in PRIVATE_USE and c != "\ue5e5"
    )
    | st.characters(min_codepoint=0xF0000, max_codepoint=0xFFFFD)
    | st.sampled_from("\ufffd〓"),
    st.text(HAN, max_size=4),
)
def test_what_has_no_unicode_is_marked_where_it_stands(before: str, private: str, after: str) -> None:
    got = decode_name(padded(f"{before}{private}{after}".encode("gb18030")))
    assert got == CardName(f"{before}〓{after}", (len(before),))


@pytest.mark.parametrize("length", [29, 30])
def test_a_name_cut_off_inside_a_character_says_so(length: int) -> None:
    name = ("A" if length == 30 else "") + "买" * 20
    got = decode_name(padded(name.encode("gbk")[:length]))
    assert got == CardName(name[: len(name) - 6] + "…", (), truncated=True)


def test_a_name_cut_off_inside_four_bytes_says_so() -> None:
    whole = "买" * 14
    raw = whole.encode("gbk") + "𠅤".encode("gb18030")
    assert decode_name(raw[:30]) == CardName(whole + "…", (), truncated=True)
    assert decode_name(raw[:31]) == CardName(whole + "…", (), truncated=True)


@pytest.mark.parametrize("end", [b"\x80", b"\xff0", b"\xff9", b"\x8c2r", b"\xda\x4c\x80"])
def test_what_is_no_half_of_a_character_is_no_text(end: bytes) -> None:
    """Found by the run of ten million: Python's incremental decoder waits for more behind these."""
    with pytest.raises(ValueError, match="gb18030"):
        decode_name("买".encode("gbk") * 14 + b"A" + end)


def test_a_full_name_is_not_cut_off() -> None:
    assert decode_name("买".encode("gbk") * 15) == CardName("买" * 15)


@pytest.mark.parametrize(
    "raw", [b"\xcd\xf5\xd0", b"\xcd\xf5\x95\x32", b"\x81\xff\x81\xff", b"\x80", b"\xcd\xf5\xff\xcd\xf5"]
)
def test_half_a_character_in_a_short_name_is_no_text(raw: bytes) -> None:
    with pytest.raises(ValueError, match="gb18030"):
        decode_name(padded(raw))


@pytest.mark.parametrize(
    "char",
    [
        "\x00", "\t", "\n", "\x1b", "\x7f", "\x85", "\xa0", "\xad", "\u034f", "\u061c", "\u115f", "\u180e", "\u200b",
        "\u200d", "\u200e", "\u2028", "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\u2800", "\u3164", "\ufe0f",
        "\ufeff", "\uffa0", "\ufffc", "\U000e0001", "\U000e0101", "\U0001d173", "\u0378", "\uffff", "\U0002ffff",
    ],
    ids=ascii,
)  # fmt: skip
def test_what_hides_or_is_no_character_is_refused(char: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        decode_name(padded(f"王{char}三".encode("gb18030")))


@given(st.binary(max_size=40))
def test_any_bytes_give_a_visible_name_or_a_refusal(value: bytes) -> None:
    try:
        name = decode_name(value)
    except ValueError:
        return
    assert name.text == name.text.strip()
    assert all(name.text[at] == "〓" for at in name.unreadable)
    assert name.text.count("〓") == len(name.unreadable)
    assert name.text.endswith("…") or not name.truncated or not name.text
    assert not any(0xE000 <= ord(char) <= 0xF8FF or ord(char) >= 0xF0000 for char in name.text)
