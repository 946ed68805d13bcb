"""Writes of requests that are under way together share one transaction: its commit costs as much as all they write.

The event loop runs what it was given since its last round, commits, and only then lets anybody answer. Nobody waits for
another request to come.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from central.errors import CentralRefusal
from central.storage import writing_soon

T = TypeVar("T")
Work = Callable[[Connection], Any]
Waiting = list[tuple[Work, "asyncio.Future[Any]"]]


def written(engine: Engine, work: Callable[[Connection], T]) -> T:
    """One transaction. A refusal in it keeps what it used up; any other fault undoes the whole."""
    with writing_soon(engine) as connection:
        try:
            return work(connection)
        except CentralRefusal as refusal:
            refused = refusal
    raise refused


class Together:
    """For one database. `work` may run twice: when another's fault has undone their transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, Waiting] = WeakKeyDictionary()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """As `written`, on the event loop."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        waiting = self._waiting.setdefault(loop, [])
        waiting.append((work, done))
        if len(waiting) == 1:
            loop.call_soon(self._commit, loop)
        return await done

    def _commit(self, loop: asyncio.AbstractEventLoop) -> None:
        waiting = self._waiting.pop(loop)
        try:
            with writing_soon(self._engine) as connection:
                outcomes = [_outcome(connection, work) for work, _ in waiting]
        except Exception:  # noqa: BLE001 - whose it is shows when each is alone
            outcomes = [_alone(self._engine, work) for work, _ in waiting]
        for (_, done), (result, error) in zip(waiting, outcomes, strict=True):
            if done.cancelled():
                continue
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)


Outcome = tuple[Any, Exception | None]


def _outcome(connection: Connection, work: Work) -> Outcome:
    try:
        return work(connection), None
    except CentralRefusal as refusal:
        return None, refusal


def _alone(engine: Engine, work: Work) -> Outcome:
    try:
        return written(engine, work), None
    except Exception as error:  # noqa: BLE001 - told to who waits for it
        return None, error
