"""The access log: appending by many readers at once, and what a logged reading costs beside one that isn't."""

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from joserfc.jwk import ECKey
from sqlalchemy import Engine

from benchmarks.table import markdown, median, p95
from central.access_log.appending import Appender, Entry
from central.access_log.chain import Line
from central.access_log.witness import Witness
from central.storage import open_storage

LINES = 1600
LINE = Line(
    "a" * 32, "T44010500001", "self", "query", None, "0202", ("person", "rows"), "terminal", "statute", "ok",
)  # fmt: skip


class OneByOne(Appender):
    """Each reader's line in a transaction of its own, as the log was written before."""

    def append(self, entry: Entry) -> Entry:
        """Alone."""
        with self._lock:
            self._commit([entry])
        return entry


class Unwatched(Witness):
    """Signs whatever stands in the database, without following it first."""

    def confirms(self, *_: object) -> bool:
        """Always."""
        return True


def _log(engine: Engine, folder: Path, kind: type[Appender], witness: type[Witness]) -> Appender:
    key = ECKey.generate_key("P-256", {"kid": "log"})
    return kind(engine, key, witness(folder / "heads", key))


def measured(name: str, kind: type[Appender], readers: int, witness: type[Witness] = Witness) -> list[str]:
    """One row: lines a second, and what one reader waits."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_storage(f"sqlite:///{Path(folder) / 'log.db'}")
        appender, waits = _log(engine, Path(folder), kind, witness), list[float]()

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
    return [name, str(readers), f"{rate:,.0f}", f"{median(waits):.1f}", f"{p95(waits):.1f}"]


def appending() -> str:
    """A transaction for every line, shared ones, and shared ones without the witness."""
    rows = []
    for readers in (1, 8, 40):
        rows.append(measured("one by one", OneByOne, readers))
        rows.append(measured("shared, unwatched", Appender, readers, Unwatched))
        rows.append(measured("shared", Appender, readers))
    return markdown(["transactions", "readers", "lines/s", "median ms", "p95 ms"], rows)


def reading(calls: int = 300) -> str:
    """The same call on the same central over HTTP, in turns: with the log, and with nothing in its place."""
    from benchmarks.served_city import served  # tests' city: real HTTP, real client

    waits: dict[str, list[float]] = {"not logged": [], "logged": []}
    with served() as (session, unlogged):
        for _ in range(20):
            session.contributions()
        for _ in range(calls):
            for name, found in waits.items():
                with unlogged(name == "not logged"):
                    found.append(_milliseconds(session.contributions))
    rows = [[name, f"{median(found):.2f}", f"{p95(found):.2f}"] for name, found in waits.items()]
    return markdown(["contributions over HTTP", "median ms", "p95 ms"], rows)


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def measure() -> str:
    """Both tables."""
    return f"{appending()}\n\n{reading()}"
