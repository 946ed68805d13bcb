"""Rows that nothing needs any more go, a few at a time; all others stay (decision 0054)."""

import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, Float, Integer, LargeBinary, func, insert, select

from backend_client.client import errors
from central import retention
from central.identity.tables import logouts, sessions
from central.retention import BATCH, RULES, Rule, Sweeper, sweep
from central.storage import metadata, open_storage, queries, writing
from demo.parts.central import CentralPlatform
from tests.city import TERMINAL, client_of, served

NOW = 1_800_000_000.0
MARGIN = 60.0
KEPT = {
    "documents": "the paper is out there", "sequences": "numbers", "statuses": "the status list",
    "file_signatures": "files are out there", "access_lines": "the chain", "access_heads": "the chain",
    "access_signed_heads": "the chain", "client_places": "names", "terminals": "who may ask", "sites": "who may ask",
    "certificates": "who may ask", "cards": "who may sign in", "staff_cards": "who may sign in",
    "accounts": "who may sign in", "ended_relations": "who may act", "logouts": "deleted by who delivers them",
}  # fmt: skip


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty database."""
    made = open_storage(f"sqlite:///{tmp_path}/c.db")
    yield made
    made.dispose()


def row(rule: Rule, age: float) -> dict[str, object]:
    """Any row of a table whose moment is this."""
    values: dict[str, object] = {}
    for column in rule.table.columns:
        kinds = {Float: 0.0, Integer: 0, LargeBinary: b""}
        values[column.name] = next((v for kind, v in kinds.items() if isinstance(column.type, kind)), "x")
        if column.primary_key or column.unique:
            values[column.name] = uuid.uuid4().int % 10**9 if isinstance(column.type, Integer) else uuid.uuid4().hex[:9]
    day = f"{datetime.fromtimestamp(age, UTC):%Y-%m-%d}"
    return {**values, rule.age.name: day if rule.table is queries else age}


def put(engine: Engine, rule: Rule, *ages: float) -> None:
    """Rows of these moments."""
    with writing(engine) as connection:
        connection.execute(insert(rule.table), [row(rule, age) for age in ages])


def left(engine: Engine, rule: Rule) -> list[object]:
    """The moments of the rows that are there."""
    with engine.connect() as connection:
        return list(connection.execute(select(rule.age).order_by(rule.age)).scalars())


def test_every_table_has_a_rule_or_a_reason(engine: Engine) -> None:
    ruled = {rule.table.name for rule in RULES}
    assert ruled.isdisjoint(KEPT)
    assert ruled | KEPT.keys() == set(metadata.tables)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.table.name))
def test_what_is_over_goes_and_what_is_not_stays(engine: Engine, rule: Rule) -> None:
    margin = 86_400.0 if rule.table is queries else MARGIN
    old, young = NOW - rule.seconds - margin, NOW - rule.seconds + margin
    put(engine, rule, old, young)
    before = left(engine, rule)
    assert not sweep(engine, rule, NOW)
    assert left(engine, rule) == before[1:]


def test_a_batch_is_small_and_says_that_there_is_more(engine: Engine) -> None:
    rule = RULES[0]
    put(engine, rule, *(float(n) for n in range(2 * BATCH + 1)))
    assert [sweep(engine, rule, NOW) for _ in range(4)] == [True, True, False, False]
    assert left(engine, rule) == []


def test_a_session_stays_while_a_site_is_owed_its_end(engine: Engine) -> None:
    rule, made = RULES[0], row(RULES[0], 1.0)
    with writing(engine) as connection:
        connection.execute(insert(sessions).values(made))
        connection.execute(insert(logouts).values(sid=made["sid"], client_id="housing", due=0.0, tries=0))
    sweep(engine, rule, NOW)
    assert left(engine, rule) == [1.0]
    with writing(engine) as connection:
        connection.execute(logouts.delete())
    sweep(engine, rule, NOW)
    assert left(engine, rule) == []


def test_a_live_session_goes_on_and_an_old_one_is_over_as_before(tmp_path: Path) -> None:
    with served(tmp_path) as city:
        central = client_of(city)
        old, live = (central.sign_in(city.card(), "social") for _ in range(2))
        assert old.contributions()
        oldest = select(sessions.c.sid).where(sessions.c.client_id == TERMINAL).order_by(sessions.c.started).limit(1)
        with writing(city.engine) as connection:
            connection.execute(sessions.update().where(sessions.c.sid.in_(oldest)).values(started=1.0, ends=1.0))
        for rule in RULES:
            sweep(city.engine, rule, time.time())
        with city.engine.connect() as connection:
            assert connection.execute(select(func.count()).select_from(sessions)).scalar() == 1
        assert live.contributions()
        with pytest.raises(errors.SessionExpired):
            old.contributions()
        central.close()


def test_the_lock_is_not_held_between_batches(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes between two of them gets it at once: no waiting is allowed here."""
    put(engine, RULES[0], *(float(n) for n in range(3 * BATCH)))
    taken = []

    def beside(engine: Engine, rule: Rule, now: float) -> bool:
        more = sweep(engine, rule, now)
        other = sqlite3.connect(str(engine.url.database), timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.execute("COMMIT")
        other.close()
        taken.append(rule.table.name)
        return more

    monkeypatch.setattr(retention, "sweep", beside)
    sweeper = Sweeper(engine)
    assert sweeper._round() and sweeper._round() and sweeper._round() and not sweeper._round()
    assert len(taken) == 4 * len(RULES)


def test_the_thread_sweeps_until_nothing_is_left_and_ends(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    put(engine, RULES[0], *(float(n) for n in range(2 * BATCH + 1)))
    done, real = threading.Event(), Sweeper._round

    def watched(sweeper: Sweeper) -> bool:
        more = real(sweeper)
        if not more:
            done.set()
        return more

    monkeypatch.setattr(Sweeper, "_round", watched)
    sweeper = Sweeper(engine)
    sweeper.start()
    assert done.wait(30)
    sweeper.stop()
    assert left(engine, RULES[0]) == []
    assert not sweeper._thread.is_alive()


@pytest.mark.expected_log("nothing is swept out")
def test_a_database_that_is_away_is_waited_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> bool:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(retention, "sweep", away)
    assert not Sweeper(engine)._round()


def test_a_central_that_serves_sweeps(tmp_path: Path) -> None:
    before = open_storage(f"sqlite:///{tmp_path}/central.db")
    put(before, RULES[0], 1.0)
    with CentralPlatform(tmp_path) as central:
        while left(before, RULES[0]):
            assert requests.get(f"{central.url}/healthz", timeout=30).ok
    before.dispose()
