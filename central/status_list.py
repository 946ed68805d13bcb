"""Which documents are void, as one signed list that a verifier keeps: a Token Status List (IETF draft, JWT form).

One bit a document, at the place that its signed code names; nothing else is in it, so it tells nothing of anyone.
"""

import base64
import binascii
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from backend_client.crypto.statement import BadStatement, open_statement
from central.keys import Keys
from central.storage import statuses

TYPE = "statuslist+jwt"
MEDIA_TYPE = f"application/{TYPE}"
LIFE = 24 * 3600  # seconds; a verifier that is offline for longer knows that its list is old
LARGEST = 1 << 26  # unpacked bytes, half a billion documents


class BadStatusList(ValueError):
    """A status list that can't be believed."""


@dataclass(frozen=True)
class StatusList:
    """`bits`: one a document, the first in the lowest bit of the first byte."""

    bits: bytes
    issued: int

    def is_void(self, place: int) -> bool:
        """Is the document at this place void? One that came after the list was made is not."""
        byte, bit = divmod(place, 8)
        return byte < len(self.bits) and bool(self.bits[byte] >> bit & 1)


def make(engine: Engine, keys: Keys, url: str) -> str:
    """The list as it is now, signed with the document-signing key."""
    with engine.connect() as connection:
        last = connection.execute(select(func.max(statuses.c.place))).scalar() or 0
        void = connection.execute(select(statuses.c.place).where(statuses.c.void == 1)).scalars()
        bits = bytearray(last // 8 + 1)
        for place in void:
            bits[place // 8] |= 1 << place % 8
    packed = base64.urlsafe_b64encode(zlib.compress(bytes(bits), 9)).decode().rstrip("=")
    now = int(time.time())
    claims = {"sub": url, "iat": now, "exp": now + LIFE, "ttl": LIFE, "status_list": {"bits": 1, "lst": packed}}
    return keys.state(TYPE, claims)


def read(token: str, keys: Mapping[str, Mapping[str, object]], now: float) -> StatusList:
    """A list under one of these keys; BadStatusList when it is not, or is past its term."""
    try:
        claims = open_statement(token, keys, TYPE)
        if claims["status_list"]["bits"] != 1:
            raise BadStatusList("This is another kind of list; fetch /status-list.")
        if claims["exp"] < now:
            raise BadStatusList("The status list is past its term; fetch a new one.")
        packed = claims["status_list"]["lst"]
        unpacker = zlib.decompressobj()
        bits = unpacker.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), LARGEST)
        return StatusList(bits, int(claims["iat"]))
    except (BadStatement, binascii.Error, LookupError, TypeError, zlib.error) as error:
        raise BadStatusList("The status list's signature or form is wrong; fetch it again.") from error
