"""What the holder sees of the log: pages of lines, newest first, in words."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from backend_client.contract.access_log import DAYS, PAGE, AccessLine, AccessLog, Words
from central.access_log.chain import shard_of
from central.access_log.noting import appender
from central.access_log.places import places
from central.access_log.tables import lines
from central.api.office import Context
from central.synthetic.person import person
from central.zone import ZONE


@dataclass(frozen=True)
class _Page:
    """Lines, newest first, and whether there are newer and older ones."""

    rows: Sequence[Any]
    newer: bool
    older: bool


def access_log(central: Context, number: int, cursor: str) -> AccessLog:
    """One page; `cursor` is `newer` or `older` of another one, empty for the newest."""
    page = _page(central, number, cursor)
    bodies = [json.loads(row.body) for row in page.rows]
    words = places(central.engine, {str(body["dept"]) for body in bodies})
    return AccessLog(
        record_id=f"RZ{number:010}", subject_id_no=person(central.keys.seed, number).id_no,
        source_unit="广州市政务服务数据管理部门（测试）", theme_code="A001", updated_at=datetime.now(UTC), is_test=True,
        days=DAYS, shard=shard_of(number), lines=tuple(_shown(body, words) for body in bodies),
        newer=f"a{page.rows[0].number}" if page.newer else None,
        older=f"b{page.rows[-1].number}" if page.older else None,
        head=appender(central).newest_head(shard_of(number)) or "",
    )  # fmt: skip


def _shown(body: dict[str, object], words: dict[str, Words]) -> AccessLine:
    fields = {name: body[name] for name in AccessLine.model_fields if name != "place"}
    return AccessLine.model_validate({**fields, "place": words[str(body["dept"])]})


def _page(central: Context, number: int, cursor: str) -> _Page:
    since = (datetime.now(ZONE) - timedelta(days=DAYS)).isoformat(timespec="milliseconds")
    all_of_them = select(lines.c.number, lines.c.body).where(
        lines.c.person == number, lines.c.shard == shard_of(number), lines.c.at >= since
    )
    newest_first, at = lines.c.number.desc(), int(cursor[1:] or 0)
    with central.engine.connect() as connection:
        if cursor.startswith("a"):  # after: the page that ends just before the one that was shown
            found = connection.execute(
                all_of_them.where(lines.c.number > at).order_by(lines.c.number).limit(PAGE + 1)
            ).all()
            if len(found) > PAGE:
                return _Page(found[PAGE - 1 :: -1], newer=True, older=True)
            cursor = ""
        if cursor.startswith("b"):
            all_of_them = all_of_them.where(lines.c.number < at)
        found = connection.execute(all_of_them.order_by(newest_first).limit(PAGE + 1)).all()
    return _Page(found[:PAGE], newer=bool(cursor), older=len(found) > PAGE)
