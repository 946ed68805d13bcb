"""Things that may be used once: jti values and challenges. In the database, so that many workers agree."""

import secrets
import time
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, ColumnElement, Connection, Engine, bindparam, delete, func, insert, text, true

from backend_client.contract.identity import Challenge
from central.errors import CentralRefusal, InvalidGrant
from central.prepared import Prepared
from central.storage import challenges, seen_ids, writing, writing_soon

CHALLENGE_SECONDS = 60
KEPT_SECONDS, SWEEP_SECONDS = 60, 1.0
_NOW: BindParameter[float] = bindparam("now")
_USE = Prepared(text("INSERT INTO seen_ids (jti, expires) VALUES (:jti, :expires) ON CONFLICT DO NOTHING"))
_SWEEP_IDS = Prepared(delete(seen_ids).where(seen_ids.c.expires < _NOW))
_KEEP_CHALLENGE = Prepared(insert(challenges))
_SWEEP_CHALLENGES = Prepared(delete(challenges).where(challenges.c.expires < _NOW))
_TAKE_CHALLENGE = Prepared(
    delete(challenges)
    .where(challenges.c.nonce == bindparam("wanted"))
    .returning(challenges.c.client_id, challenges.c.host_random, challenges.c.expires)
)


def forget_challenges(engine: Engine) -> None:
    """At the start: a power cut may have brought spent ones back, and terminals ask for another one anyhow.

    On PostgreSQL other centrals may be at work: what was given out since the database started was not brought back.
    """
    doubtful: ColumnElement[bool] = true()
    if engine.dialect.name == "postgresql":
        started = func.extract("epoch", func.pg_postmaster_start_time())
        doubtful = challenges.c.expires - CHALLENGE_SECONDS <= started
    with writing(engine) as connection:
        connection.execute(delete(challenges).where(doubtful))


_swept: WeakKeyDictionary[Engine, dict[str, float]] = WeakKeyDictionary()


def due(what: str, engine: Engine) -> bool:
    """Once a second: what is over is refused anyhow, and only takes up room."""
    now, last = time.monotonic(), _swept.setdefault(engine, {})
    if now - last.get(what, -SWEEP_SECONDS) < SWEEP_SECONDS:
        return False
    last[what] = now
    return True


@dataclass(frozen=True)
class Once:
    """What was verified and may count once: its name, when it is over, and what to answer when it comes again."""

    name: str
    expires: float
    refusal: CentralRefusal


def used_before(connection: Connection, *ids: Once) -> CentralRefusal | None:
    """Use all of them up; the refusal of the first one that was used before, for who must commit before it says so."""
    if due("ids", connection.engine):
        _SWEEP_IDS.run(connection, now=time.time() - KEPT_SECONDS)
    used = [one for one in ids if _USE.run(connection, jti=one.name, expires=one.expires) != 1]
    return used[0].refusal if used else None


def spend(connection: Connection, *ids: Once) -> None:
    """Use all of them up; the refusal of the first one that was used before. Old ones are swept out on the way."""
    refusal = used_before(connection, *ids)
    if refusal is not None:
        raise refusal


def spend_now(engine: Engine, *ids: Once) -> None:
    """The same in a transaction of its own, which is kept when one is refused."""
    with writing_soon(engine) as connection:
        refusal = used_before(connection, *ids)
    if refusal is not None:
        raise refusal


def new_challenge(connection: Connection, client_id: str, host_random: bytes) -> Challenge:
    """A nonce for this terminal, for 60 seconds, with the random for the card's cryptogram."""
    challenge = Challenge(
        nonce=secrets.token_urlsafe(32), host_random=host_random.hex().upper(), expires_in=CHALLENGE_SECONDS
    )
    if due("challenges", connection.engine):
        _SWEEP_CHALLENGES.run(connection, now=time.time())
    kept = {"nonce": challenge.nonce, "client_id": client_id, "host_random": challenge.host_random}
    _KEEP_CHALLENGE.run(connection, **kept, expires=time.time() + CHALLENGE_SECONDS)
    return challenge


def spend_challenge(connection: Connection, nonce: str, client_id: str, *ids: Once) -> str:
    """Use up a challenge, and `ids` with it; its host random (hex). InvalidGrant: not this client's live one."""
    row = _TAKE_CHALLENGE.row(connection, wanted=nonce)
    spend(connection, *ids)
    if row is None or row["client_id"] != client_id or row["expires"] < time.time():
        raise InvalidGrant("the challenge is unknown, used, too old or another client's")
    return str(row["host_random"])
