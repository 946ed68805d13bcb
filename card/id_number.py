"""公民身份号码, GB 11643-1999: 6 digits place, YYYYMMDD, 3 digits sequence (odd male), check digit (ISO 7064 MOD 11-2).

The place is not judged: it is that of the first issue, so former codes stay in use, and test identities have none.
"""

from datetime import date
from typing import NamedTuple

from stdnum.cn.ric import calc_check_digit

from card.dates import FIRST_YEAR

LENGTH, OLD_LENGTH = 18, 15
CENTURY = "19"  # GB 11643-1989 numbers were given out until 1999, so a birth year of two digits lies in this century


class WrongDigit(ValueError):
    """The last character is not the check digit of the first seventeen."""


class IdNumber(NamedTuple):
    """`text`: 18 characters, upper-case X. `converted`: the card has 15 digits (GB 11643-1989)."""

    text: str
    birth_date: date
    male: bool
    converted: bool


def _extended(old: str) -> str:
    digits = f"{old[:6]}{CENTURY}{old[6:]}"
    return digits + calc_check_digit(digits + "0")


def parse(text: str) -> IdNumber:
    """18 characters or 15 digits, without padding; WrongDigit, or ValueError when it is no identity number."""
    converted = len(text) == OLD_LENGTH and text.isdigit()
    number = _extended(text) if converted else text.upper()
    if len(number) != LENGTH or not number[:17].isdigit() or number[17] not in "0123456789X":
        raise ValueError("neither 18 characters nor 15 digits")
    if int(number[6:10]) < FIRST_YEAR:
        raise ValueError("not a year of our time")
    birth_date = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    if number[17] != calc_check_digit(number):
        raise WrongDigit
    return IdNumber(number, birth_date, number[16] in "13579", converted)
