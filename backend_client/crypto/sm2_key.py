"""SM2 keys as JWK. `crv`, `alg` and the thumbprint over them are private names (docs/protocol.md): JOSE has no SM2."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from backend_client.crypto.suite import GM

KID_LENGTH = 8  # as for the other keys: 48 bits of the thumbprint (RFC 7638) tell the few keys of a city apart


@dataclass(frozen=True)
class Sm2Key:
    """A key pair: `private` 32 bytes, `public` 64 (x‖y)."""

    private: bytes = field(repr=False)
    public: bytes

    @property
    def kid(self) -> str:
        """The beginning of the key's thumbprint."""
        named = {name: value for name, value in public_jwk(self.public).items() if name in ("crv", "kty", "x", "y")}
        text = json.dumps(named, sort_keys=True, separators=(",", ":"))
        return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()[:KID_LENGTH]

    @property
    def jwk(self) -> dict[str, object]:
        """The public half, as it is published."""
        return {**public_jwk(self.public), "kid": self.kid, "use": "sig", "alg": GM.jws}


def public_jwk(public: bytes) -> dict[str, str]:
    """A public key as JWK, without a name."""
    x, y = (base64.urlsafe_b64encode(half).rstrip(b"=").decode() for half in (public[:32], public[32:]))
    return {"kty": "EC", "crv": GM.curve, "x": x, "y": y}


def public_bytes(jwk: Mapping[str, object]) -> bytes:
    """x‖y of an EC JWK of either profile; ValueError when it is none."""
    halves = [base64.urlsafe_b64decode(str(jwk.get(name, "")) + "=") for name in ("x", "y")]
    if any(len(half) != 32 for half in halves):
        raise ValueError("not the coordinates of a key")
    return b"".join(halves)
