"""Reader events from a thread of our own: readers come and go, cards come and go, pcscd dies and comes back.

Waits in SCardGetStatusChange with the PnP pseudo-reader; nothing is polled while pcscd runs. Own context, because
pyscard's global one is stale after a restart of pcscd (pyscard #27), and its monitors die with it (#82, #128).
"""

import logging
import threading
from collections.abc import Callable

from smartcard import scard

from card import pcsc
from card.reader_events import (
    STATE_CHANGED,
    CardAbsent,
    CardEvent,
    CardMute,
    CardPresent,
    Look,
    ReaderAdded,
    ReaderEvent,
    ReaderRemoved,
    ServiceBack,
    ServiceGone,
    changes,
    look,
)

__all__ = [
    "CardAbsent", "CardEvent", "CardMute", "CardPresent", "ReaderAdded", "ReaderEvent", "ReaderRemoved", "ReaderWatch",
    "ServiceBack", "ServiceGone",
]  # fmt: skip

log = logging.getLogger(__name__)

PNP = r"\\?PnP?\Notification"
WAIT_MS = 3_600_000
BACKOFF_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.5)
"""Between attempts to reach a pcscd that is gone: the last one goes on for ever, two wake-ups a second."""

LIST_AGAIN = frozenset({pcsc.CANCELLED, pcsc.TIMEOUT, pcsc.UNKNOWN_READER})
"""Ends of a wait after which the readers are listed and waited for again: one may have gone since they were listed."""


class ReaderWatch:
    """Watches the readers whose name contains `name`; calls `on_event` from its own thread."""

    def __init__(self, name: str, on_event: Callable[[ReaderEvent], None]) -> None:
        self._name, self._on_event = name, on_event
        self._stop = threading.Event()
        self._context: object | None = None
        self._seen: dict[str, Look] = {}
        self._service: ServiceBack | ServiceGone | None = None
        self._attempts = 0
        self._thread = threading.Thread(target=self._run, name="reader-watch", daemon=True)

    def start(self) -> None:
        """Begin; a card that is already in gives CardPresent."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; returns when it is gone."""
        self._stop.set()
        while self._thread.is_alive():
            if self._context is not None:
                scard.SCardCancel(self._context)
            self._thread.join(0.05)  # a cancel that came before the wait is lost: ask again

    def _run(self) -> None:
        while not self._stop.is_set():
            code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
            if pcsc.unsigned(code) == pcsc.SUCCESS:
                self._context = context
                code = self._watch(context)
                self._context = None
                scard.SCardReleaseContext(context)
            if not self._stop.is_set():
                self._see({})
                self._tell_service(ServiceGone(pcsc.failure_for(code)))
                self._stop.wait(BACKOFF_SECONDS[min(self._attempts, len(BACKOFF_SECONDS) - 1)])
                self._attempts += 1

    def _watch(self, context: object) -> int:
        """Until we are stopped, or a call fails for a reason that a new list of readers does not mend; its code."""
        states: dict[str, int] = {}
        while not self._stop.is_set():
            code, readers = self._readers(context)
            if code != pcsc.SUCCESS:
                return code
            self._tell_service(ServiceBack())
            self._see({name: self._seen[name] for name in readers if name in self._seen})
            states = {name: states.get(name, scard.SCARD_STATE_UNAWARE) for name in (PNP, *readers)}
            code, found = scard.SCardGetStatusChange(context, WAIT_MS, list(states.items()))
            if pcsc.unsigned(code) == pcsc.SUCCESS:
                self._attempts = 0
                states = {name: bits & ~STATE_CHANGED for name, bits, _atr in found}
                self._see({name: look(name, bits, bytes(atr)) for name, bits, atr in found if name != PNP})
            elif pcsc.unsigned(code) not in LIST_AGAIN:
                return pcsc.unsigned(code)
        return pcsc.CANCELLED

    def _readers(self, context: object) -> tuple[int, list[str]]:
        """The readers that we watch, and SUCCESS also when there is none; else the code of what failed."""
        code, readers = scard.SCardListReaders(context, [])
        if pcsc.unsigned(code) not in (pcsc.SUCCESS, pcsc.NO_READERS, pcsc.READER_UNAVAILABLE):
            return pcsc.unsigned(code), []
        return pcsc.SUCCESS, [reader for reader in readers or [] if self._name in reader]

    def _see(self, now: dict[str, Look]) -> None:
        before, self._seen = self._seen, now
        for event in changes(before, now):
            self._tell(event)

    def _tell_service(self, now: ServiceBack | ServiceGone) -> None:
        if now != self._service:
            self._service = now
            self._tell(now)

    def _tell(self, event: ReaderEvent) -> None:
        log.info("reader: %s", type(event).__name__)
        self._on_event(event)
