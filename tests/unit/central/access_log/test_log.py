"""The access log: every read leaves a line, readers don't wait in line, and whatever is done to a file shows."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from backend_client.client.keys import SigningKey
from backend_client.contract.access_log import AccessLog
from central.__main__ import app
from central.access_log import appending, tables
from central.access_log.appending import Appender, Entry, NotLogged
from central.access_log.chain import SHARDS, Line, shard_of
from central.access_log.export import export
from central.access_log.verify import NotALog, Problem, verify
from central.identity.statements import signed
from central.storage import open_storage
from tests.city import City, refused

LINE = Line(
    at="2026-11-25T10:00:00.000+08:00", subject="a" * 32, dept="海珠区卫计局", operator="张*", purpose="核验婚姻",
    project_no="P2016110800031", theme_code="0301", fields=("reg_kind", "reg_date"), channel="office",
    legal_basis="consent", result="ok",
)  # fmt: skip
KEY = ECKey.generate_key("P-256", {"kid": "log"})


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city."""
    made = City(tmp_path)
    yield made
    made.close()


def whole(folder: Path, counts: dict[int, int]) -> list[str]:
    """An export with so many lines in these shards."""
    engine = open_storage(f"sqlite:///{folder}/log.db")
    appender = Appender(engine, KEY)
    for shard, count in counts.items():
        for number in range(count):
            appender.append(Entry(shard, replace(LINE, purpose=f"{number}")))
    texts = list(export(engine, appender))
    engine.dispose()
    return texts


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two shards, 12 and 5 lines, heads first."""
    return whole(tmp_path_factory.mktemp("log"), {3: 12, 7: 5})


def first_line(texts: list[str]) -> int:
    """Where the lines begin."""
    return next(at for at, text in enumerate(texts) if "body" in text[:8])


def problems(texts: list[str], *also: str) -> set[tuple[str, int, int]]:
    """What is found."""
    return {(one.kind, one.shard, one.number) for one in verify(texts, [KEY], also).problems}


def test_a_whole_file_is_whole(texts: list[str]) -> None:
    verdict = verify(texts, [KEY])
    assert (verdict.lines, dict(verdict.heads), verdict.problems) == (17, {3: 12, 7: 5}, ())


@given(st.data())
@settings(max_examples=80)
def test_each_kind_of_tampering_is_told_apart(texts: list[str], data: st.DataObject) -> None:
    start = first_line(texts)
    at = data.draw(st.integers(0, 11))
    number, one, rest = at + 1, texts[start + at], texts[start:]
    body = json.loads(json.loads(one)["body"])
    changed = json.dumps({**json.loads(one), "body": json.dumps({**body, "operator": "李*"}, ensure_ascii=False)})
    assert problems([*texts[:start], *rest[:at], changed, *rest[at + 1 :]]) == {("changed", 3, number)}
    gone = [*texts[:start], *rest[:at], *rest[at + 1 :]]
    assert problems(gone) == {("cut" if number == 12 else "missing", 3, number)}
    if number < 12:
        swapped = [*rest[:at], rest[at + 1], rest[at], *rest[at + 2 :]]
        assert problems([*texts[:start], *swapped]) == {("reordered", 3, number)}
    assert problems([*texts[:start], *rest[:at], *rest[12:]]) == {("cut", 3, number)}
    assert problems([*texts, one]) == {("reordered", 3, number)}


def test_a_rewritten_chain_is_not_the_one_that_was_signed(texts: list[str], tmp_path: Path) -> None:
    heads, lines = texts[: first_line(texts)], texts[first_line(texts) :]
    engine = open_storage(f"sqlite:///{tmp_path}/other.db")
    appender = Appender(engine, KEY)
    for number in range(12):
        appender.append(Entry(3, replace(LINE, purpose="no" if number == 4 else f"{number}")))
    other = list(export(engine, appender))
    engine.dispose()
    mixed = [
        *heads,  # one line is another, and every link made anew
        *other[first_line(other) :],
        *lines[12:],
    ]
    found = problems(mixed)
    assert ("changed", 3, 12) in found and all(kind == "changed" for kind, _, _ in found)


def test_a_cut_of_lines_and_heads_shows_against_a_head_kept_elsewhere(texts: list[str], tmp_path: Path) -> None:
    earlier = whole(tmp_path, {3: 9, 7: 5})
    assert problems(earlier) == set()
    kept = [json.loads(text)["head"] for text in texts if '"head"' in text[:8]]
    assert {(kind, shard) for kind, shard, _ in problems(earlier, *kept)} == {("cut", 3)}
    assert problems([text for text in texts if '"head"' not in text[:8]], *kept) == set()


def test_a_head_that_somebody_else_signed_is_forged(texts: list[str]) -> None:
    other = ECKey.generate_key("P-256", {"kid": "log"})
    head = signed(other, "access-log-head+jwt", {"shard": 3, "number": 12, "chain": "0" * 64, "iat": 1})
    assert problems([texts[0], json.dumps({"head": head}), *texts[1:]]) == {("forged", -1, -1)}
    for typ in ("time+jwt", "JWT"):  # another statement of the right key
        head = signed(KEY, typ, {"shard": 3, "number": 12, "chain": "0" * 64, "iat": 1})
        assert problems([texts[0], json.dumps({"head": head}), *texts[1:]]) == {("forged", -1, -1)}
    assert verify(texts, []).problems


def test_two_heads_that_disagree_are_said(texts: list[str]) -> None:
    head = signed(KEY, "access-log-head+jwt", {"shard": 3, "number": 12, "chain": "1" * 64, "iat": 1})
    assert ("changed", 3, 12) in problems([texts[0], json.dumps({"head": head}), *texts[1:]])


@given(st.lists(st.text(max_size=60), max_size=4))
def test_what_is_no_log_is_said(found: list[str]) -> None:
    with pytest.raises(NotALog):
        verify(found, [KEY])


@given(st.lists(st.recursive(st.none() | st.integers() | st.text(max_size=8), lambda inner: st.dictionaries(
    st.sampled_from(("head", "body", "chain", "shard")), inner, max_size=3), max_leaves=4), max_size=4))  # fmt: skip
def test_lines_that_make_no_sense_are_said_or_forged(values: list[object]) -> None:
    texts = ['{"format": "onecard-access-log/1", "shards": 16}', *(json.dumps(value) for value in values)]
    try:
        verdict = verify(texts, [KEY])
    except NotALog:
        return
    assert verdict.lines == 0 and {one.kind for one in verdict.problems} <= {"forged"}


def test_lines_that_are_far_away_and_late_heads_are_no_log(texts: list[str]) -> None:
    far = json.dumps({"body": '{"shard":1,"number":99999999999}', "chain": "00"})
    late = texts[1]
    for wrong in ([texts[0], far], [*texts, late]):
        with pytest.raises(NotALog):
            verify(wrong, [KEY])


def test_every_read_leaves_a_line_that_its_holder_sees(city: City) -> None:
    key = SigningKey.generate()
    token = city.token(city.card(4), key, scope="social family account").json()["access_token"]
    assert city.call("GET", "/api/v1/contributions", key, token).status_code == 200
    assert city.call("GET", "/api/v1/family-planning", key, token).status_code in (200, 404)
    log = AccessLog.model_validate(city.call("GET", "/api/v1/access-log", key, token).json())
    assert [line.theme_code for line in log.lines] == ["0001", "0401", "0202"]
    assert {line.operator for line in log.lines} == {"self"} and log.lines[-1].fields
    assert city.keys.access_log_key.kid and log.head.count(".") == 2
    found = verify(export(city.engine, Appender(city.engine, city.keys.access_log_key)), [city.keys.access_log_key])
    assert found.lines == 3 and not found.problems


def test_a_document_leaves_a_line_too(city: City) -> None:
    import uuid

    key = SigningKey.generate()
    token = city.token(city.card(4), key, scope="social account").json()["access_token"]
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    made = city.call("POST", "/api/v1/documents", key, token, headers=headers, json={"kind": "SB", "medium": "a4"})
    assert made.status_code == 201
    log = AccessLog.model_validate(city.call("GET", "/api/v1/access-log", key, token).json())
    assert [line.purpose for line in log.lines] == ["query", "document SB"]


def test_nobody_sees_anothers_lines_and_old_ones_are_left_out(city: City) -> None:
    appender = Appender(city.engine, city.keys.access_log_key)
    for person in (4, 5, 4 + SHARDS):
        appender.append(Entry(person, replace(LINE, at="2026-01-01T00:00:00.000+08:00", purpose="old")))
        appender.append(Entry(person, replace(LINE, at="2999-01-01T00:00:00.000+08:00", purpose=f"of {person}")))
    key = SigningKey.generate()
    token = city.token(city.card(4), key, scope="account").json()["access_token"]
    log = AccessLog.model_validate(city.call("GET", "/api/v1/access-log", key, token).json())
    assert [line.purpose for line in log.lines] == ["of 4", "query"]


def test_it_needs_the_scope(city: City) -> None:
    key = SigningKey.generate()
    token = city.token(city.card(4), key, scope="social").json()["access_token"]
    assert refused(city.call("GET", "/api/v1/access-log", key, token), "insufficient_scope")


def test_a_denied_read_is_logged_as_denied_and_gives_nothing(city: City) -> None:
    key = SigningKey.generate()
    token = city.token(city.card(4), key, scope="social account").json()["access_token"]
    answers = [city.call("GET", "/api/v1/contributions", key, token).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    log = AccessLog.model_validate(city.call("GET", "/api/v1/access-log", key, token).json())
    assert [line.result for line in log.lines] == ["ok", "denied", *["ok"] * 5]
    assert log.lines[1].fields == ()


@pytest.mark.expected_log("the access log can't be written")
def test_without_a_line_there_is_no_record(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    key = SigningKey.generate()
    token = city.token(city.card(4), key, scope="social").json()["access_token"]

    def full(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(Appender, "_write", full)
    answer = city.call("GET", "/api/v1/contributions", key, token)
    assert refused(answer, "temporarily_unavailable") and "rows" not in answer.text


def test_readers_who_come_while_one_commits_share_the_next_transaction(tmp_path: Path) -> None:
    engine = open_storage(f"sqlite:///{tmp_path}/log.db")
    appender, commits = Appender(engine, KEY), list[int]()
    write = appender._write

    def slow(connection: Connection, batch: list[Entry]) -> None:
        commits.append(len(batch))
        while len(commits) == 1 and len(appender._waiting) < 15:
            time.sleep(0.001)
        write(connection, batch)

    appender._write = slow  # type: ignore[method-assign,assignment]
    threads = [threading.Thread(target=appender.append, args=(Entry(person, LINE),)) for person in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert commits == [1, 15]
    verdict = verify(export(engine, appender), [KEY])
    assert verdict.lines == 16 and not verdict.problems
    engine.dispose()


@pytest.mark.expected_log("the access log can't be written")
def test_readers_of_a_batch_that_failed_are_all_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_storage(f"sqlite:///{tmp_path}/log.db")
    appender, inside, told = Appender(engine, KEY), threading.Event(), []

    def failing(*_: object) -> None:
        inside.wait(10)
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(appender, "_write", failing)

    def reader() -> None:
        try:
            appender.append(Entry(1, LINE))
        except NotLogged:
            told.append(1)

    threads = [threading.Thread(target=reader) for _ in range(8)]
    for thread in threads:
        thread.start()
    inside.set()
    for thread in threads:
        thread.join()
    assert len(told) == 8
    engine.dispose()


def test_heads_are_signed_as_time_and_lines_go_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, clock = open_storage(f"sqlite:///{tmp_path}/log.db"), [1000.0]
    appender = Appender(engine, KEY, lambda: clock[0])
    monkeypatch.setattr(appending, "SIGN_EVERY_LINES", 5)

    def count() -> int:
        with engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(tables.signed_heads)).scalar_one())

    appender.append(Entry(1, LINE))
    assert count() == 1
    for _ in range(3):
        appender.append(Entry(1, LINE))
    assert count() == 1
    for _ in range(2):
        appender.append(Entry(1, LINE))
    assert count() == 2  # five lines
    clock[0] += 61
    appender.append(Entry(1, LINE))
    assert count() == 3  # a minute
    assert appender.signed_head(1) == appender.signed_head(1) and count() == 3
    assert appender.signed_head(2) is None
    engine.dispose()


def test_the_commands_export_and_verify(city: City, tmp_path: Path) -> None:
    Appender(city.engine, city.keys.access_log_key).append(Entry(4, LINE))
    database, file, keys = f"sqlite:///{tmp_path}/c.db", str(tmp_path / "log.jsonl"), tmp_path / "keys.json"
    run = CliRunner()
    assert run.invoke(app, ["access-log", "export", file, "--database", database]).exit_code == 0
    keys.write_text(run.invoke(app, ["access-log", "keys", "--database", database]).output, encoding="utf-8")
    done = run.invoke(app, ["access-log", "verify", file, "--keys", str(keys)])
    assert done.exit_code == 0 and json.loads(done.output)["lines"] == 1
    text = Path(file).read_text(encoding="utf-8")
    Path(file).write_text(text.replace("张*", "李*"), encoding="utf-8")
    done = run.invoke(app, ["access-log", "verify", file, "--keys", str(keys)])
    problem = vars(Problem("changed", shard_of(4), 1))
    assert done.exit_code == 1 and json.loads(done.output)["problems"] == [problem]
