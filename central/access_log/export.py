"""The log as one file of JSON lines, for auditors: every line with its link, and every signed head."""

import json
from collections.abc import Iterator

from sqlalchemy import Engine, select

from central.access_log.appending import Appender
from central.access_log.chain import SHARDS
from central.access_log.tables import lines, signed_heads

FORMAT = "onecard-access-log/1"


def export(engine: Engine, appender: Appender) -> Iterator[str]:
    """The file, line by line, ending with the heads as they are now. Persons are named by `subject` only."""
    for shard in range(SHARDS):
        appender.signed_head(shard)
    yield json.dumps({"format": FORMAT, "shards": SHARDS})
    with engine.connect() as connection:
        ends: dict[int, int] = {}
        kept = connection.execute(select(signed_heads).order_by(signed_heads.c.shard, signed_heads.c.number)).all()
        for head in kept:
            ends[head.shard] = head.number
            yield json.dumps({"head": head.jws})
        wanted = select(lines).order_by(lines.c.shard, lines.c.number).execution_options(yield_per=1000)
        for row in connection.execute(wanted):
            if row.number <= ends.get(row.shard, 0):
                yield json.dumps({"body": row.body, "chain": row.chain}, ensure_ascii=False)
