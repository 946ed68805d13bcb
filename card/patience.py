"""A limit for work that a driver may never finish. For card work only: its thread is left behind, never killed."""

import threading
from collections.abc import Callable
from typing import TypeVar

from card.errors import SilentCard

Result = TypeVar("Result")


class _Work(threading.Thread):
    """One piece of work; its end is kept for whoever waits."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(name="card-work", daemon=True)
        self._work = work
        self.result: object = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Do it, keep what came of it."""
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001  # raised again by the one who waits
            self.error = error


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """The work's result or error; SilentCard when it takes longer.

    PC/SC can't interrupt SCardTransmit (SCardCancel ends only SCardGetStatusChange), so a driver that waits for ever
    keeps its thread until the card is pulled; the caller goes on.
    """
    thread = _Work(work)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise SilentCard(f"{seconds:.0f} s of waiting")
    if thread.error is not None:
        raise thread.error
    return thread.result  # type: ignore[return-value]  # what `work` gave
