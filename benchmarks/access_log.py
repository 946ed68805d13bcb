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


def measured(
    name: str, kind: type[Appender], readers: int, witness: type[Witness] = Witness, url: str = ""
) -> list[str]:
    """One row: lines a second, and what one reader waits. `url`: another database than a fresh SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_storage(url or f"sqlite:///{Path(folder) / 'log.db'}")
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
    rows += _on_postgresql()
    return markdown(["transactions", "readers", "lines/s", "median ms", "p95 ms"], rows)


def _on_postgresql() -> list[list[str]]:
    from tests.postgres import BINARIES, server

    if not BINARIES:
        return []
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        Path(folder).chmod(0o755)
        with server(Path(folder) / "s") as url:
            return [measured("shared, PostgreSQL", Appender, readers, url=url) for readers in (1, 8, 40)]


def reading(calls: int = 300) -> str:
    """The same calls on the same central over HTTP, in turns: with the log, and with nothing in its place."""
    from benchmarks.served_city import served  # tests' city: real HTTP, real client

    rows = []
    with served() as (works, unlogged):
        for name, work in works.items():
            waits: dict[bool, list[float]] = {True: [], False: []}
            for number in range(2 * calls + 40):
                off = number % 2 == 0
                with unlogged(off):
                    waits[off].append(_milliseconds(work))
            rows += [
                [name, how, f"{median(waits[off][20:]):.2f}", f"{p95(waits[off][20:]):.2f}"]
                for off, how in ((True, "not logged"), (False, "logged"))
            ]
    return markdown(["over HTTP", "", "median ms", "p95 ms"], rows)


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def measure() -> str:
    """Both tables."""
    return f"{appending()}\n\n{reading()}"
