"""Writes of one round of the event loop share a commit; what each of them says stays its own."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select

from central.errors import CentralRefusal, InvalidGrant
from central.identity.single_use import Once, spend
from central.storage import open_storage, seen_ids
from central.together import Together, Work

USED = InvalidGrant("used before")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty database."""
    made = open_storage(f"sqlite:///{tmp_path}/c.db")
    yield made
    made.dispose()


def using(name: str, fault: Exception | None = None) -> Work:
    """Uses an id up, then fails if it is to."""

    def work(connection: Connection) -> str:
        spend(connection, Once(name, 2e9, USED))
        if fault is not None:
            raise fault
        return name

    return work


def outcomes(engine: Engine, *works: Work) -> list[object]:
    """What each of them gets when all are under way at once."""

    async def all_at_once() -> list[object]:
        together = Together(engine)
        return list(await asyncio.gather(*map(together.write, works), return_exceptions=True))

    return asyncio.run(all_at_once())


def used(engine: Engine) -> set[str]:
    """The ids that are used up."""
    with engine.connect() as connection:
        return set(connection.execute(select(seen_ids.c.jti)).scalars())


def test_who_comes_in_one_round_shares_a_commit(engine: Engine) -> None:
    changes: list[str] = []

    def starts(connection: Connection) -> str:
        connection.connection.cursor().execute("SAVEPOINT mine")  # only one transaction has them all
        changes.append("mine")
        return "started"

    def ends(connection: Connection) -> str:
        connection.connection.cursor().execute("RELEASE mine")
        return "ended"

    assert outcomes(engine, starts, using("a"), ends) == ["started", "a", "ended"] and changes == ["mine"]
    assert used(engine) == {"a"}


def test_an_id_counts_once_within_a_round_too(engine: Engine) -> None:
    assert outcomes(engine, using("a"), using("a"), using("b")) == ["a", USED, "b"]


def test_a_refusal_keeps_what_it_used_up_and_a_fault_undoes_its_own_only(engine: Engine) -> None:
    refused, fault = CentralRefusal(400, "no", "No."), LookupError("a fault")
    told = outcomes(engine, using("a"), using("b", refused), using("c", fault), using("d"))
    assert told == ["a", refused, fault, "d"]
    assert used(engine) == {"a", "b", "d"}
