"""The access log on a real PostgreSQL: several centrals at one database, killed ones, cut connections."""

import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from central.access_log.appending import NotLogged
from central.access_log.verify import verify
from demo.parts.process import ROOT
from tests.postgres import server
from tests.unit.central.access_log.logs import KEY, Log, entry, heads_of, problems


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The server."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        Path(folder).chmod(0o755)
        with server(Path(folder) / "s") as url:
            yield url


@pytest.fixture
def url(cluster: str) -> Iterator[str]:
    """A database of this test's own."""
    engine = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS log WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE log"))
    engine.dispose()
    yield cluster.replace("/postgres?", "/log?")


def all_at_once(work: list[threading.Thread]) -> None:
    """Start them together, and wait."""
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()


def test_several_centrals_write_the_same_chains(url: str, tmp_path: Path) -> None:
    centrals = [Log(tmp_path / f"{number}", url) for number in range(3)]
    people = (3, 3 + 16, 4, 5, 20)  # two of shard 3, two of shard 4
    all_at_once([threading.Thread(target=log.add, args=(person, 12)) for log in centrals for person in people])
    published = centrals[1].appender.published()
    texts = centrals[0].file()
    verdict = verify(texts, [KEY], published)
    assert verdict.lines == 3 * len(people) * 12 and not verdict.problems and not verdict.unsigned
    centrals[2].add(3)
    assert problems(centrals[2].file(), *heads_of(texts)) == set()
    for log in centrals:
        log.engine.dispose()


def test_the_daily_limit_counts_across_centrals(url: str, tmp_path: Path) -> None:
    centrals, granted = [Log(tmp_path / f"{number}", url) for number in range(2)], list[bool]()

    def reader(log: Log) -> None:
        for _ in range(15):
            granted.append(not log.appender.append(entry(3, ("2026-11-25", "contributions", 40))).denied)

    all_at_once([threading.Thread(target=reader, args=(log,)) for log in centrals for _ in range(2)])
    assert (len(granted), sum(granted)) == (60, 40)
    for log in centrals:
        log.engine.dispose()


WRITER = """
import sys
from pathlib import Path
from tests.unit.central.access_log.logs import Log
log = Log(Path(sys.argv[1]), sys.argv[2])
for number in range(100_000):
    log.add(3 + number % 2, purpose=f"{sys.argv[3]}-{number}")
    print(number, flush=True)
"""


def killed_after(victim: "subprocess.Popen[str]", number: int) -> int:
    """Kill it when it has acknowledged so much; gives the last number that it acknowledged."""
    assert victim.stdout is not None
    with victim, victim.stdout as said:
        last = next((int(line) for line in said if int(line) >= number), -1)
        victim.send_signal(signal.SIGKILL)
        return int((said.read().split() or [str(last)])[-1])


def test_what_a_killed_central_acknowledged_is_there_and_the_others_go_on(url: str, tmp_path: Path) -> None:
    victims = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / name), url, name], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for name in "ab"
    ]
    told = [killed_after(victim, 30) for victim in victims]
    log = Log(tmp_path / "c", url)
    log.add(3)
    texts = log.file()
    assert problems(texts) == set()
    everything = "\n".join(texts)
    for name, last in zip("ab", told, strict=True):
        assert last >= 30
        assert all(f'\\"purpose\\":\\"{name}-{number}\\"' in everything for number in range(last + 1))
    log.engine.dispose()


@pytest.mark.expected_log("the access log can't be written")
def test_a_reader_whose_connection_is_cut_is_told_and_the_next_one_is_served(url: str, tmp_path: Path) -> None:
    log = Log(tmp_path, url)
    log.add(3)
    with log.engine.connect() as connection:
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'log' AND pid <> pg_backend_pid()"
        other = Log(tmp_path / "other", url)
        other.add(4)
        connection.execute(text(cut))
        assert own
    with pytest.raises(NotLogged):
        other.add(4)
    other.add(4)
    verdict = verify(other.file(), [KEY])
    assert verdict.lines == 3 and not verdict.problems
    other.engine.dispose()
    log.engine.dispose()
