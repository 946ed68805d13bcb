"""What central forgets, and when: rows that nothing needs any more, deleted a few at a time (decision 0054).

Not here: what a request must not find (each looks at the time itself), and what is kept: documents, the access log.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Column, ColumnElement, Engine, Table, delete, exists, select, true, tuple_

from central.identity import device_flow, phones, single_use, tables, tokens
from central.storage import challenges, copies, database_errors, queries, seen_ids, writing_soon

log = logging.getLogger(__name__)

AN_HOUR, A_DAY = 3600.0, 86400.0
BATCH = 50
"""Rows at a time: the write lock is held for about a millisecond."""
SOON, IDLE_SECONDS = 0.1, 30.0
"""Between two batches while there is more, and between two looks: 500 rows a second at most, 1 % of the lock."""


def _day(moment: float) -> object:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


@dataclass(frozen=True)
class Rule:
    """A row goes `seconds` after the moment in `age`, when `also` holds. Why so late is said in decision 0054."""

    table: Table
    age: Column[float] | Column[str]
    seconds: float
    also: ColumnElement[bool] = field(default_factory=true)
    written: Callable[[float], object] = float

    def over(self, now: float) -> ColumnElement[bool]:
        """Rows that nothing needs any more."""
        return (self.age < self.written(now - self.seconds)) & self.also


_NOTHING_OWED = ~exists().where(tables.logouts.c.sid == tables.sessions.c.sid)
RULES = (
    Rule(tables.sessions, tables.sessions.c.ends, AN_HOUR, _NOTHING_OWED),
    Rule(tables.tokens, tables.tokens.c.expires, tokens.SESSION_SECONDS),
    Rule(seen_ids, seen_ids.c.expires, single_use.KEPT_SECONDS),
    Rule(challenges, challenges.c.expires, 0),
    Rule(tables.login_tickets, tables.login_tickets.c.expires, 0),
    Rule(tables.authorization_codes, tables.authorization_codes.c.expires, tokens.SESSION_SECONDS),
    Rule(tables.device_codes, tables.device_codes.c.expires, device_flow.SECONDS),
    Rule(tables.phone_checks, tables.phone_checks.c.sent, phones.A_DAY),
    Rule(tables.guesses, tables.guesses.c.until, 0),
    Rule(tables.enrolment_codes, tables.enrolment_codes.c.expires, 0),
    Rule(copies, copies.c.expires, 0),
    Rule(queries, queries.c.day, A_DAY, written=_day),
)


def sweep(engine: Engine, rule: Rule, now: float) -> bool:
    """Delete a batch. True: there may be more. They are looked for before the lock is taken."""
    keys, over = tuple(rule.table.primary_key.columns), rule.over(now)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(select(*keys).where(over).limit(BATCH))]
    if found:
        with writing_soon(engine) as connection:
            connection.execute(delete(rule.table).where(tuple_(*keys).in_(found), over))
    return len(found) == BATCH


class Sweeper:
    """Applies the rules from a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._over = engine, threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the batch under way."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        pause = SOON
        while not self._over.wait(pause):
            pause = SOON if self._round() else IDLE_SECONDS

    def _round(self) -> bool:
        """A batch of each table, the lock given back between them. True: there may be more."""
        try:
            full = [sweep(self._engine, rule, time.time()) for rule in RULES]
        except database_errors(self._engine) as error:  # it may come back; what is over can wait
            log.warning("nothing is swept out, the database failed: %s", type(error).__name__)
            return False
        return any(full)
