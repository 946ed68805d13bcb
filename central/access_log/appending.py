"""Adding lines: durable before the reader gets an answer, and many readers' lines in one transaction.

A transaction costs one wait for the disk, whoever is in it. The first reader to come commits the lines of all who came
meanwhile (group commit), so that readers wait for the disk together and not one after the other.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from joserfc.jwk import ECKey
from sqlalchemy import Connection, Engine, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from central.access_log.chain import HEAD_TYP, START, Line, body_of, link, shard_of
from central.access_log.tables import heads, lines, signed_heads
from central.errors import CentralRefusal
from central.identity.statements import signed
from central.keys import Keys
from central.storage import queries, writing

log = logging.getLogger(__name__)

SIGN_EVERY_LINES, SIGN_EVERY_SECONDS = 1000, 60.0


class NotLogged(CentralRefusal):
    """The line could not be written, so the record is not given."""

    def __init__(self) -> None:
        sentence = "Part of the platform is not there now; come back in a moment."
        super().__init__(503, "temporarily_unavailable", sentence, {"Retry-After": "5"})


@dataclass
class Entry:
    """A line on its way. `counted`: (day, what, how often a day) for records that are limited; `denied`: too often."""

    person: int
    line: Line
    counted: tuple[str, str, int] | None = None
    denied: bool = False
    woken: threading.Event = field(default_factory=threading.Event)
    tried: bool = False
    kept: bool = False

    @property
    def shard(self) -> int:
        """Its chain."""
        return shard_of(self.person)


@dataclass
class _Chain:
    """One shard's head while lines are added to it."""

    shard: int
    number: int
    chain: str
    signed_number: int
    signed_at: float

    def add(self, entry: Entry) -> dict[str, object]:
        """The next row."""
        line = replace(entry.line, result="denied", fields=()) if entry.denied else entry.line
        self.number += 1
        body = body_of(self.shard, self.number, line)
        self.chain = link(self.chain, body)
        return {
            "shard": self.shard, "number": self.number, "person": entry.person, "at": line.at, "body": body,
            "chain": self.chain,
        }  # fmt: skip


class Appender:
    """The one way into the log of this process; processes agree through the database."""

    def __init__(self, engine: Engine, key: ECKey, now: Callable[[], float] = time.time) -> None:
        self._engine, self._key, self._now = engine, key, now
        self._lock, self._waiting, self._busy = threading.Lock(), list[Entry](), False

    def append(self, entry: Entry) -> Entry:
        """Returns when the line is on disk, `denied` decided. NotLogged when it could not be written."""
        with self._lock:
            self._waiting.append(entry)
            leads, self._busy = not self._busy, True
        if not leads:
            entry.woken.wait()
        if not entry.tried:
            self._commit_all()
        if not entry.kept:
            raise NotLogged
        return entry

    def _commit_all(self) -> None:
        """Commit what has gathered, wake those whose lines these are, and let the next one commit what came since."""
        with self._lock:
            batch, self._waiting = self._waiting, []
        try:
            self._commit(batch)
        finally:
            with self._lock:
                following = self._waiting[:1]
                self._busy = bool(following)
            for entry in (*batch, *following):
                entry.woken.set()

    def _commit(self, batch: Sequence[Entry]) -> None:
        for entry in batch:
            entry.tried = True
        try:
            with writing(self._engine) as connection:
                self._write(connection, batch)
        except SQLAlchemyError as error:
            log.error("the access log can't be written, so that nothing is read: %s", type(error).__name__)
            return
        for entry in batch:
            entry.kept = True

    def _write(self, connection: Connection, batch: Sequence[Entry]) -> None:
        chains = _chains(connection, {entry.shard for entry in batch})
        for entry in batch:
            entry.denied = entry.counted is not None and _over(connection, entry.person, *entry.counted)
        connection.execute(insert(lines), [chains[entry.shard].add(entry) for entry in batch])
        for chain in chains.values():
            late = self._now() - chain.signed_at >= SIGN_EVERY_SECONDS
            if late or chain.number - chain.signed_number >= SIGN_EVERY_LINES:
                self._sign(connection, chain)
        moved = update(heads).where(heads.c.shard == bindparam("which"))
        connection.execute(moved, [{"which": chain.shard, **_columns(chain)} for chain in chains.values()])

    def _sign(self, connection: Connection, chain: _Chain) -> str:
        now = self._now()
        claims: dict[str, object] = {"shard": chain.shard, "number": chain.number, "chain": chain.chain}
        jws = signed(self._key, HEAD_TYP, {**claims, "iat": int(now)})
        connection.execute(insert(signed_heads).values(shard=chain.shard, number=chain.number, jws=jws))
        chain.signed_number, chain.signed_at = chain.number, now
        return jws

    def signed_head(self, shard: int) -> str | None:
        """The head of a chain as it is now, signed; None while nothing stands in it."""
        with writing(self._engine) as connection:
            chain = _chains(connection, {shard})[shard]
            if chain.number == 0:
                return None
            if chain.signed_number < chain.number:
                jws = self._sign(connection, chain)
                connection.execute(update(heads).where(heads.c.shard == shard).values(_columns(chain)))
                return jws
            wanted = (signed_heads.c.shard == shard, signed_heads.c.number == chain.number)
            return str(connection.execute(select(signed_heads.c.jws).where(*wanted)).scalar_one())


def _columns(chain: _Chain) -> dict[str, object]:
    return {name: value for name, value in vars(chain).items() if name != "shard"}


def _chains(connection: Connection, shards: Collection[int]) -> dict[int, _Chain]:
    """The chains' heads, held until the end of the transaction; made when they are new. In one order: no deadlock."""
    wanted = select(heads).where(heads.c.shard.in_(shards)).order_by(heads.c.shard).with_for_update()
    found = {row.shard: _Chain(*row) for row in connection.execute(wanted)}
    new = sorted(set(shards) - found.keys())
    if not new:
        return found
    start = {"number": 0, "chain": START, "signed_number": 0, "signed_at": 0.0}
    connection.execute(_insert(connection)(heads).on_conflict_do_nothing(), [{"shard": s, **start} for s in new])
    return {row.shard: _Chain(*row) for row in connection.execute(wanted)}


def _insert(connection: Connection) -> Callable[..., sqlite.Insert | postgresql.Insert]:
    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert


def _over(connection: Connection, person: int, day: str, theme: str, limit: int) -> bool:
    """Count a read of the day; True when it is one too many."""
    first = _insert(connection)(queries).values(person=person, day=day, theme=theme, count=1)
    again = first.on_conflict_do_update(
        index_elements=["person", "day", "theme"], set_={"count": queries.c.count + 1}
    ).returning(queries.c.count)
    return int(connection.execute(again).scalar_one()) > limit


@lru_cache(maxsize=8)
def appender_of(engine: Engine, keys: Keys) -> Appender:
    """This process's appender at a database: there must be one only, or lines would not be gathered."""
    return Appender(engine, keys.access_log_key)
