"""How often an address may guess a user code or have an SMS sent (RFC 8628 section 5.1); decision 0013.

In the database, so that many workers count together; without waiting for the disk, for it ends by itself in minutes.
"""

import ipaddress
import time
from enum import StrEnum

from sqlalchemy import Engine, delete, select, text

from central.errors import CentralRefusal
from central.identity.tables import guesses
from central.storage import writing_soon

SECONDS = 300
ONE_MORE = text(
    "INSERT INTO guesses (kind, address, until, tries) VALUES (:kind, :address, :until, 1) "
    "ON CONFLICT (kind, address) DO UPDATE SET tries = guesses.tries + 1"
)


class Kind(StrEnum):
    """What is counted."""

    WRONG_CODE = "code"
    SMS = "sms"


LIMITS = {Kind.WRONG_CODE: 60, Kind.SMS: 120}


class TooManyGuesses(CentralRefusal):
    """Wait."""

    def __init__(self) -> None:
        super().__init__(429, "too_many", "Too many tries from this address; wait.", {"Retry-After": str(SECONDS)})


def network_of(address: str) -> str:
    """One guesser: an IPv4 address, or the /64 that an IPv6 host has to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    return str(parsed if parsed.version == 4 else ipaddress.ip_network((parsed, 64), strict=False).network_address)


def demand_room(engine: Engine, kind: Kind, address: str) -> None:
    """TooManyGuesses when this address has used up its tries of the last minutes."""
    mine = (guesses.c.kind == kind.value, guesses.c.address == network_of(address))
    with engine.connect() as connection:
        row = connection.execute(select(guesses).where(*mine)).one_or_none()
    if row is not None and row.until > time.time() and row.tries >= LIMITS[kind]:
        raise TooManyGuesses


def count(engine: Engine, kind: Kind, address: str) -> None:
    """One more try of this address."""
    now = time.time()
    with writing_soon(engine) as connection:
        connection.execute(delete(guesses).where(guesses.c.until < now))
        row = {"kind": kind.value, "address": network_of(address), "until": now + SECONDS}
        connection.execute(ONE_MORE, row)
