"""Statements that central signs with the document key of its profile, as compact JWS (RFC 7515): who checks, pins it.

The pinned key says which algorithm it is; the header must name the same, and nothing but `alg`, `typ` and `kid`.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from backend_client.crypto.sm2_key import Sm2Key, public_bytes
from backend_client.crypto.suite import GM, suite_of

HEADER = {"alg", "typ", "kid"}


class BadStatement(ValueError):
    """It can't be believed; the message says why in one clause."""


def _encoded(part: object) -> str:
    text = json.dumps(part, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def state_sm2(key: Sm2Key, typ: str, claims: Mapping[str, object]) -> str:
    """The statement, signed with SM2."""
    text = f"{_encoded({'alg': GM.jws, 'typ': typ, 'kid': key.kid})}.{_encoded(dict(claims))}"
    signature = GM.sign(key.private, key.public, text.encode())
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def open_statement(token: str, keys: Mapping[str, Mapping[str, object]], typ: str) -> dict[str, Any]:
    """The claims of a statement of this type under one of these keys (public JWKs by kid); BadStatement otherwise."""
    text, _, signature = token.strip().rpartition(".")
    try:
        header, claims = (json.loads(_decoded(part)) for part in text.split("."))
        jwk = keys[str(header["kid"])]
        suite = suite_of(jwk)
        named = set(header) == HEADER and header["alg"] == suite.jws and header["typ"] == typ
        held = named and suite.verify(public_bytes(jwk), text.encode(), _decoded(signature))
    except (ValueError, TypeError, LookupError, RecursionError, binascii.Error) as error:
        raise BadStatement("it is no statement under a pinned key") from error
    if not held or not isinstance(claims, dict):
        raise BadStatement("its signature does not hold, or it is of another kind")
    return claims
