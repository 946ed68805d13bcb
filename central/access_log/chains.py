"""The chains' heads inside one transaction: held, moved on, put back."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from central.access_log.chain import START, Head, Line, body_of, link
from central.access_log.tables import heads, lines
from central.prepared import Prepared
from central.storage import queries

_HEAD = Prepared(select(heads).where(heads.c.shard == bindparam("which")).with_for_update())
_ADD = Prepared(insert(lines))
_MOVE = Prepared(
    update(heads).where(heads.c.shard == bindparam("which")).values(
        {name: bindparam(name) for name in ("number", "chain", "signed_number", "signed_at")}
    )
)  # fmt: skip


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

    def add(self, connection: Connection, person: int, at: str, line: Line) -> None:
        """Write the next line."""
        self.number += 1
        body = body_of(self.shard, self.number, at, line)
        self.chain = link(self.chain, body)
        _ADD.run(
            connection, shard=self.shard, number=self.number, person=person, at=at, body=body, chain=self.chain
        )  # fmt: skip


def hold(connection: Connection, shards: Collection[int]) -> dict[int, Chain]:
    """The chains' heads, locked until the transaction ends; made when they are new. In one order: no deadlock."""
    return {shard: _held(connection, shard) for shard in sorted(shards)}


def _held(connection: Connection, shard: int) -> Chain:
    row = _HEAD.row(connection, which=shard)
    if row is None:
        start = {"shard": shard, "number": 0, "chain": START, "signed_number": 0, "signed_at": 0.0}
        connection.execute(_insert(connection)(heads).values(start).on_conflict_do_nothing())
        row = _HEAD.row(connection, which=shard)
    assert row is not None
    return Chain(**row)


def put_back(connection: Connection, chains: Iterable[Chain]) -> None:
    """Store where they end now."""
    for chain in chains:
        moved = {"number": chain.number, "chain": chain.chain}
        _MOVE.run(connection, which=chain.shard, **moved, signed_number=chain.signed_number, signed_at=chain.signed_at)


def _insert(connection: Connection) -> Callable[..., sqlite.Insert | postgresql.Insert]:
    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert


def over(connection: Connection, person: int, day: str, theme: str, limit: int) -> bool:
    """Count a read of the day; True when it is one too many."""
    first = _insert(connection)(queries).values(person=person, day=day, theme=theme, count=1)
    again = first.on_conflict_do_update(
        index_elements=["person", "day", "theme"], set_={"count": queries.c.count + 1}
    ).returning(queries.c.count)
    return int(connection.execute(again).scalar_one()) > limit
