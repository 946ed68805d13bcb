"""The log as one file of JSON lines, for auditors: every line with its link, and every signed head."""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache

from sqlalchemy import Connection, Engine, Row, select

from central.access_log.appending import Appender
from central.access_log.chain import SHARDS
from central.access_log.tables import lines, signed_heads

FORMAT = "onecard-access-log/1"


def export(engine: Engine, appender: Appender, subject_of: Callable[[int], str]) -> Iterator[str]:
    """The file, line by line: heads, then lines. Persons are `subject` only.

    `subject_of`: the subject that a person's lines have. A line that is filed under another person or time than it says
    is marked: its holder would look for it in vain.
    """
    appender.sign_due(all_of_them=True)
    yield json.dumps({"format": FORMAT, "shards": SHARDS})
    subjects = lru_cache(maxsize=100_000)(subject_of)
    with engine.connect() as connection:
        for jws in dict.fromkeys((*appender.kept_heads(), *_stored_heads(connection))):
            yield json.dumps({"head": jws})
        wanted = select(lines).order_by(lines.c.shard, lines.c.number).execution_options(yield_per=1000)
        for row in connection.execute(wanted):
            misfiled = {} if _filed(row, subjects) else {"misfiled": True}
            yield json.dumps({"body": row.body, "chain": row.chain, **misfiled}, ensure_ascii=False)


def _filed(row: Row[tuple[object, ...]], subject_of: Callable[[int], str]) -> bool:
    """Do the columns that the holder's view goes by say what the line says?"""
    try:
        body = json.loads(row.body)
        said = (body["subject"], body["at"], body["shard"], body["number"])
    except (ValueError, LookupError, TypeError):
        return False
    return said == (subject_of(row.person), row.at, row.shard, row.number)


def _stored_heads(connection: Connection) -> Iterator[str]:
    wanted = select(signed_heads.c.jws).order_by(signed_heads.c.shard, signed_heads.c.number)
    yield from connection.execute(wanted).scalars()
