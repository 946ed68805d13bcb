"""How an answer shows, as frozen data: screens draw these and know no record."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """A label and its value; `wide` values get a line of their own."""

    label: str
    value: str
    wide: bool = False


@dataclass(frozen=True)
class Table:
    """Column titles, alignment (`l`, `r` or `c` for each), relative widths, rows of text, and a last row of totals."""

    titles: tuple[str, ...]
    align: str
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Section:
    """A titled part: pairs, then a table, then a note."""

    title: str
    pairs: tuple[Pair, ...] = ()
    table: Table | None = None
    note: str = ""


@dataclass(frozen=True)
class Pages:
    """Is there a page of newer entries beside this one, and one of older?"""

    newer: bool
    older: bool


@dataclass(frozen=True)
class Choice:
    """Somebody or something to choose: a name, and a hint below it."""

    title: str
    hint: str
    icon: str


@dataclass(frozen=True)
class View:
    """Title, sections, the years to choose from (empty: no choice), and pages (None: all is here).

    `changes`: what may be done with what is shown, by the value of its `AccountChange`. `choices`: whom to act for.
    """

    title: str
    sections: tuple[Section, ...]
    years: tuple[int, ...] = ()
    year: int | None = None
    pages: Pages | None = None
    changes: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
