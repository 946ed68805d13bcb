"""What a document says, once, for A4 and slip alike: sections of fields and tables, and notes. Knows no paper.

Labels are names in `words.toml`; coded values are `Word`s, so that a declaration has no language. A slip shows the
fields and columns that are marked for it, masked where the field says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

Align = Literal["left", "right", "centre"]


class Word(NamedTuple):
    """A code of the contract and the table of `words.toml` that puts it into words."""

    table: str
    code: str


Value = str | Word | date | None
A4, SLIP = frozenset({"a4"}), frozenset({"slip"})
BOTH = A4 | SLIP


@dataclass(frozen=True)
class Field:
    """A label with its value. `masked` is what a slip shows in the value's place; `wide`: a line of its own."""

    label: str
    value: Value
    on: frozenset[str] = A4
    masked: str | None = None
    wide: bool = False


@dataclass(frozen=True)
class Fields:
    """Label-value pairs under one title."""

    title: str
    items: tuple[Field, ...]
    columns: int = 2

    def shown(self, medium: str) -> tuple[Field, ...]:
        """The fields of one medium."""
        return tuple(item for item in self.items if medium in item.on)


@dataclass(frozen=True)
class Column:
    """`weight`: share of an A4 page's width. `slip`: half-width columns on a slip, 0 = not there."""

    label: str
    weight: float
    align: Align = "left"
    slip: int = 0


Row = Sequence[Value]


@dataclass(frozen=True)
class Table:
    """A grid. `total` is its last row; `heading_value` stands behind the title ("2016"); `empty` says why it is."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    unit: str = ""
    empty: str = ""
    heading_value: str = ""
    on: frozenset[str] = BOTH


@dataclass(frozen=True)
class Declaration:
    """A document's content. `holder`: for whom it is. `notes`: labels, printed numbered, with their legal basis."""

    holder: str
    sections: tuple[Fields | Table, ...]
    notes: tuple[str, ...]

    def on(self, medium: str) -> tuple[Fields | Table, ...]:
        """The sections of one medium."""
        return tuple(
            section
            for section in self.sections
            if (section.shown(medium) if isinstance(section, Fields) else medium in section.on)
        )

    def labels(self, medium: str) -> tuple[str, ...]:
        """Every label that a medium shows."""
        found = [*self.notes]
        for section in self.on(medium):
            named = section.shown(medium) if isinstance(section, Fields) else section.columns
            found += [section.title, *(item.label for item in named)]
        return tuple(found)
