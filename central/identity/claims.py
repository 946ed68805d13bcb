"""Reading JWTs strictly: known algorithm, times that hold, one audience. Shared by terminal, card and DPoP checks."""

import json
import time
from collections.abc import Callable
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

CLOCK_SKEW = 300
MAX_LIFETIME = 60
# joserfc refuses headers over 512 bytes; an x5c chain is longer (identity.md, traps).
REGISTRY = jws.JWSRegistry(algorithms=["ES256"], header_registry=None, strict_check_header=False)
REGISTRY.max_header_length = 8192
REGISTRY.max_payload_length = 16384


class BadToken(ValueError):
    """The JWT can't be believed; the message says why in one clause."""


def header_of(token: str) -> dict[str, Any]:
    """The protected header, unverified. BadToken when it isn't a compact JWS."""
    try:
        return dict(jws.extract_compact(token.encode(), registry=REGISTRY).headers())
    except (JoseError, ValueError, UnicodeError) as error:
        raise BadToken("it is not a signed JWT") from error


def verified_claims(token: str, key: ECKey) -> dict[str, Any]:
    """Claims after the signature (ES256 only) was checked with this key."""
    try:
        payload = jws.deserialize_compact(token.encode(), key, algorithms=["ES256"], registry=REGISTRY).payload
        claims = json.loads(payload)
    except (JoseError, ValueError, UnicodeError) as error:
        raise BadToken("its signature does not hold") from error
    if not isinstance(claims, dict):
        raise BadToken("its claims are not an object")
    return claims


def demand(claims: dict[str, Any], expected: dict[str, object]) -> None:
    """Each named claim must be exactly this."""
    for name, value in expected.items():
        if claims.get(name) != value:
            raise BadToken(f"its {name} is wrong")


def fresh(claims: dict[str, Any], now: Callable[[], float] = time.time) -> float:
    """Check iat and exp (lifetime at most 60 s); gives exp."""
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise BadToken("it has no iat or exp")
    if expires - issued > MAX_LIFETIME or issued > now() + CLOCK_SKEW or expires < now() - CLOCK_SKEW:
        raise BadToken("it is too old, from the future, or lives too long")
    return float(expires)


def jti_of(claims: dict[str, Any]) -> str:
    """The token's own id."""
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 8 <= len(jti) <= 120:
        raise BadToken("it has no usable jti")
    return jti
