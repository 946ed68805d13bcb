"""EF05/EF06 decoding: typed values or a named refusal, whatever the bytes."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from card import errors
from card.dates import PartialDate, decode_date
from card.padding import is_empty
from card.records import PLACES, CardData, decode, value_of
from card.text import PRIVATE_USE, decode_name
from tests.unit.card.records_of import GOOD


def changed(tag: int, value: bytes) -> dict[int, bytes]:
    """A good card with one record changed."""
    return {**GOOD, tag: value}


def test_a_good_card() -> None:
    data = decode(GOOD)
    assert (data.card_id, data.generation, data.expires) == ("4401" + "5A" * 14, 3, date(2026, 3, 1))
    assert (data.holder.name, data.holder.birth_date, data.holder.birthplace) == ("测甲", date(1985, 4, 12), "990106")


def test_there_are_thirteen_records() -> None:
    assert [place.tag for place in PLACES] == list(range(1, 14))
    assert [place.number for place in PLACES] == [1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("tag", "value", "error"),
    [
        (0x01, b"\xff" * 16, errors.EmptyRecord),
        (0x01, b"\x44" * 15, errors.TornRecord),
        (0x08, b" " * 18, errors.EmptyRecord),
        (0x08, b"99010619850412001", errors.TornRecord),
        (0x08, b"99010619850412001A", errors.TornRecord),
        (0x09, b"\0" * 30, errors.EmptyRecord),
        (0x09, b"\x81\xff\x81\xff", errors.NotGbk),
        (0x09, b"\x01\x02ab", errors.NotGbk),
        (0x05, bytes.fromhex("20161332"), errors.TornRecord),
        (0x0D, bytes.fromhex("1985AB12"), errors.TornRecord),
        (0x0B, b"\xfa", errors.TornRecord),
        (0x0A, b"3", errors.TornRecord),
        (0x0A, b"\x03", errors.TornRecord),
        (0x0A, b"11", errors.TornRecord),
        (0x0C, b"44010a", errors.TornRecord),
        (0x0C, bytes.fromhex("4401"), errors.TornRecord),
        (0x07, b"T0000 001", errors.TornRecord),
        (0x03, b"3.\x010", errors.TornRecord),
        (0x08, b"990106198513120011", errors.TornRecord),
    ],
)
def test_what_can_not_be_is_refused_by_name(tag: int, value: bytes, error: type[errors.RecordError]) -> None:
    with pytest.raises(error) as refused:
        decode(changed(tag, value))
    assert refused.value.tag == tag
    assert f"{tag:02X}" in str(refused.value)


@pytest.mark.parametrize("tag", [0x02, 0x04, 0x05, 0x06, 0x07, 0x0A, 0x0B, 0x0C, 0x0D])
@pytest.mark.parametrize("value", [b"", b"\xff\xff\xff\xff", b"    ", b"\0\0\0\0"])
def test_optional_records_may_be_empty(tag: int, value: bytes) -> None:
    assert isinstance(decode(changed(tag, value)), CardData)


def test_a_lower_case_check_digit_is_accepted() -> None:
    assert decode(changed(0x08, b"99010619850412009x")).holder.id_no.endswith("X")


@pytest.mark.parametrize(
    ("version", "generation"),
    [(b"1.00", 1), (b"2.00", 2), (b"2.01", 2), (bytes(4), 2), (b"", 0), (b"\xff" * 4, 0), (b"3.00", 3), (b"9.99", 0)],
)
def test_generations(version: bytes, generation: int) -> None:
    assert decode(changed(0x03, version)).generation == generation


@pytest.mark.parametrize(
    ("tag", "value", "other"),
    [
        (0x0D, bytes.fromhex("19850413"), 0x0D), (0x0D, bytes.fromhex("19860000"), 0x0D), (0x0D, b"19850500", 0x0D),
        (0x0A, b"2", 0x0A), (0x0A, b"\x02", 0x0A),
    ],
)  # fmt: skip
def test_a_number_that_another_record_contradicts(tag: int, value: bytes, other: int) -> None:
    with pytest.raises(errors.ContradictoryCard) as refused:
        decode(changed(tag, value))
    assert (refused.value.tag, refused.value.other) == (0x08, other)


@pytest.mark.parametrize("expires", ["20160229", "20150000", "20160200"])
def test_a_term_that_ends_before_it_begins(expires: str) -> None:
    with pytest.raises(errors.ContradictoryCard) as refused:
        decode(changed(0x06, bytes.fromhex(expires)))
    assert (refused.value.tag, refused.value.other) == (0x05, 0x06)


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (0x0D, bytes(4)), (0x0D, bytes.fromhex("19850000")), (0x0D, b"19850400"), (0x0A, b"9"), (0x0A, b"0"),
        (0x0A, b"\x01"), (0x06, bytes.fromhex("20160300")), (0x06, bytes.fromhex("20160000")), (0x0C, b"440102"),
    ],
)  # fmt: skip
def test_what_does_not_contradict(tag: int, value: bytes) -> None:
    assert isinstance(decode(changed(tag, value)), CardData)


@pytest.mark.parametrize("number", [b"990106198504120015", b"99010619850412001X", b"990107198504120014"])
def test_a_wrong_check_digit(number: bytes) -> None:
    with pytest.raises(errors.WrongCheckDigit) as refused:
        decode(changed(0x08, number))
    assert refused.value.tag == 0x08


@pytest.mark.parametrize("tag", range(1, 14))
def test_a_refusal_tells_no_value(tag: int) -> None:
    """Neither the message nor what is chained to it: a log may hold both."""
    for value in (b"19850413", b"2", b"990106198504120015", b"\xb2\xe2\xff\xfe", b"19851332", b"\x01\x02"):
        try:
            decode(changed(tag, value))
        except errors.RecordError as error:
            assert error.__cause__ is None
            assert error.__suppress_context__ or error.__context__ is None
            assert not re.search(r"\d{3}|[^ -~]", str(error))


def test_a_card_code_of_one_repeated_byte_is_a_filler() -> None:
    with pytest.raises(errors.EmptyRecord):
        decode(changed(0x01, b"\x44" * 16))


def test_a_number_of_fifteen_digits() -> None:
    for number in (b"990106850412001", b"990106850412001\0\0\0", b"990106850412001   "):
        holder = decode(changed(0x08, number)).holder
        assert (holder.id_no, holder.id_converted) == ("990106198504120014", True)
    assert not decode(GOOD).holder.id_converted


@pytest.mark.parametrize("tag", range(1, 14))
def test_a_record_that_was_not_read_is_like_an_empty_one(tag: int) -> None:
    without = {key: value for key, value in GOOD.items() if key != tag}
    if tag in (0x01, 0x08, 0x09):
        with pytest.raises(errors.EmptyRecord):
            decode(without)
    else:
        assert decode(without) == decode({**without, tag: b""})


def test_the_needed_records_are_enough() -> None:
    needed = {place.tag for place in PLACES if place.needed}
    assert needed == {0x01, 0x03, 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0D}
    data = decode({tag: value for tag, value in GOOD.items() if tag in needed})
    data.check_valid(date(2026, 3, 1))
    assert (data.generation, data.holder.name, data.holder.ethnic, data.card_no) == (3, "测甲", "", "")


@pytest.mark.parametrize(
    ("value", "code"), [(b"1", "1"), (b"\x01", "1"), (b"9", "9"), (b"\x09", "9"), (b"0", "0"), (b"\0", "")]
)
def test_sex_in_ascii_and_binary(value: bytes, code: str) -> None:
    assert decode(changed(0x0A, value)).holder.sex == code


@given(st.integers(1, 99))
def test_ethnic_groups_in_bcd_and_ascii(code: int) -> None:
    for value in (bytes([code // 10 << 4 | code % 10]), b"%02d" % code):
        assert decode(changed(0x0B, value)).holder.ethnic == f"{code:02}"


@given(st.integers(1, 999_999).filter(lambda code: code != 202020))  # three blanks
def test_regions_in_bcd_and_ascii(code: int) -> None:
    text = f"{code:06}"
    for value in (bytes(int(text[at]) << 4 | int(text[at + 1]) for at in (0, 2, 4)), text.encode()):
        assert decode(changed(0x0C, value)).holder.birthplace == text


@given(st.from_regex(rb"[0-9A-Z]{9}", fullmatch=True), st.sampled_from([b"", b"\0", b"  ", b"\xff"]))
def test_card_numbers_come_back(number: bytes, padding: bytes) -> None:
    assert decode(changed(0x07, number + padding)).card_no == number.decode()


@given(st.binary(max_size=40), st.text("\0 \xff", max_size=5))
def test_padding_behind_a_record_is_left_out(value: bytes, padding: str) -> None:
    record = bytes([0x09, len(value)]) + value
    assert value_of(0x09, record + padding.encode("latin-1")) == value
    with pytest.raises(errors.TornRecord):
        value_of(0x09, record + padding.encode("latin-1") + b"\x01")


@pytest.mark.parametrize(
    "record", [b"\x08\x04abcd", b"\x09\x05abcd", b"\x09\x03abcd", b"\x09", b"abcd", b"\x09\xff" + b"a" * 30]
)
def test_a_tag_or_length_that_does_not_fit_is_torn(record: bytes) -> None:
    with pytest.raises(errors.TornRecord):
        value_of(0x09, record)


def test_a_term_known_to_the_year_lasts_it_out() -> None:
    data = decode(changed(0x06, bytes.fromhex("20260000")))
    assert data.expires == PartialDate(2026)
    data.check_valid(date(2026, 12, 31))
    with pytest.raises(errors.ExpiredCard) as over:
        data.check_valid(date(2027, 1, 1))
    assert over.value.expires == date(2026, 12, 31)


def test_what_a_name_lacks_is_told() -> None:
    holder = decode(changed(0x09, ("王\ue000" + "买" * 20).encode("gb18030")[:30] + b"\x95")).holder
    assert (holder.name, holder.name_unreadable, holder.name_truncated) == ("王〓" + "买" * 13 + "…", (1,), True)


@pytest.mark.parametrize("name", [b"\xa1\xa1" * 15, b"\xa1\xa1"])
def test_a_name_of_blanks_is_no_name(name: bytes) -> None:
    with pytest.raises(errors.EmptyRecord):
        decode(changed(0x09, name))


def test_an_expired_card() -> None:
    data = decode(GOOD)
    data.check_valid(date(2026, 3, 1))
    with pytest.raises(errors.ExpiredCard):
        data.check_valid(date(2026, 3, 2))
    decode(changed(0x06, bytes(4))).check_valid(date(2999, 1, 1))


@pytest.mark.parametrize("name", ["欧阳娜", "阿依古丽·买买提", "闫超䶮", "王喆", "TAYLOR", "侯霞㛃"])
def test_names_of_the_wild(name: str) -> None:
    raw = name.encode("gb18030").ljust(30, b"\0")
    assert decode(changed(0x09, raw)).holder.name == name


def test_private_use_names_are_mapped_to_unicode() -> None:
    assert decode_name(b"\xfe\x59").text == "\u9fb4"
    assert decode_name(b"\xa8\xbc").text == "\u1e3f"
    assert len(PRIVATE_USE) == 25


@given(st.binary(max_size=40), st.integers(1, 13))
@settings(max_examples=1500, deadline=None)
def test_any_bytes_give_a_card_or_a_named_refusal(value: bytes, tag: int) -> None:
    try:
        assert isinstance(decode(changed(tag, value)), CardData)
    except errors.ContradictoryCard as error:
        assert tag in (error.tag, error.other)
    except errors.RecordError as error:
        assert error.tag == tag


@given(st.binary(max_size=60), st.integers(1, 13))
@settings(max_examples=1500, deadline=None)
def test_any_record_gives_a_value_or_is_torn(record: bytes, tag: int) -> None:
    try:
        value = value_of(tag, record)
    except errors.TornRecord:
        assert not is_empty(record)
    else:
        assert value == b"" or record.startswith(bytes([tag, len(value)]) + value)
        assert is_empty(record[2 + len(value) :])


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2999, 12, 31)))
def test_dates_come_back(day: date) -> None:
    assert decode_date(bytes.fromhex(f"{day:%Y%m%d}")) == day


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=15))
def test_chinese_names_come_back(name: str) -> None:
    assert decode_name(name.encode("gbk").ljust(30, b" ")).text == name
