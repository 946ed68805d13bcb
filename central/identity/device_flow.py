"""Signing in by phone at a terminal: device authorization (RFC 8628). The phone proves its number, not the card."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, Engine, Row, insert, select, update

from backend_client.contract.identity import DeviceAuthorization
from central.errors import CentralRefusal, InvalidGrant
from central.identity.card_grant import CardHolder
from central.identity.scopes import ACR_PHONE
from central.identity.tables import device_codes
from central.storage import writing

SECONDS, INTERVAL, SLOWER = 300, 5, 5
T = TypeVar("T")
# RFC 8628 section 6.1: no vowels, so that no code is a word; no letters that are read as others.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


@dataclass(frozen=True)
class Asked:
    """What a terminal asks a phone to approve."""

    user_code: str
    client_id: str
    scope: str


class Pending(CentralRefusal):
    """Not decided yet: ask again after the interval."""

    def __init__(self) -> None:
        super().__init__(400, "authorization_pending", "The phone has not answered yet; ask again in a moment.")


class SlowDown(CentralRefusal):
    """Asked too soon; the interval is 5 s longer from now on (section 3.5)."""

    def __init__(self) -> None:
        super().__init__(400, "slow_down", "Ask less often.")


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def begin(engine: Engine, issuer: str, client_id: str, scope: str, audience: str) -> DeviceAuthorization:
    """A device code for this terminal, and the user code that the phone opens."""
    code = secrets.token_urlsafe(32)
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    user_code, now = f"{letters[:4]}-{letters[4:]}", time.time()
    row = {
        "digest": _digest(code), "user_code": user_code, "client_id": client_id, "scope": scope, "audience": audience,
        "state": "pending", "expires": now + SECONDS, "interval": INTERVAL, "polled": 0.0,
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(insert(device_codes).values(**row))
    return DeviceAuthorization(
        device_code=code, user_code=user_code, verification_uri=f"{issuer}/device",
        verification_uri_complete=f"{issuer}/device?user_code={user_code}", expires_in=SECONDS, interval=INTERVAL,
    )  # fmt: skip


def _normal(user_code: str) -> str:
    letters = "".join(char for char in user_code.upper() if char in LETTERS)[:8]
    return f"{letters[:4]}-{letters[4:]}"


def asked(engine: Engine, user_code: str) -> Asked | None:
    """What stands behind a user code that can still be decided; typed with or without its dash, in any case."""
    wanted = (device_codes.c.user_code == _normal(user_code), device_codes.c.state == "pending")
    with engine.connect() as connection:
        row = connection.execute(select(device_codes).where(*wanted)).one_or_none()
    if row is None or row.expires < time.time():
        return None
    return Asked(row.user_code, row.client_id, row.scope)


def decide(engine: Engine, user_code: str, person: int | None) -> bool:
    """The phone's word: approved by this person, or denied (None). False when it came too late."""
    values = {"state": "approved" if person else "denied", "person": person, "auth_time": time.time()}
    live = (device_codes.c.state == "pending", device_codes.c.expires > time.time())
    with writing(engine) as connection:
        done = connection.execute(
            update(device_codes).where(device_codes.c.user_code == _normal(user_code), *live).values(**values)
        )
    return bool(done.rowcount == 1)


def poll(engine: Engine, client_id: str, code: str, given: Callable[[Connection, CardHolder, str, str], T]) -> T:
    """What `given` makes of who approved, the scope and the audience, once, before anything can end the approval.

    Pending, SlowDown, `access_denied`, `expired_token`.
    """
    found = select(device_codes).where(device_codes.c.digest == _digest(code), device_codes.c.client_id == client_id)
    with writing(engine) as connection:
        row = connection.execute(found.with_for_update()).one_or_none()
        if row is None:
            raise InvalidGrant("no such device code of this client")
        hasty = row.state == "pending" and time.time() - row.polled < row.interval
        values: dict[str, object] = {"polled": time.time(), "interval": row.interval + (SLOWER if hasty else 0)}
        good = row.state == "approved" and row.expires >= time.time()
        if good:
            values["state"] = "used"
        connection.execute(update(device_codes).where(device_codes.c.digest == row.digest).values(**values))
        if good:
            return given(connection, CardHolder(row.person, None, ACR_PHONE, row.auth_time), row.scope, row.audience)
    raise _refusal(row, hasty=hasty)


def _refusal(row: Row[tuple[object, ...]], *, hasty: bool) -> CentralRefusal:
    if row.state == "used":
        return InvalidGrant("the device code was used before")
    if row.state == "denied":
        return CentralRefusal(400, "access_denied", "The sign-in was refused on the phone.")
    if row.expires < time.time():
        return CentralRefusal(400, "expired_token", "The code is over; begin again.")
    return SlowDown() if hasty else Pending()
