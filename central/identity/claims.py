"""Reading JWTs strictly: header names, algorithm, times, audience. Shared by terminal, card and DPoP checks.

Anything outside the short list is refused: `crit`, `b64`, `jku`, `zip` and their friends have no use here (RFC 8725).
"""

import base64
import json
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

CLOCK_SKEW = 30
MAX_LIFETIME = 60
MAX_TOKEN = 16384
LAST_MOMENT = 253402300800  # seconds since 1970 of the year 10000: no float overflows, no date is beyond reach
PART = re.compile(r"[A-Za-z0-9_-]*")
P256 = ec.SECP256R1
ES256, SIGNATURE_BYTES = ec.ECDSA(hashes.SHA256()), 64


class BadToken(ValueError):
    """The JWT can't be believed; the message says why in one clause, for central's log only."""


@dataclass(frozen=True)
class Jwt:
    """A compact JWS that is well formed; nothing in it is verified yet."""

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]

    def verified(self, key: ec.EllipticCurvePublicKey) -> dict[str, Any]:
        """The claims, after the signature (ES256 only) was checked with this key."""
        signed, _, part = self.text.rpartition(".")
        signature = decoded(part)
        if self.header["alg"] != "ES256" or len(signature) != SIGNATURE_BYTES or not isinstance(key.curve, P256):
            raise BadToken("its signature is of another kind than ES256 (RFC 7518 section 3.4)")
        half = SIGNATURE_BYTES // 2
        der = encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
        try:
            key.verify(der, signed.encode(), ES256)
        except (InvalidSignature, ValueError) as error:
            raise BadToken("its signature does not hold") from error
        return self.claims


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadToken("a name stands in it twice")
    return found


def _not_json(word: str) -> None:
    raise BadToken(f"{word} is not JSON")


DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_not_json)


def decoded(part: str) -> bytes:
    """A part out of base64url; BadToken when it has anything loose."""
    if not PART.fullmatch(part):
        raise BadToken("it is not base64url")
    raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise BadToken("its base64url has loose bits")
    return raw


def _object(part: str) -> dict[str, Any]:
    text = decoded(part).decode()
    value = DECODER.decode(text)
    if not isinstance(value, dict):
        raise BadToken("a part of it is not an object")
    if "\\u" in text:
        _storable(text, value)
    return value


def _storable(text: str, value: dict[str, Any]) -> None:
    """Only an escape can bring in what no database takes: half a surrogate pair (ValueError), or NUL."""
    json.dumps(value, ensure_ascii=False).encode()
    if "\\u0000" in text:
        raise BadToken("it has a NUL in it")


def read(token: str, typ: str | None, header_names: Collection[str], algorithms: Collection[str] = ("ES256",)) -> Jwt:
    """Split and decode a compact JWS with this `typ` and no other header names; BadToken otherwise.

    `typ` None: the header may have `typ: JWT` or none (client assertions of other libraries).
    """
    parts = token.split(".")
    if len(token) > MAX_TOKEN or len(parts) != 3:
        raise BadToken("it is not a compact JWS of a sane size")
    try:
        header, claims = _object(parts[0]), _object(parts[1])
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, BadToken) else BadToken("it is not JSON in base64url") from error
    if header.get("alg") not in algorithms or not set(header) <= {"alg", "typ", *header_names}:
        raise BadToken("its header is not of the kind we take")
    if header.get("typ", "JWT" if typ is None else None) != (typ or "JWT"):
        raise BadToken("its typ is wrong")
    return Jwt(token, header, claims)


def demand(claims: dict[str, Any], expected: dict[str, object]) -> None:
    """Each named claim must be exactly this."""
    for name, value in expected.items():
        if claims.get(name) != value:
            raise BadToken(f"its {name} is wrong")


def moment(claims: dict[str, Any], name: str) -> float:
    """A NumericDate claim; BadToken when it isn't a number, or lies beyond the year 9999."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LAST_MOMENT:
        raise BadToken(f"it has no usable {name}")
    return float(value)


def fresh(claims: dict[str, Any], now: Callable[[], float] = time.time) -> float:
    """Check iat and exp (lifetime at most 60 s, clocks at most 30 s apart); gives exp."""
    issued, expires = moment(claims, "iat"), moment(claims, "exp")
    lives = 0 < expires - issued <= MAX_LIFETIME
    if not lives or issued > now() + CLOCK_SKEW or expires < now() - CLOCK_SKEW:
        raise BadToken("it is too old, from the future, or lives too long")
    if "nbf" in claims and moment(claims, "nbf") > now() + CLOCK_SKEW:
        raise BadToken("it is not valid yet")
    return expires


def jti_of(claims: dict[str, Any]) -> str:
    """The token's own id."""
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 8 <= len(jti) <= 120 or not jti.isprintable():
        raise BadToken("it has no usable jti")
    return jti
