"""Appending to the access log: many readers at once, one transaction for each of them against shared ones."""

import tempfile
import threading
import time
from pathlib import Path

from joserfc.jwk import ECKey

from benchmarks.table import markdown, median, p95
from central.access_log.appending import Appender, Entry
from central.access_log.chain import Line
from central.storage import open_storage

LINES = 1600
LINE = Line(
    "2026-11-25T10:00:00.000+08:00", "a" * 32, "T44010500001", "self", "query", None, "0202",
    ("person", "rows"), "terminal", "statute", "ok",
)  # fmt: skip


class OneByOne(Appender):
    """Each reader's line in a transaction of its own, as the log was written before."""

    def append(self, entry: Entry) -> Entry:
        """Alone."""
        with self._lock:
            self._commit([entry])
        return entry


def measured(kind: type[Appender], readers: int) -> list[str]:
    """One row: lines a second, and what one reader waits."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_storage(f"sqlite:///{Path(folder) / 'log.db'}")
        appender, waits = kind(engine, ECKey.generate_key("P-256", {"kid": "log"})), list[float]()

        def reader(person: int) -> None:
            for _ in range(LINES // readers):
                start = time.perf_counter()
                appender.append(Entry(person, LINE, ("2026-11-25", "contributions", 10**9)))
                waits.append((time.perf_counter() - start) * 1000)

        threads = [threading.Thread(target=reader, args=(person,)) for person in range(readers)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = len(waits) / (time.perf_counter() - began)
        engine.dispose()
    name = "one by one" if kind is OneByOne else "shared"
    return [name, str(readers), f"{rate:,.0f}", f"{median(waits):.1f}", f"{p95(waits):.1f}"]


def measure() -> str:
    """The table."""
    rows = [measured(kind, readers) for readers in (1, 8, 40) for kind in (OneByOne, Appender)]
    return markdown(["transactions", "readers", "lines/s", "median ms", "p95 ms"], rows)
