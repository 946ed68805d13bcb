"""Lines are on disk before anyone reads, many readers share a transaction, heads are signed as time and lines go by."""

import asyncio
import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError

from central.access_log import appending, tables
from central.access_log.appending import Entry, NotLogged
from central.access_log.verify import verify
from central.storage import writing_soon
from demo.parts.process import ROOT
from tests.unit.central.access_log.logs import KEY, Log, entry, heads_of, problems


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """An empty log."""
    made = Log(tmp_path)
    yield made
    made.engine.dispose()


def together(log: Log, entries: list[Entry]) -> None:
    """Everyone at once."""
    threads = [threading.Thread(target=log.appender.append, args=(one,)) for one in entries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_readers_who_come_while_one_commits_share_the_next_transaction(log: Log) -> None:
    appender, commits = log.appender, list[int]()
    write = appender._write

    def slow(connection: Connection, batch: list[Entry]) -> object:
        commits.append(len(batch))
        while len(commits) == 1 and len(appender._waiting) < 15:
            time.sleep(0.001)
        return write(connection, batch)

    appender._write = slow  # type: ignore[method-assign,assignment]
    together(log, [entry(person) for person in range(16)])
    assert commits == [1, 15]
    verdict = verify(log.file(), [KEY])
    assert verdict.lines == 16 and not verdict.problems


@pytest.mark.expected_log("the access log can't be written")
def test_readers_of_a_batch_that_failed_are_all_told(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, told = threading.Event(), list[int]()

    def failing(*_: object) -> None:
        inside.wait(10)
        raise OperationalError("insert", {}, Exception("disk full"))

    def reader() -> None:
        try:
            log.appender.append(entry(1))
        except NotLogged:
            told.append(1)

    monkeypatch.setattr(log.appender, "_write", failing)
    threads = [threading.Thread(target=reader) for _ in range(8)]
    for thread in threads:
        thread.start()
    inside.set()
    for thread in threads:
        thread.join()
    assert len(told) == 8
    monkeypatch.undo()
    log.add(1)
    assert verify(log.file(), [KEY]).lines == 1


def test_a_line_is_on_the_disk_before_its_reader_goes_on(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the disk has at the moment that it is waited for, read as after a power cut."""
    found, wait = list[int](), os.fdatasync

    def power_cut(file: int) -> None:
        wait(file)
        cut = tmp_path / f"cut{len(found)}"
        cut.mkdir()
        for name in ("log.db", "log.db-wal"):
            shutil.copy(tmp_path / name, cut / name)
        after = sqlite3.connect(cut / "log.db")
        found.append(after.execute("SELECT count(*) FROM access_lines").fetchone()[0])
        after.close()

    monkeypatch.setattr(os, "fdatasync", power_cut)
    log.add(1, 3)
    assert found == [1, 2, 3]


@pytest.mark.expected_log("the access log can't be written")
def test_a_disk_that_fails_is_told_to_the_reader(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(NotLogged):
        log.add(1)


def test_lines_of_one_round_of_the_event_loop_share_a_wait(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []
    monkeypatch.setattr(os, "fdatasync", waits.append)

    async def reader(person: int) -> None:
        with writing_soon(log.engine) as connection:
            ends = log.appender.add(connection, entry(person))
        await log.appender.settled(ends)

    async def all_at_once() -> None:
        await asyncio.gather(*map(reader, range(8)))

    asyncio.run(all_at_once())
    assert len(waits) == 1 and verify(log.file(), [KEY]).lines == 8


def test_a_read_that_is_one_too_many_is_denied_and_says_so(log: Log) -> None:
    entries = [log.appender.append(entry(1, ("2026-11-25", "contributions", 2))) for _ in range(3)]
    assert [one.denied for one in entries] == [False, False, True]
    assert '\\"result\\":\\"denied\\"' in log.file()[-1] and "reg_kind" not in log.file()[-1]


def count(log: Log) -> int:
    """Signed heads in the database."""
    with log.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.signed_heads)).scalar_one())


def test_heads_are_signed_as_time_and_lines_go_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    log = Log(tmp_path, clock=lambda: clock[0])
    monkeypatch.setattr(appending, "SIGN_EVERY_LINES", 5)
    counts = []
    for more in (1, 3, 2):  # the first line, not yet five, five lines
        log.add(1, more)
        counts.append(count(log))
    clock[0] += 61  # a minute, then an hour back
    log.add(1)
    counts.append(count(log))
    clock[0] -= 3600
    log.add(1)
    counts.append(count(log))
    assert counts == [1, 1, 2, 3, 4]
    log.engine.dispose()


def test_published_heads_are_a_minute_old_at_most_though_nobody_reads(tmp_path: Path) -> None:
    clock = [1000.0]
    log = Log(tmp_path, clock=lambda: clock[0])
    log.add(1, 3)
    first = log.appender.published()
    assert log.appender.published() == first and count(log) == 1
    clock[0] += 61
    (second,) = log.appender.published()
    assert [second] != first and count(log) == 2
    assert log.appender.published() == [second] and log.appender.newest_head(2) is None
    log.engine.dispose()


def test_a_clock_that_goes_back_is_said_and_breaks_nothing(tmp_path: Path) -> None:
    clock = [1_800_000_000.0]
    log = Log(tmp_path, clock=lambda: clock[0])
    log.add(1, 2)
    clock[0] -= 7200
    log.add(1, 2)
    verdict = verify(log.file(), [KEY])
    assert verdict.clock_back == ((1, 3),) and not verdict.problems
    log.engine.dispose()


KILLED = """
import os, sys
from pathlib import Path
from tests.unit.central.access_log.logs import Log
from central.access_log import appending
log = Log(Path(sys.argv[1]))
log.add(1, 3)
def dies(*_):
    os._exit(9)  # the line and its link are written, nothing is committed
if sys.argv[2] == "before":
    appending.put_back = dies
else:
    log.appender._witness.wrote = dies  # committed, and nobody was told
log.add(1)
"""


@pytest.mark.parametrize(("when", "lines"), [("before", 3), ("after", 4)])
def test_a_crash_between_line_and_head_leaves_both_or_none(tmp_path: Path, when: str, lines: int) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), when], check=False, timeout=60, cwd=ROOT)
    assert done.returncode == 9
    log = Log(tmp_path)
    assert verify(log.file(), [KEY]).lines == lines
    log.add(1)
    verdict = verify(log.file(), [KEY])
    assert verdict.lines == lines + 1 and not verdict.problems and not verdict.unsigned
    log.engine.dispose()


def test_two_processes_share_the_chains(tmp_path: Path) -> None:
    one, other = Log(tmp_path), Log(tmp_path)
    threads = [threading.Thread(target=log.add, args=(person, 10)) for log in (one, other) for person in (3, 3 + 16, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = one.file()
    verdict = verify(texts, [KEY])
    assert verdict.lines == 60 and not verdict.problems and dict(verdict.heads) == {3: 40, 4: 20}
    other.add(3)
    assert problems(other.file(), *heads_of(texts)) == set()
    one.engine.dispose()
    other.engine.dispose()
