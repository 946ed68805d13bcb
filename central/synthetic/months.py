"""Months as YYYYMM text, and the calendar arithmetic that contributions need."""

from collections.abc import Iterator
from datetime import date

FIRST, LAST = "201201", "201612"
"""What the synthetic city remembers; data_cutoff is the end of the last month."""


def index(month: str) -> int:
    """Months since year 0, for differences."""
    return int(month[:4]) * 12 + int(month[4:]) - 1


def at(number: int) -> str:
    """The month with this index."""
    return f"{number // 12:04}{number % 12 + 1:02}"


def between(first: str, last: str) -> Iterator[str]:
    """All months from first to last, both included."""
    for number in range(index(first), index(last) + 1):
        yield at(number)


def birthday_month(birth_date: date, age: int) -> str:
    """The month in which someone reaches an age."""
    return f"{birth_date.year + age:04}{birth_date.month:02}"
