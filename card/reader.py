"""Reader events from a thread of our own: readers come and go, cards come and go, pcscd dies and comes back.

Waits in SCardGetStatusChange with the PnP pseudo-reader; nothing is polled. Own context, because pyscard's global one
is stale after a restart of pcscd (pyscard #27), and its monitors die with it (#82, #128).
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from smartcard import scard

from card import pcsc

log = logging.getLogger(__name__)

PNP = r"\\?PnP?\Notification"
WAIT_MS = 3_600_000
BACKOFF_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.5)


@dataclass(frozen=True)
class ServiceGone:
    """pcscd is not running."""


@dataclass(frozen=True)
class ServiceBack:
    """pcscd answers (again)."""


@dataclass(frozen=True)
class ReaderAdded:
    """A reader that we watch is there."""

    reader: str


@dataclass(frozen=True)
class ReaderRemoved:
    """A reader that we watched is gone."""

    reader: str


@dataclass(frozen=True)
class CardPresent:
    """A card that answered its reset is in."""

    reader: str
    atr: bytes


@dataclass(frozen=True)
class CardMute:
    """Something is in the reader and does not answer."""

    reader: str


@dataclass(frozen=True)
class CardAbsent:
    """The reader is empty."""

    reader: str


ReaderEvent = ServiceGone | ServiceBack | ReaderAdded | ReaderRemoved | CardPresent | CardMute | CardAbsent


def card_event(reader: str, state: int, atr: bytes) -> CardPresent | CardMute | CardAbsent:
    """What a reader's state bits say about its card."""
    if state & scard.SCARD_STATE_MUTE:
        return CardMute(reader)
    if state & scard.SCARD_STATE_PRESENT:
        return CardPresent(reader, atr)
    return CardAbsent(reader)


class ReaderWatch:
    """Watches the readers whose name contains `name`; calls `on_event` from its own thread."""

    def __init__(self, name: str, on_event: Callable[[ReaderEvent], None]) -> None:
        self._name, self._on_event = name, on_event
        self._stop = threading.Event()
        self._context: object | None = None
        self._known: dict[str, ReaderEvent] = {}
        self._counters: dict[str, int] = {}
        self._in_service: bool | None = None
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
        attempt = 0
        while not self._stop.is_set():
            code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
            if pcsc.unsigned(code) == pcsc.SUCCESS:
                attempt = 0
                self._context = context
                self._watch(context)
                self._context = None
                scard.SCardReleaseContext(context)
            if not self._stop.is_set():
                self._lose_service()
                self._stop.wait(BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)])
                attempt += 1

    def _watch(self, context: object) -> None:
        """Until the service is gone or we are stopped."""
        states: list[tuple[object, ...]] = [(PNP, scard.SCARD_STATE_UNAWARE)]
        while not self._stop.is_set():
            code, readers = scard.SCardListReaders(context, [])
            if pcsc.unsigned(code) not in (pcsc.SUCCESS, pcsc.NO_READERS, pcsc.READER_UNAVAILABLE):
                return
            self._find_service()
            states = self._merge(states, [reader for reader in readers or [] if self._name in reader])
            code, states = scard.SCardGetStatusChange(context, WAIT_MS, states)
            if pcsc.unsigned(code) in pcsc.SERVICE_GONE:
                return
            if pcsc.unsigned(code) == pcsc.SUCCESS:
                states = [self._take(state) for state in states]

    def _merge(self, states: list[tuple[object, ...]], readers: list[str]) -> list[tuple[object, ...]]:
        for gone in [reader for reader in self._known if reader not in readers]:
            if not isinstance(self._known.pop(gone), CardAbsent):
                self._tell(CardAbsent(gone))
            self._tell(ReaderRemoved(gone))
        watched = {str(state[0]): state for state in states}
        for reader in readers:
            if reader not in self._known:
                self._known[reader] = CardAbsent(reader)
                self._tell(ReaderAdded(reader))
                watched[reader] = (reader, scard.SCARD_STATE_UNAWARE)
        return [watched[PNP], *(watched[reader] for reader in readers)]

    def _take(self, state: tuple[object, ...]) -> tuple[object, ...]:
        name, bits, atr = str(state[0]), int(str(state[1])), state[2]
        if name != PNP:
            self._compare(name, bits, bytes(atr) if isinstance(atr, list) else b"")
        return (name, bits & ~scard.SCARD_STATE_CHANGED)

    def _compare(self, reader: str, bits: int, atr: bytes) -> None:
        """Tell what changed; a card exchanged between two looks is an absence and a presence."""
        event, counter = card_event(reader, bits, atr), bits >> 16
        before, last = self._known.get(reader), self._counters.get(reader, counter)
        self._counters[reader] = counter
        if event != before:
            if isinstance(before, CardPresent | CardMute) and not isinstance(event, CardAbsent):
                self._tell(CardAbsent(reader))
        elif isinstance(event, CardAbsent) or counter - last < 2:
            return
        else:
            self._tell(CardAbsent(reader))
        self._known[reader] = event
        self._tell(event)

    def _find_service(self) -> None:
        if self._in_service is not True:
            self._in_service = True
            self._tell(ServiceBack())

    def _lose_service(self) -> None:
        for reader, event in self._known.items():
            if not isinstance(event, CardAbsent):
                self._tell(CardAbsent(reader))
            self._tell(ReaderRemoved(reader))
        self._known.clear()
        self._counters.clear()
        if self._in_service is not False:
            self._in_service = False
            self._tell(ServiceGone())

    def _tell(self, event: ReaderEvent) -> None:
        log.info("reader: %s", type(event).__name__)
        self._on_event(event)
