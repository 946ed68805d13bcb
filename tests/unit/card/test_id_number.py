"""Identity numbers: GB 11643's own arithmetic, written here again, against the parser."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card.id_number import WrongDigit, parse

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
PLACES, SEQUENCES = st.integers(0, 999_999), st.integers(0, 999)


def check_digit(first17: str) -> str:
    """GB 11643-1999, 4.3."""
    return "10X98765432"[sum(int(char) * weight for char, weight in zip(first17, WEIGHTS, strict=True)) % 11]


NUMBERS = st.builds(
    lambda place, day, sequence: (text := f"{place:06}{day:%Y%m%d}{sequence:03}") + check_digit(text),
    PLACES,
    st.dates(date(1800, 1, 1), date(2999, 12, 31)),
    SEQUENCES,
)


@given(NUMBERS)
def test_numbers_come_back(number: str) -> None:
    got = parse(number.lower())
    assert (got.text, got.birth_date.strftime("%Y%m%d"), got.converted) == (number, number[6:14], False)
    assert got.male == (int(number[14:17]) % 2 == 1)


@given(NUMBERS, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number: str, at: int, by: int) -> None:
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    with pytest.raises(ValueError, match=r"|") as refused:
        parse(wrong)
    assert isinstance(refused.value, WrongDigit) or 6 <= at < 14  # a wrong digit in the date may leave no date


@given(NUMBERS, st.integers(0, 15))
def test_two_digits_in_each_other_s_place_are_always_found(number: str, at: int) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if swapped != number:
        with pytest.raises(ValueError, match=r"|"):
            parse(swapped)


@given(PLACES, st.dates(date(1900, 1, 1), date(1999, 12, 31)), SEQUENCES)
def test_numbers_of_fifteen_digits_are_converted_and_say_so(place: int, day: date, sequence: int) -> None:
    first17 = f"{place:06}{day:%Y%m%d}{sequence:03}"
    got = parse(f"{place:06}{day:%y%m%d}{sequence:03}")
    assert (got.text, got.birth_date, got.converted) == (first17 + check_digit(first17), day, True)


def test_the_standard_s_example() -> None:
    assert parse("11010519491231002X").birth_date == date(1949, 12, 31)
    assert not parse("11010519491231002x").male


@pytest.mark.parametrize(
    "text",
    [
        "", "1101051949123100", "11010519491231002", "11010519491231002XX", "1101051949123100XX", "11010549123100X",
        "110105499931002",
        "１１０１０５194912310", "11010519491231002A", "²10105194912310020", "1101051949123_0020",
    ],
)  # fmt: skip
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"|") as refused:
        parse(text)
    assert not isinstance(refused.value, WrongDigit)


@pytest.mark.parametrize("day", ["19850230", "19851301", "17991231", "00000000", "19850400"])
def test_a_right_check_digit_under_a_day_that_never_was(day: str) -> None:
    first17 = f"990106{day}001"
    with pytest.raises(ValueError, match=r"|") as refused:
        parse(first17 + check_digit(first17))
    assert not isinstance(refused.value, WrongDigit)
