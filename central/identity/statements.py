"""JWTs that central signs itself."""

import json
import time

from joserfc import jws
from joserfc.jwk import ECKey


def signed(key: ECKey, typ: str, claims: dict[str, object]) -> str:
    """A compact JWS (ES256) with the key's kid."""
    header = {"alg": "ES256", "typ": typ, "kid": key.kid}
    return str(jws.serialize_compact(header, json.dumps(claims).encode(), key, algorithms=["ES256"]))


def time_claims(issuer: str, nonce: str) -> dict[str, object]:
    """What our clock says, in answer to this nonce; no older statement can be passed off for it."""
    return {"iss": issuer, "iat": time.time(), "nonce": nonce}
