"""Adding lines: durable before the reader gets an answer, and many readers' lines in one transaction.

The first reader to come commits the lines of all who came meanwhile (group commit), so that readers wait for the disk
together and not one after the other; and nobody who writes waits for it, because no lock is held then (`flush`).
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from joserfc.jwk import ECKey
from sqlalchemy import Connection, Engine, insert, select

from central.access_log.chain import SHARDS, Head, Line, shard_of
from central.access_log.chains import Chain, hold, over, put_back
from central.access_log.heads import sign_head
from central.access_log.tables import heads, signed_heads
from central.access_log.witness import Witness
from central.errors import NotNow
from central.keys import Keys
from central.storage import database_errors, flush, writing, writing_soon
from central.zone import ZONE

log = logging.getLogger(__name__)

SIGN_EVERY_LINES, SIGN_EVERY_SECONDS = 1000, 60.0
Signed = list[tuple[Head, str]]


class NotLogged(NotNow):
    """The line could not be written, so the record is not given."""


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

    def settled(self) -> Line:
        """The line as it is written."""
        return replace(self.line, result="denied", fields=()) if self.denied else self.line


@dataclass
class _Group:
    """Ends of chains that one flush is for."""

    ends: list[Chain] = field(default_factory=list)
    kept: bool = False


@contextmanager
def logging_or_refusing(engine: Engine) -> Iterator[None]:
    """NotLogged when the database or its disk fails in the body."""
    try:
        yield
    except database_errors(engine) as error:
        log.error("the access log can't be written, so that nothing is read: %s", type(error).__name__)
        raise NotLogged from error


class Appender:
    """The one way into the log of this process; processes agree through the database."""

    def __init__(self, engine: Engine, key: ECKey, witness: Witness, now: Callable[[], float] = time.time) -> None:
        self._engine, self._key, self._witness, self._now = engine, key, witness, now
        self._lock, self._waiting, self._busy = threading.Lock(), list[Entry](), False
        self._turn, self._group = asyncio.Lock(), _Group()

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
        with suppress(NotLogged), logging_or_refusing(self._engine):
            with writing_soon(self._engine) as connection:
                ends = self._write(connection, batch)
            self._settle(ends)
            for entry in batch:
                entry.kept = True

    def _write(self, connection: Connection, batch: Sequence[Entry]) -> list[Chain]:
        """Where the chains end afterwards."""
        chains = hold(connection, {entry.shard for entry in batch})
        for entry in batch:
            entry.denied = entry.counted is not None and over(connection, entry.person, *entry.counted)
        at = datetime.fromtimestamp(self._now(), ZONE).isoformat(timespec="milliseconds")
        for entry in batch:
            chains[entry.shard].add(connection, entry.person, at, entry.settled())
        put_back(connection, chains.values())
        return list(chains.values())

    def _settle(self, ends: Iterable[Chain]) -> None:
        """After the commit: wait for the disk, remember what we wrote, sign what is due."""
        flush(self._engine)
        for end in ends:
            self._witness.wrote(end.head)
        if due := {end.shard for end in ends if self._due(end)}:
            self._sign_those(due)

    def add(self, connection: Connection, entry: Entry) -> list[Chain]:
        """A line in a transaction of the caller's, who does not answer before its end is `settled`."""
        return self._write(connection, [entry])

    async def settled(self, ends: Iterable[Chain]) -> None:
        """On the event loop: returns when lines that were added and committed are on disk. NotLogged otherwise.

        One thread waits for the disk for all who came before it began.
        """
        group = self._group
        group.ends.extend(ends)
        async with self._turn:
            if group is self._group:
                await asyncio.sleep(0)  # requests that have arrived already come first, and share this wait
                self._group = _Group()
                group.kept = await asyncio.get_running_loop().run_in_executor(None, self._kept, group.ends)
        if not group.kept:
            raise NotLogged

    def _kept(self, ends: Iterable[Chain]) -> bool:
        with suppress(NotLogged), logging_or_refusing(self._engine):
            self._settle(ends)
            return True
        return False

    def _due(self, chain: Chain) -> bool:
        """A minute or a thousand lines after the last one; also when the clock went back."""
        now = self._now()
        fresh = 0 <= chain.number - chain.signed_number < SIGN_EVERY_LINES and (
            0 <= now - chain.signed_at < SIGN_EVERY_SECONDS
        )
        return chain.number != chain.signed_number and not fresh

    def _sign(self, connection: Connection, chain: Chain) -> Signed:
        if not self._witness.confirms(connection, chain.head):
            return []
        now = self._now()
        jws = sign_head(self._key, chain.head, now)
        connection.execute(insert(signed_heads).values(shard=chain.shard, number=chain.number, jws=jws))
        chain.signed_number, chain.signed_at = chain.number, now
        return [(chain.head, jws)]

    def newest_head(self, shard: int) -> str | None:
        """The newest signed head of a chain; None while there is none."""
        of_shard = select(signed_heads.c.jws).where(signed_heads.c.shard == shard)
        with self._engine.connect() as connection:
            return connection.execute(of_shard.order_by(signed_heads.c.number.desc()).limit(1)).scalar()

    def sign_due(self, *, all_of_them: bool = False) -> None:
        """Sign the chains whose heads are due though nobody reads now; `all_of_them`: each that has unsigned lines."""
        unsigned = select(heads.c.shard).where(heads.c.signed_number != heads.c.number)
        with self._engine.connect() as connection:
            open_ends = connection.execute(unsigned).scalars().all()
        if not open_ends:
            return
        self._sign_those(open_ends, all_of_them=all_of_them)

    def _sign_those(self, shards: Collection[int], *, all_of_them: bool = False) -> None:
        made: Signed = []
        with writing(self._engine) as connection:
            chains = hold(connection, shards)
            for chain in chains.values():
                if chain.number != chain.signed_number and (all_of_them or self._due(chain)):
                    made += self._sign(connection, chain)
            put_back(connection, chains.values())
        for head, jws in made:
            self._witness.signed(head, jws)

    def published(self) -> list[str]:
        """For everyone to keep: the newest signed head of each chain, none of them with unsigned lines of a minute."""
        self.sign_due()
        return [jws for shard in range(SHARDS) if (jws := self.newest_head(shard)) is not None]

    def kept_heads(self) -> list[str]:
        """Heads that are kept outside the database."""
        return self._witness.heads()


@lru_cache(maxsize=8)
def appender_of(engine: Engine, keys: Keys) -> Appender:
    """This process's appender at a database: there must be one only, or lines would not be gathered."""
    return Appender(engine, keys.access_log_key, Witness(keys.folder / "access-log-heads", keys.access_log_key))
