"""What is signed for central: client assertions, DPoP proofs, card assertions (docs/protocol.md)."""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from backend_client.client.keys import SigningKey, times
from backend_client.contract.identity import CARD_ASSERTION_TYP, CLIENT_ASSERTION_TYPE, Challenge
from backend_client.crypto.sm2_certificate import read_certificate
from backend_client.crypto.suite import GM, INTERNATIONAL, CryptoSuite


@runtime_checkable
class SigningCard(Protocol):
    """A card that signs (profile A): r‖s over 32 bytes, and its DER certificates, leaf first.

    With `algorithm` ES256 the 32 bytes are a SHA-256 digest, with SM2 they are e = SM3(ZA‖M).
    """

    @property
    def algorithm(self) -> str:
        """`ES256` or `SM2`: the key that was chosen on the card."""
        ...

    @property
    def card_id(self) -> str:
        """32 upper-case hex digits."""
        ...

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        """DER, leaf first."""
        ...

    def sign(self, digest: bytes) -> bytes:
        """64 bytes."""
        ...


@runtime_checkable
class CryptogramCard(Protocol):
    """A card with a symmetric key (profile B)."""

    @property
    def card_id(self) -> str:
        """32 upper-case hex digits."""
        ...

    def cryptogram(self, host_random: bytes) -> tuple[bytes, bytes]:
        """(card random, cryptogram)."""
        ...


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def client_assertion(device: SigningKey, terminal_id: str, audience: str, now: float | None = None) -> dict[str, str]:
    """Form fields of private_key_jwt; `audience` is the issuer, alone (rfc7523bis)."""
    claims: dict[str, object] = {"iss": terminal_id, "sub": terminal_id, "aud": audience, **times(now)}
    return {
        "client_assertion_type": CLIENT_ASSERTION_TYPE,
        "client_assertion": device.sign_jwt({"typ": "JWT", "kid": terminal_id}, claims),
    }


def dpop_proof(
    key: SigningKey, method: str, url: str, nonce: str | None, token: str | None = None, now: float | None = None
) -> str:
    """A DPoP proof for one request (RFC 9449 section 4.2)."""
    issued = int(time.time() if now is None else now)
    claims: dict[str, object] = {"htm": method, "htu": url, "jti": secrets.token_urlsafe(16), "iat": issued}
    if nonce:
        claims["nonce"] = nonce
    if token:
        claims["ath"] = b64(hashlib.sha256(token.encode()).digest())
    return key.sign_jwt({"typ": "dpop+jwt", "jwk": key.public_jwk()}, claims)


@dataclass(frozen=True)
class Setting:
    """Where a card assertion is made: the terminal, the token endpoint, the challenge, the session's key, the time.

    `sid` and `auth_time`: the session to go on with, and when its PIN was entered; None for a new session.
    """

    terminal_id: str
    audience: str
    challenge: Challenge
    jkt: str
    now: float | None = None
    sid: str | None = None
    auth_time: float | None = None

    def claims(self, card_id: str) -> dict[str, object]:
        """All claims but the card's own proof."""
        going_on: dict[str, object] = {} if self.sid is None else {"sid": self.sid}
        if self.auth_time is not None:
            going_on["auth_time"] = int(self.auth_time)
        return {
            "iss": card_id,
            "sub": card_id,
            "aud": self.audience,
            "client_id": self.terminal_id,
            "nonce": self.challenge.nonce,
            "cnf": {"jkt": self.jkt},
            **times(self.now),
            **going_on,
        }


def card_assertion(card: SigningCard | CryptogramCard, device: SigningKey, setting: Setting) -> str:
    """The card assertion of profile A or B, bound to the challenge and to the session key."""
    claims = setting.claims(card.card_id)
    if isinstance(card, SigningCard):
        return _signed_by_card(card, {**claims, "amr": ["sc", "pin"]})
    card_random, cryptogram = card.cryptogram(bytes.fromhex(setting.challenge.host_random))
    claims |= {
        "amr": ["sc", "pin", "hsm"],
        "card_random": card_random.hex().upper(),
        "cryptogram": cryptogram.hex().upper(),
    }
    return device.sign_jwt({"typ": CARD_ASSERTION_TYP, "kid": setting.terminal_id}, claims)


def _signed_by_card(card: SigningCard, claims: dict[str, object]) -> str:
    suite = _suite_of(card)
    chain = [base64.b64encode(certificate).decode() for certificate in card.certificate_chain]
    header = {"alg": suite.jws, "typ": CARD_ASSERTION_TYP, "x5c": chain}
    parts = (b64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    signing_input = ".".join(parts)
    public = read_certificate(card.certificate_chain[0]).public if suite is GM else b""
    return f"{signing_input}.{b64(card.sign(suite.to_sign(public, signing_input.encode())))}"


def _suite_of(card: SigningCard) -> CryptoSuite:
    return GM if card.algorithm == "SM2" else INTERNATIONAL
