"""Codes on a card as words: GB/T 2261.1 sex, GB/T 3304-1991 ethnic groups, GB/T 2260 regions with their former codes.

Regions: python-stdnum's table (names with their years), and the few that it lacks in regions_added.csv.
A code that no table knows stays a code: it is shown as unknown and never a reason to refuse a card.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from stdnum import numdb

HERE = Path(__file__).parent
UNKNOWN = ("未知", "Unknown")
OTHER = ("其他", "Other")
FOREIGN_DESCENT = "98"
# Levels that GB/T 2260 needs and no place bears: 市辖区, 县, 省直辖…, 自治区直辖….
_LEVEL_NAMES = re.compile("市辖区|市区|县|.*直辖.*")
_SPAN = re.compile(r"(?:\[(\d*)-(\d*)\])?([^,\[\]]+)")


@dataclass(frozen=True)
class Coded:
    """A code and its names. `short`: the Chinese name of an ethnic group without 族; `known`: in the table."""

    code: str
    zh: str
    en: str
    short: str
    known: bool = True


@dataclass(frozen=True)
class Region:
    """A place of GB/T 2260. `names`: province, city, district, as far as they have one; `until`: year of abolition."""

    code: str
    names: tuple[str, ...]
    until: int | None = None

    @property
    def known(self) -> bool:
        """Whether the table has this very code, not only its province."""
        return bool(self.names)


@cache
def _table(name: str) -> dict[str, dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        return {row["code"]: row for row in csv.DictReader(lines)}


def sex(code: str) -> Coded:
    """GB/T 2261.1: 0, 1, 2, 9; '' is unknown."""
    row = _table("sexes.csv").get(code)
    zh, en = (row["zh"], row["en"]) if row else UNKNOWN
    return Coded(code, zh, en, zh, known=row is not None)


def ethnic_group(code: str) -> Coded:
    """GB/T 3304: 01–56 by name; '' is unknown, every other code (97 其他, 98 外国血统) an honest other."""
    row = _table("ethnic_groups.csv").get(code)
    if row:
        return Coded(code, row["zh"] + "族", row["en"], row["zh"])
    if code == FOREIGN_DESCENT:
        return Coded(code, "外国血统中国籍人士", "Foreign descent", "外国血统")
    zh, en = OTHER if code else UNKNOWN
    return Coded(code, zh, en, zh, known=code == "97")


def _entry(code: str, year: int | None) -> tuple[str, int | None]:
    """The name of exactly this code and the year it ended; that of `year`, else the latest one. '' when unknown."""
    if code in (added := _table("regions_added.csv")):
        return added[code]["name"], None
    parts = numdb.get("cn/loc").info(code)
    spans = _SPAN.findall(parts[-1][1].get("county", "")) if len(parts) == 2 else []
    if not spans:
        return "", None
    of_year = [s for s in spans if year is not None and int(s[0] or 0) <= year <= int(s[1] or 9999)]
    _, end, name = (of_year or spans)[-1]
    return name, int(end) if end else None


def region(code: str, year: int | None = None) -> Region:
    """The place of six digits; `year` chooses among the names that one code has had. Unknown: no names."""
    name, until = _entry(code, year)
    if not name:
        return Region(code, ())
    above = (_entry(level, year)[0] for level in (f"{code[:2]}0000", f"{code[:4]}00"))
    names = dict.fromkeys(n for n in (*above, name) if n and not _LEVEL_NAMES.fullmatch(n))
    return Region(code, tuple(names), until)
