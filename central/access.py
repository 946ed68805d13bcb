"""Reading records: the daily limit, and one line in the append-only access log for every read."""

import hashlib
import json
from datetime import UTC, datetime

from sqlalchemy import Engine, func, insert, select, update

from central.errors import CentralRefusal
from central.identity.tokens import Grant
from central.storage import access_log, queries, writing


class DailyLimit(CentralRefusal):
    """Asked too often today."""

    def __init__(self) -> None:
        super().__init__(429, "daily_limit", "This record was asked for too often today; come back tomorrow.")


def note_read(engine: Engine, grant: Grant, theme: str, limit: int) -> None:
    """Count and log one read; DailyLimit before anything is shown."""
    day, at = f"{datetime.now(UTC):%Y-%m-%d}", datetime.now(UTC).isoformat()
    counter = (queries.c.person == grant.person, queries.c.day == day, queries.c.theme == theme)
    with writing(engine) as connection:
        count = connection.execute(select(queries.c.count).where(*counter)).scalar_one_or_none()
        if count is not None and count >= limit:
            raise DailyLimit
        if count is None:
            connection.execute(insert(queries).values(person=grant.person, day=day, theme=theme, count=1))
        else:
            connection.execute(update(queries).where(*counter).values(count=count + 1))
        number = connection.execute(select(func.coalesce(func.max(access_log.c.number), 0))).scalar_one() + 1
        last = connection.execute(select(access_log.c.chain).where(access_log.c.number == number - 1)).scalar()
        line = [number, grant.person, grant.client_id, theme, at]
        chain = hashlib.sha256(f"{last or ''}|{json.dumps(line)}".encode()).hexdigest()
        connection.execute(
            insert(access_log).values(
                number=number, person=grant.person, client_id=grant.client_id, theme=theme, at=at, chain=chain
            )
        )
