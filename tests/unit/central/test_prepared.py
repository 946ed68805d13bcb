"""Statements that the driver runs: what an outage closed is let go of, and the next look-up has a fresh connection."""

import gc
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, bindparam, insert, select, text
from sqlalchemy.exc import DBAPIError

from central.prepared import Prepared
from central.storage import open_storage, sequences, writing

WANTED = Prepared(select(sequences.c.last).where(sequences.c.series == bindparam("wanted")))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database with one row."""
    made = open_storage(f"sqlite:///{tmp_path}/c.db")
    with writing(made) as connection:
        connection.execute(insert(sequences).values(series="a", last=7))
    yield made
    made.dispose()


def rename(engine: Engine, old: str, new: str) -> None:
    """The table that is asked for goes away, or comes back."""
    with writing(engine) as connection:
        connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


def connections() -> int:
    """How many there are in this process, closed ones too."""
    gc.collect()
    return sum(isinstance(one, sqlite3.Connection) for one in gc.get_objects())


def test_readers_that_an_outage_closed_are_not_kept(engine: Engine) -> None:
    assert WANTED.look_up(engine, wanted="a") == {"last": 7}
    before = connections()
    for _ in range(5):
        rename(engine, "sequences", "elsewhere")
        with pytest.raises(DBAPIError):
            WANTED.look_up(engine, wanted="a")
        rename(engine, "elsewhere", "sequences")
        assert WANTED.look_up(engine, wanted="a") == {"last": 7}
    assert connections() == before
