"""The runtime's threads: each does what it is given in order, and every end of it is told, also one nobody expected."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from enum import StrEnum
from functools import partial

from card.patience import within
from kiosk.card_work import NotAcceptedHere
from kiosk.failures import Failure
from kiosk.mapping import EXPECTED, failure_of
from kiosk.session import events as e

log = logging.getLogger(__name__)


class Worker(StrEnum):
    """One thread each, so that none waits for another's trouble. END and END_WARD wait for nobody: they revoke."""

    CARD = "card"
    RECORDS = "records"
    PAPER = "paper"
    END = "end"
    END_WARD = "end-ward"
    STATUS = "status"
    PHONE = "phone"
    SITE = "site"


class Workers:
    """Posts StepFailed for work that fails; a failure that no table knows is the terminal's own, and ends the visit.

    `card_seconds`: then a card that never answers is left alone, so that the next one is read. Longer than the
    session's guards, which end the visit and name the failure.
    """

    def __init__(self, post: Callable[[e.Event], None], card_seconds: float) -> None:
        self._post, self._card_seconds = post, card_seconds
        self._pools = {worker: ThreadPoolExecutor(1, thread_name_prefix=worker) for worker in Worker}

    def give(self, worker: Worker, visit: int, work: Callable[[], object]) -> None:
        """Start this work for this visit, after what the worker has to do already; returns at once."""
        if worker is Worker.CARD:
            work = partial(within, self._card_seconds, work)
        self._pools[worker].submit(work).add_done_callback(lambda done: self._ended(visit, done))

    def settle(self) -> None:
        """Wait until everything that was given so far is done."""
        for pool in self._pools.values():
            pool.submit(lambda: None).result()

    def stop(self) -> None:
        """End the threads; waits for what is under way, drops what has not begun."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _ended(self, visit: int, done: Future[object]) -> None:
        error = None if done.cancelled() else done.exception()
        if error is None:
            return
        known = _known(error)
        if known is None:
            log.error("a worker failed: %s", type(error).__name__, exc_info=error)
            self._post(e.StepFailed(visit, Failure.TERMINAL_FAULT, fatal=True))
        else:
            log.warning("%s (%s): %s", known.name, known.value, error)
            self._post(e.StepFailed(visit, known))


def _known(error: BaseException) -> Failure | None:
    if isinstance(error, NotAcceptedHere):
        return Failure.CARD_NOT_ACCEPTED_HERE
    return failure_of(error) if isinstance(error, EXPECTED) else None
