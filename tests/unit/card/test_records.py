"""EF05/EF06 decoding: typed values or a named refusal, whatever the bytes."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from card import errors
from card.dates import decode_date
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
