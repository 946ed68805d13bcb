"""What a reader watch told, in order, for tests on a real pcscd."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager

from card import reader


class Events:
    """A queue of events; `until` waits for the next of a kind."""

    def __init__(self) -> None:
        self._queue: queue.Queue[reader.ReaderEvent] = queue.Queue()
        self.put = self._queue.put

    def until(self, kind: type, timeout: float = 10) -> reader.ReaderEvent:
        """The next event of this kind."""
        while True:
            event = self._queue.get(timeout=timeout)
            if isinstance(event, kind):
                return event


@contextmanager
def watched(name: str) -> Iterator[Events]:
    """A running watch on the reader of this name."""
    told = Events()
    watch = reader.ReaderWatch(name, told.put)
    watch.start()
    yield told
    watch.stop()
