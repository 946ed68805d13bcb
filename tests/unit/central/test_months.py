"""Months as text, against the calendar of the standard library."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from central.synthetic.months import at, between, birthday_month, index

DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@given(DAYS)
def test_a_month_and_its_index_are_each_others(day: date) -> None:
    month = f"{day:%Y%m}"
    assert at(index(month)) == month and index(month) == day.year * 12 + day.month - 1


@given(DAYS, st.integers(0, 400))
def test_all_months_between_are_there_once_and_in_order(day: date, more: int) -> None:
    first = f"{day:%Y%m}"
    found = list(between(first, at(index(first) + more)))
    assert found == sorted(set(found)) and len(found) == more + 1 and found[0] == first
    assert all(1 <= int(month[4:]) <= 12 for month in found)


def test_nothing_is_between_a_month_and_an_earlier_one() -> None:
    assert list(between("201601", "201512")) == []


def test_an_age_is_reached_in_the_month_of_birth() -> None:
    assert birthday_month(date(1985, 4, 30), 60) == "204504"
