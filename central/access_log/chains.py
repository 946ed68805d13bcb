"""The chains' heads inside one transaction: held, moved on, put back."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from central.access_log.chain import START, Head, Line, body_of, link
from central.access_log.tables import heads
from central.storage import queries


@dataclass
class Chain:
    """One shard's head while lines are added to it."""

    shard: int
    number: int
    chain: str
    signed_number: int
    signed_at: float

    @property
    def head(self) -> Head:
        """Where it ends now."""
        return Head(self.shard, self.number, self.chain)

    def add(self, person: int, at: str, line: Line) -> dict[str, object]:
        """The next row."""
        self.number += 1
        body = body_of(self.shard, self.number, at, line)
        self.chain = link(self.chain, body)
        place = {"shard": self.shard, "number": self.number, "person": person, "at": at}
        return {**place, "body": body, "chain": self.chain}


def hold(connection: Connection, shards: Collection[int]) -> dict[int, Chain]:
    """The chains' heads, locked until the transaction ends; made when they are new. In one order: no deadlock."""
    wanted = select(heads).where(heads.c.shard.in_(shards)).order_by(heads.c.shard).with_for_update()
    found = {row.shard: Chain(*row) for row in connection.execute(wanted)}
    new = sorted(set(shards) - found.keys())
    if not new:
        return found
    start = {"number": 0, "chain": START, "signed_number": 0, "signed_at": 0.0}
    connection.execute(_insert(connection)(heads).on_conflict_do_nothing(), [{"shard": s, **start} for s in new])
    return {row.shard: Chain(*row) for row in connection.execute(wanted)}


def put_back(connection: Connection, chains: Iterable[Chain]) -> None:
    """Store where they end now."""
    moved = update(heads).where(heads.c.shard == bindparam("which"))
    rows = [{"which": chain.shard, **{k: v for k, v in vars(chain).items() if k != "shard"}} for chain in chains]
    connection.execute(moved, rows)


def _insert(connection: Connection) -> Callable[..., sqlite.Insert | postgresql.Insert]:
    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert


def over(connection: Connection, person: int, day: str, theme: str, limit: int) -> bool:
    """Count a read of the day; True when it is one too many."""
    first = _insert(connection)(queries).values(person=person, day=day, theme=theme, count=1)
    again = first.on_conflict_do_update(
        index_elements=["person", "day", "theme"], set_={"count": queries.c.count + 1}
    ).returning(queries.c.count)
    return int(connection.execute(again).scalar_one()) > limit
