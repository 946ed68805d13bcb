"""Forged sign-ins: one good attempt, and a table of what an attacker changes in it. Every changed one must be refused.

The same table runs on our central (tests/security) and on an independent server (tests/interop).
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from backend_client.contract.identity import CLIENT_ASSERTION_TYPE, GRANT_CARD, Challenge

Signer = Callable[[bytes], bytes]
RSA_KEY = rsa.generate_private_key(65537, 2048)


def b64(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def es(key: ec.EllipticCurvePrivateKey, size: int = 32, digest: hashes.HashAlgorithm | None = None) -> Signer:
    """ECDSA, r‖s."""

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest or hashes.SHA256())))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    return sign


def hs256(secret: bytes) -> Signer:
    """HMAC-SHA256."""
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


def rs256(data: bytes) -> bytes:
    """RSA PKCS #1 v1.5."""
    return RSA_KEY.sign(data, padding.PKCS1v15(), hashes.SHA256())


def pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half."""
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """The public half as JWK (P-256)."""
    numbers = key.public_key().public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": b64(numbers.x.to_bytes(32, "big")),
        "y": b64(numbers.y.to_bytes(32, "big")),
    }


def thumbprint(jwk: dict[str, str]) -> str:
    """RFC 7638."""
    text = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, sort_keys=True, separators=(",", ":"))
    return b64(hashlib.sha256(text.encode()).digest())


def new_key() -> ec.EllipticCurvePrivateKey:
    """P-256."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Jwt:
    """A JWT in the making; `raw_*` replace what would be encoded, `text` the whole."""

    header: dict[str, Any]
    claims: dict[str, Any]
    sign: Signer
    raw_header: bytes | None = None
    raw_claims: bytes | None = None
    text: str | None = None
    tail: str = ""

    def compact(self) -> str:
        """The compact serialisation."""
        if self.text is not None:
            return self.text
        header = self.raw_header if self.raw_header is not None else json.dumps(self.header).encode()
        claims = self.raw_claims if self.raw_claims is not None else json.dumps(self.claims).encode()
        data = f"{b64(header)}.{b64(claims)}"
        return f"{data}.{b64(self.sign(data.encode()))}{self.tail}"


class Bench(Protocol):
    """A server under attack, and what the attacker has: one registered terminal, another one, and two cards."""

    url: str
    terminal: str
    device: ec.EllipticCurvePrivateKey
    other_terminal: str
    other_device: ec.EllipticCurvePrivateKey
    card_id: str
    card_key: ec.EllipticCurvePrivateKey
    x5c: list[str]
    other_card_id: str
    other_card_key: ec.EllipticCurvePrivateKey
    other_x5c: list[str]
    foreign_x5c: list[str]
    foreign_key: ec.EllipticCurvePrivateKey
    expired_x5c: list[str]
    expired_key: ec.EllipticCurvePrivateKey
    authority_x5c: list[str]
    authority_key: ec.EllipticCurvePrivateKey
    ca_x5c: list[str]
    ca_key: ec.EllipticCurvePrivateKey
    resource: str

    def challenge(self, terminal: str, device: ec.EllipticCurvePrivateKey) -> Challenge:
        """A fresh challenge for a terminal."""
        ...

    def nonce(self) -> str:
        """The server's DPoP nonce now."""
        ...

    def post(self, path: str, form: dict[str, Any], headers: dict[str, str]) -> Any:
        """POST; gives status_code and json()."""
        ...

    def get(self, path: str, headers: dict[str, str]) -> Any:
        """GET; gives status_code and json()."""
        ...


def times(lifetime: int = 50) -> dict[str, Any]:
    """iat, exp and jti now."""
    now = int(time.time())
    return {"iat": now, "exp": now + lifetime, "jti": secrets.token_urlsafe(16)}


def client_jwt(bench: Bench, terminal: str, device: ec.EllipticCurvePrivateKey) -> Jwt:
    """A client assertion."""
    return Jwt(
        {"alg": "ES256", "typ": "JWT"}, {"iss": terminal, "sub": terminal, "aud": bench.url, **times()}, es(device)
    )


@dataclass
class Attempt:
    """A whole token request that would be accepted as it is."""

    bench: Bench
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    form: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        bench = self.bench
        self.challenge = bench.challenge(bench.terminal, bench.device)
        jwk = public_jwk(self.key)
        self.card = Jwt(
            {"alg": "ES256", "typ": "card-auth+jwt", "x5c": bench.x5c},
            {
                "iss": bench.card_id, "sub": bench.card_id, "aud": f"{bench.url}/token", "client_id": bench.terminal,
                "nonce": self.challenge.nonce, "cnf": {"jkt": thumbprint(jwk)}, "amr": ["sc", "pin"], **times(),
            },
            es(bench.card_key),
        )  # fmt: skip
        self.client = client_jwt(bench, bench.terminal, bench.device)
        self.proof = Jwt(
            {"alg": "ES256", "typ": "dpop+jwt", "jwk": jwk},
            {"htm": "POST", "htu": f"{bench.url}/token", "nonce": bench.nonce(), "jti": secrets.token_urlsafe(16),
             "iat": int(time.time())},
            es(self.key),
        )  # fmt: skip

    def send(self) -> Any:
        """Ask for the token."""
        form = {
            "grant_type": GRANT_CARD, "scope": "social", "assertion": self.card.compact(),
            "client_assertion_type": CLIENT_ASSERTION_TYPE, "client_assertion": self.client.compact(), **self.form,
        }  # fmt: skip
        form = {name: value for name, value in form.items() if value is not None}
        headers = {"DPoP": self.proof.compact(), **self.headers}
        return self.bench.post("/token", form, {k: v for k, v in headers.items() if v})


@dataclass
class Call:
    """A resource call that would be accepted as it is."""

    bench: Bench
    token: str
    key: ec.EllipticCurvePrivateKey
    scheme: str = "DPoP"
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ath = b64(hashlib.sha256(self.token.encode()).digest())
        self.proof = Jwt(
            {"alg": "ES256", "typ": "dpop+jwt", "jwk": public_jwk(self.key)},
            {"htm": "GET", "htu": self.bench.url + self.bench.resource, "nonce": self.bench.nonce(), "ath": ath,
             "jti": secrets.token_urlsafe(16), "iat": int(time.time())},
            es(self.key),
        )  # fmt: skip

    def send(self) -> Any:
        """Call."""
        headers = {"Authorization": f"{self.scheme} {self.token}", "DPoP": self.proof.compact(), **self.headers}
        return self.bench.get(self.bench.resource, {k: v for k, v in headers.items() if v})
