"""What a terminal and its card sign, made by hand so that every part of it can be wrong on purpose."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from central.conformance.profile import INTERNATIONAL, Profile, raw

Signer = Callable[[bytes], bytes]
LIFETIME = 50


def b64(raw: bytes) -> str:
    """base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The other way; ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def es256(key: ec.EllipticCurvePrivateKey) -> Signer:
    """ECDSA on P-256 with SHA-256, r‖s (RFC 7518 section 3.4)."""
    return lambda data: raw(key.sign(data, ec.ECDSA(hashes.SHA256())))


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """The public half."""
    numbers = key.public_key().public_numbers()
    x, y = (b64(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def thumbprint(jwk: Mapping[str, str]) -> str:
    """RFC 7638."""
    text = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, sort_keys=True, separators=(",", ":"))
    return b64(hashlib.sha256(text.encode()).digest())


def jwt(header: Mapping[str, Any], claims: Mapping[str, Any], sign: Signer) -> str:
    """A compact JWS; a header or claim that is None is left out."""
    parts = ({name: value for name, value in part.items() if value is not None} for part in (header, claims))
    data = ".".join(b64(json.dumps(part).encode()) for part in parts)
    return f"{data}.{b64(sign(data.encode()))}"


def lifetime(age: int = 0, seconds: int = LIFETIME) -> dict[str, Any]:
    """jti, iat and exp of something that was signed `age` seconds ago for so many seconds."""
    issued = int(time.time()) - age
    return {"jti": secrets.token_urlsafe(16), "iat": issued, "exp": issued + seconds}


@dataclass(frozen=True)
class CardInHand:
    """A test card without its chip: `sign` and `chain` (base64 DER) for profile A, `key` for profile B.

    `profile`: the crypto profile that the platform keeps.
    """

    card_id: str
    chain: tuple[str, ...] = ()
    sign: Signer | None = None
    key: bytes | None = None
    profile: Profile = INTERNATIONAL

    def amr(self) -> list[str]:
        """How it proves itself (RFC 8176)."""
        return ["sc", "pin"] if self.sign else ["sc", "pin", "hsm"]

    def cryptogram(self, host_random: str) -> dict[str, str]:
        """Profile B's claims for central's random (hex); none for profile A."""
        if self.key is None:
            return {}
        card_random = secrets.token_bytes(8)
        mac = self.profile.mac(self.key, bytes.fromhex(host_random) + card_random)
        return {"card_random": card_random.hex().upper(), "cryptogram": mac[:8].hex().upper()}
