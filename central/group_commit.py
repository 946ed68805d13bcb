"""Writing from the event loop: requests that write at the same moment share one transaction, and wait for its commit.

A commit waits for the disk (0.5 ms here), so that one for each write would be the limit of the whole server.
"""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from central.errors import CentralRefusal
from central.storage import writing

T = TypeVar("T")


class RolledBack(RuntimeError):
    """The fault of another request ended the transaction that this one shared; nothing was written."""


class _Shared:
    """One open transaction. `committed` is set when it is over, or carries why it failed."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self._stack = ExitStack()
        self.connection = self._stack.enter_context(writing(engine))
        self.committed: asyncio.Future[None] = loop.create_future()
        self.spoilt = False

    def end(self) -> None:
        """Commit, unless somebody failed half-way."""
        failure: Exception | None = RolledBack() if self.spoilt else None
        try:
            if self.spoilt:
                self.connection.rollback()
            self._stack.close()
        except SQLAlchemyError as error:
            failure = error
        if failure is None:
            self.committed.set_result(None)
        else:
            self.committed.set_exception(failure)
            self.committed.exception()  # asked for here, because perhaps nobody else is waiting


class GroupCommit:
    """The writer of an engine's event loops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: WeakKeyDictionary[asyncio.AbstractEventLoop, _Shared] = WeakKeyDictionary()

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Run `work` at once in the open transaction; its result, after the commit.

        A refusal is an outcome like others: what it used up stays used up. Any other exception undoes everything.
        """
        shared = self._shared()
        try:
            done = work(shared.connection)
        except CentralRefusal:
            await asyncio.shield(shared.committed)
            raise
        except BaseException:
            shared.spoilt = True
            raise
        await asyncio.shield(shared.committed)
        return done

    def _shared(self) -> _Shared:
        loop = asyncio.get_running_loop()
        if loop not in self._open:
            self._open[loop] = _Shared(self._engine, loop)
            loop.call_soon(self._end, loop)
        return self._open[loop]

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        self._open.pop(loop).end()
