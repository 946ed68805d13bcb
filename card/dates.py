"""Dates as cards store them: YYYYMMDD as 4 BCD bytes or 8 ASCII digits, zeros where the issuer didn't know."""

from dataclasses import dataclass
from datetime import date, timedelta

from card.padding import is_filler

FIRST_YEAR = 1800  # an earlier year is a misread record; the last one is 9999, which issuers write for "no end"


@dataclass(frozen=True)
class PartialDate:
    """A date of which the card knows the year, and the month or not (`month` None)."""

    year: int
    month: int | None = None

    def isoformat(self) -> str:
        """`1985` or `1985-04`, the reduced precision of ISO 8601-1, 5.2.2.2."""
        return f"{self.year:04}" if self.month is None else f"{self.year:04}-{self.month:02}"


CardDate = date | PartialDate


def decode_date(value: bytes) -> CardDate | None:
    """A full date, what is known of one, or None for zeros, FF and blanks; ValueError when it can't be a date."""
    if is_filler(value) or value == b"00000000":
        return None
    digits = value.decode("ascii") if len(value) == 8 else value.hex()
    if len(digits) != 8 or not digits.isdigit():
        raise ValueError("not YYYYMMDD")
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    if year < FIRST_YEAR:
        raise ValueError("not a year of our time")
    known = date(year, month or 1, day or 1)
    if month and day:
        return known
    return PartialDate(year, month or None)


def first_day(day: CardDate) -> date:
    """The earliest day that it can be."""
    return day if isinstance(day, date) else date(day.year, day.month or 1, 1)


def last_day(day: CardDate) -> date:
    """The latest day that it can be."""
    if isinstance(day, date):
        return day
    month = day.month or 12
    if month == 12:
        return date(day.year, 12, 31)
    return date(day.year, month + 1, 1) - timedelta(days=1)
