"""Codes and labels in words, from `words.toml`: Chinese, or Chinese with English below or beside it."""

import tomllib
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from city import ZONE
from printing.declaration import Value, Word

Language = Literal["zh", "en"]


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


def word(table: str, code: str, language: Language) -> str:
    """A code in words; an unknown code is shown as it is."""
    pair = _tables()[table].get(code)
    if pair is None:
        return code
    return pair[0] if language == "zh" else pair[1]


def characters() -> frozenset[str]:
    """Every character of every word, in both languages."""
    pairs = (pair for table in _tables().values() for pair in table.values())
    return frozenset("".join(text for pair in pairs for text in pair))


def has_table(table: str) -> bool:
    """Is there such a table of words?"""
    return table in _tables()


def label(name: str, language: Language) -> str:
    """A label of the paper."""
    return _tables()["label"][name][0 if language == "zh" else 1]


def narrow_label(name: str, language: Language) -> str:
    """For narrow paper, where there is one."""
    return _tables()["narrow"].get(name, _tables()["label"][name])[0 if language == "zh" else 1]


def shown(value: Value, language: Language) -> str:
    """A declaration's value; in English a coded word stands in both languages."""
    if isinstance(value, str):
        return value
    if value is None:
        return shown(Word("label", "none"), language)
    if isinstance(value, date):
        return value.isoformat()
    chinese = word(*value, "zh")
    return chinese if language == "zh" else f"{chinese} {word(*value, 'en')}"


def money(amount: Decimal) -> str:
    """Two decimals, no separators: what pdftotext gives back is what central gave."""
    return f"{amount:.2f}"


def day(value: date | None, language: Language) -> str:
    """ISO date, or the word for none."""
    return value.isoformat() if value else label("none", language)


def chinese_day(value: datetime) -> str:
    """As it stands under an official document: 2016年12月31日."""
    value = value.astimezone(ZONE)
    return f"{value.year}年{value.month}月{value.day}日"


def minute(value: datetime) -> str:
    """The city's time to the minute, whatever offset it was written with."""
    return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"


def text(value: object, language: Language) -> str:
    """Any field, or the word for none."""
    return label("none", language) if value in (None, "") else str(value)
