"""Dates of cards: full, partly known, unknown, or no date at all; BCD and ASCII say the same."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card.dates import CardDate, PartialDate, decode_date, first_day, last_day

DAYS = st.dates(min_value=date(1800, 1, 1))


def bcd(text: str) -> bytes:
    """Two digits a byte."""
    return bytes(int(high) << 4 | int(low) for high, low in zip(text[::2], text[1::2], strict=True))


@pytest.mark.parametrize("coding", [bcd, str.encode])
@given(day=DAYS)
def test_full_dates_come_back(coding: Callable[[str], bytes], day: date) -> None:
    assert decode_date(coding(f"{day:%Y%m%d}".rjust(8, "0"))) == day


@pytest.mark.parametrize("coding", [bcd, str.encode])
@given(day=DAYS)
def test_what_is_known_comes_back(coding: Callable[[str], bytes], day: date) -> None:
    year, month = f"{day.year:04}", f"{day.month:02}"
    known: list[tuple[str, CardDate]] = [
        (year + "0000", PartialDate(day.year)),
        (year + month + "00", PartialDate(day.year, day.month)),
        (year + "00" + f"{day.day:02}", PartialDate(day.year)),
    ]
    for text, meant in known:
        got = decode_date(coding(text))
        assert got == meant
        assert first_day(meant) <= day <= last_day(meant)
        assert day.isoformat().startswith(meant.isoformat())


@pytest.mark.parametrize("value", [b"", bytes(4), b"\xff" * 4, b"    ", b"00000000", bytes(8), b"\xff" * 8])
def test_unknown_dates(value: bytes) -> None:
    assert decode_date(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "19851301", "19850230", "19850431", "19001301", "20010229", "01011985", "00000412", "17991231", "1985FFFF",
        "19850A12", "198504", "1985041200", "00FF2020",
    ],
)  # fmt: skip
def test_what_is_no_date(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_date(bytes.fromhex(value))


@pytest.mark.parametrize(
    "value", [b"1985041x", b"1985-4-1", b"19850412 ", b"1985", "１９８５".encode(), "1985年4月".encode("gbk")[:8]]
)
def test_what_is_no_date_in_ascii(value: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_date(value)


def test_the_year_2000_is_not_a_row_of_blanks() -> None:
    assert decode_date(bytes.fromhex("20000000")) == PartialDate(2000)
    assert decode_date(bytes.fromhex("20200000")) == PartialDate(2020)
    assert decode_date(bytes.fromhex("20202020")) is None


def test_leap_days() -> None:
    assert decode_date(bcd("20000229")) == date(2000, 2, 29)
    assert last_day(PartialDate(2024, 2)) == date(2024, 2, 29)
    assert last_day(PartialDate(9999)) == date(9999, 12, 31)
    with pytest.raises(ValueError, match="day"):
        decode_date(bcd("19000229"))
