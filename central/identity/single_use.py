"""Things that may be used once: jti values and challenges. In the database, so that many workers agree."""

import secrets
import time

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from backend_client.contract.identity import Challenge
from central.errors import InvalidGrant
from central.storage import challenges, seen_ids, writing

CHALLENGE_SECONDS = 60


def first_use(engine: Engine, jti: str, expires: float) -> bool:
    """True the first time this jti is seen; old ones are swept out on the way."""
    dialect_insert = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert
    statement = dialect_insert(seen_ids).values(jti=jti, expires=expires).on_conflict_do_nothing()
    with writing(engine) as connection:
        connection.execute(delete(seen_ids).where(seen_ids.c.expires < time.time() - 60))
        return bool(connection.execute(statement).rowcount == 1)


def new_challenge(engine: Engine, client_id: str, host_random: bytes) -> Challenge:
    """A nonce for this terminal, for 60 seconds, with the random for the card's cryptogram."""
    challenge = Challenge(
        nonce=secrets.token_urlsafe(32), host_random=host_random.hex().upper(), expires_in=CHALLENGE_SECONDS
    )
    with writing(engine) as connection:
        connection.execute(delete(challenges).where(challenges.c.expires < time.time()))
        connection.execute(
            insert(challenges).values(
                nonce=challenge.nonce,
                client_id=client_id,
                host_random=challenge.host_random,
                expires=time.time() + CHALLENGE_SECONDS,
            )
        )
    return challenge


def spend_challenge(engine: Engine, nonce: str, client_id: str) -> str:
    """Use up a challenge and give its host random (hex). InvalidGrant when it is not this terminal's live one."""
    with writing(engine) as connection:
        row = connection.execute(select(challenges).where(challenges.c.nonce == nonce)).one_or_none()
        connection.execute(delete(challenges).where(challenges.c.nonce == nonce))
    if row is None or row.client_id != client_id or row.expires < time.time():
        raise InvalidGrant("the challenge is unknown, used, too old or another client's")
    return str(row.host_random)
