"""Somebody who may do anything to the database, but has neither the key nor the keys' folder."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import Connection, delete, select, update

from central.access_log.chain import START, Head, link
from central.access_log.heads import sign_head
from central.access_log.tables import heads, lines, signed_heads
from central.access_log.verify import verify
from tests.unit.central.access_log.logs import KEY, Log, heads_of, problems, split

pytestmark = pytest.mark.expected_log("was changed in the database")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """Six lines of one person, all signed, and central still running."""
    made = Log(tmp_path)
    made.add(3, 6)
    made.file()
    yield made
    made.engine.dispose()


def rewrite(connection: Connection, number: int, **changes: str) -> None:
    """Change a line and make every link after it anew, and the head: a perfect chain, but for the signatures."""
    chain = START
    for row in connection.execute(select(lines).where(lines.c.shard == 3).order_by(lines.c.number)).all():
        body = row.body
        if row.number == number:
            body = json.dumps(
                {**json.loads(body), **changes}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
            )
        chain = link(chain, body)
        connection.execute(
            update(lines).where(lines.c.shard == 3, lines.c.number == row.number).values(body=body, chain=chain)
        )
    connection.execute(update(heads).where(heads.c.shard == 3).values(chain=chain))


def forget_signatures(connection: Connection, after: int) -> None:
    """Take the signed heads out, and let central think that it must sign again."""
    connection.execute(delete(signed_heads).where(signed_heads.c.number > after))
    connection.execute(update(heads).values(signed_number=after, signed_at=0.0))


@pytest.mark.parametrize("restarted", [False, True])
def test_a_rewritten_and_unsigned_history_is_never_signed_again(log: Log, restarted: bool) -> None:
    with log.engine.begin() as connection:
        rewrite(connection, 2, operator="nobody")
        forget_signatures(connection, 0)
    if restarted:
        log.again()
    log.add(3)
    texts = log.file()
    assert len(heads_of(texts)) == 1  # the one that central keeps beside its keys
    assert ("changed", 3, 6) in problems(texts)
    with log.engine.connect() as connection:
        assert connection.execute(select(signed_heads)).all() == []


def test_a_rewritten_end_that_no_head_covers_yet_is_not_signed_by_who_wrote_it(log: Log) -> None:
    log.add(3, 2)  # lines 7 and 8, less than a minute old
    with log.engine.begin() as connection:
        rewrite(connection, 8, operator="nobody")
    log.add(3)
    texts = log.file()
    assert problems(texts) == set() and len(split(texts)[1]) == 9
    assert dict(verify(texts, [KEY]).unsigned) == {3: 3}  # said for ever: central signs nothing over it


def test_a_cut_end_shows_though_heads_were_cut_too(log: Log) -> None:
    with log.engine.begin() as connection:
        connection.execute(delete(lines).where(lines.c.number > 4))
        last = connection.execute(select(lines.c.chain).where(lines.c.number == 4)).scalar_one()
        connection.execute(update(heads).values(number=4, chain=last))
        forget_signatures(connection, 1)
    log.again()
    assert problems(log.file()) == {("cut", 3, 5)}


def test_a_line_taken_out_of_the_middle_shows(log: Log) -> None:
    with log.engine.begin() as connection:
        connection.execute(delete(lines).where(lines.c.number == 3))
    assert problems(log.file()) == {("missing", 3, 3)}


@pytest.mark.parametrize("changes", [{"person": 19}, {"at": "2020-01-01T00:00:00.000+08:00"}])
def test_a_line_that_is_hidden_from_its_holder_shows(log: Log, changes: dict[str, object]) -> None:
    with log.engine.begin() as connection:
        connection.execute(update(lines).where(lines.c.number == 3).values(**changes))
    assert problems(log.file()) == {("misfiled", 3, 3)}


def test_a_log_brought_back_from_a_backup_is_cut_against_what_central_keeps(log: Log) -> None:
    with log.engine.connect() as connection:
        kept = {table: [dict(row._mapping) for row in connection.execute(select(table))] for table in
                (lines, heads, signed_heads)}  # fmt: skip
    log.add(3, 2)
    log.file()
    with log.engine.begin() as connection:
        for table, rows in kept.items():
            connection.execute(delete(table))
            connection.execute(table.insert(), rows)
    log.again()
    assert problems(log.file()) == {("cut", 3, 7)}


def test_what_the_attacker_does_to_one_chain_leaves_the_others_signed(log: Log) -> None:
    with log.engine.begin() as connection:
        rewrite(connection, 2, operator="nobody")
    log.add(3)
    log.add(5, 2)
    found = problems(log.file())
    assert {shard for _, shard, _ in found} == {3}


def unsigned(log: Log) -> dict[int, int]:
    """Lines that no head covers, in a file that is whole otherwise."""
    verdict = verify(log.file(), [KEY])
    assert not {one.kind for one in verdict.problems} - {"forged"}
    return dict(verdict.unsigned)


def test_a_new_machine_goes_on_from_the_newest_head_that_the_key_signed(log: Log) -> None:
    shutil.rmtree(log.folder / "heads")
    log.again()
    log.add(3, 2)
    assert unsigned(log) == {}


def test_a_forged_head_in_the_database_is_told_and_not_gone_on_from(log: Log) -> None:
    shutil.rmtree(log.folder / "heads")
    other = ECKey.generate_key("P-256", {"kid": "log"})
    forged = sign_head(other, Head(3, 6, "0" * 64), 1)
    with log.engine.begin() as connection:
        connection.execute(update(signed_heads).where(signed_heads.c.number == 6).values(jws=forged))
    log.again()
    log.add(3)
    assert unsigned(log) == {}
    assert problems(log.file()) == {("forged", -1, -1)}


def test_a_head_of_another_key_beside_the_keys_stops_the_signing(log: Log) -> None:
    other = ECKey.generate_key("P-256", {"kid": "log"})
    (log.folder / "heads/03.jws").write_text(sign_head(other, Head(3, 6, "0" * 64), 1), encoding="ascii")
    log.again()
    log.add(3)
    assert unsigned(log) == {3: 1}
