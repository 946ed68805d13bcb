"""Adding lines: durable before the reader gets an answer, and many readers' lines in one transaction.

A transaction costs one wait for the disk, whoever is in it. The first reader to come commits the lines of all who came
meanwhile (group commit), so that readers wait for the disk together and not one after the other.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from joserfc.jwk import ECKey
from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import SQLAlchemyError

from central.access_log.chain import SHARDS, Head, Line, shard_of
from central.access_log.chains import Chain, hold, over, put_back
from central.access_log.heads import sign_head
from central.access_log.tables import heads, lines, signed_heads
from central.access_log.witness import Witness
from central.errors import NotNow
from central.keys import Keys
from central.storage import writing
from central.synthetic.contributions import CST

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


class Appender:
    """The one way into the log of this process; processes agree through the database."""

    def __init__(self, engine: Engine, key: ECKey, witness: Witness, now: Callable[[], float] = time.time) -> None:
        self._engine, self._key, self._witness, self._now = engine, key, witness, now
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
                ends, made = self._write(connection, batch)
        except SQLAlchemyError as error:
            log.error("the access log can't be written, so that nothing is read: %s", type(error).__name__)
            return
        for entry in batch:
            entry.kept = True
        for end in ends:
            self._witness.wrote(end)
        self._remember(made)

    def _write(self, connection: Connection, batch: Sequence[Entry]) -> tuple[list[Head], Signed]:
        """Where the chains end afterwards, and the heads that were signed."""
        chains = hold(connection, {entry.shard for entry in batch})
        for entry in batch:
            entry.denied = entry.counted is not None and over(connection, entry.person, *entry.counted)
        now = self._now()
        at = datetime.fromtimestamp(now, CST).isoformat(timespec="milliseconds")
        connection.execute(insert(lines), [chains[e.shard].add(e.person, at, e.settled()) for e in batch])
        made = [head for chain in chains.values() if self._due(chain, now) for head in self._sign(connection, chain)]
        put_back(connection, chains.values())
        return [chain.head for chain in chains.values()], made

    @staticmethod
    def _due(chain: Chain, now: float) -> bool:
        """A minute or a thousand lines after the last one; also when the clock went back."""
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

    def _remember(self, made: Signed) -> None:
        for head, jws in made:
            self._witness.signed(head, jws)

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
        made: Signed = []
        with writing(self._engine) as connection:
            chains = hold(connection, open_ends)
            for chain in chains.values():
                if chain.number != chain.signed_number and (all_of_them or self._due(chain, self._now())):
                    made += self._sign(connection, chain)
            put_back(connection, chains.values())
        self._remember(made)

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
