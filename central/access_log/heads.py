"""Signed heads: central's word on how far a chain went (compact JWS, ES256)."""

import json
from collections.abc import Iterable

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from central.access_log.chain import HEAD_TYP, Head
from central.identity.statements import signed

REGISTRY = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)


class NotAHead(ValueError):
    """None of the keys signed it, or it is another statement."""


def sign_head(key: ECKey, head: Head, now: float) -> str:
    """The statement; `iat` is when it was made."""
    claims: dict[str, object] = {"shard": head.shard, "number": head.number, "chain": head.chain, "iat": int(now)}
    return signed(key, HEAD_TYP, claims)


def read_head(text: object, keys: Iterable[ECKey]) -> Head:
    """The head in a statement that one of the keys signed; NotAHead."""
    for key in keys:
        try:
            found = jws.deserialize_compact(str(text).encode(), key, ["ES256"], registry=REGISTRY)
            claims = json.loads(found.payload)
            if found.headers().get("typ") == HEAD_TYP:
                return Head(int(claims["shard"]), int(claims["number"]), str(claims["chain"]))
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    raise NotAHead("no pinned key signed it")
