"""DPoP proofs (RFC 9449): possession of the key that a token is bound to, with the server's own nonce."""

import base64
import hashlib
import hmac
import time
from functools import lru_cache

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from central.errors import InvalidProof, UseNonce
from central.identity.claims import CLOCK_SKEW, MAX_LIFETIME, BadToken, Jwt, demand, jti_of, moment, read
from central.identity.single_use import Once

NONCE_SECONDS = 120
PUBLIC_MEMBERS = {"kty", "crv", "x", "y"}


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@lru_cache(maxsize=8)
def nonce_for(key: bytes, slot: int) -> str:
    """The nonce of a two-minute slot; nothing to store, every worker agrees."""
    return b64(hmac.new(key, str(slot).encode(), hashlib.sha256).digest()[:16])


def current_nonce(key: bytes) -> str:
    """The nonce that answers carry now."""
    return nonce_for(key, int(time.time() // NONCE_SECONDS))


def _known_nonce(key: bytes, nonce: object) -> bool:
    slot = int(time.time() // NONCE_SECONDS)
    if not isinstance(nonce, str) or not nonce.isascii():
        return False
    return any(hmac.compare_digest(nonce, nonce_for(key, s)) for s in (slot, slot - 1))


def _proof_key(proof: Jwt) -> ECKey:
    jwk = proof.header.get("jwk")
    if not isinstance(jwk, dict) or set(jwk) - {"alg", "use", "kid"} != PUBLIC_MEMBERS:
        raise BadToken("its key must be a public EC key on P-256")
    if (jwk["kty"], jwk["crv"]) != ("EC", "P-256"):
        raise BadToken("its key must be a public EC key on P-256")
    try:
        return ECKey.import_key({name: jwk[name] for name in PUBLIC_MEMBERS})
    except (JoseError, ValueError, TypeError) as error:
        raise BadToken("its key can't be read") from error


def check_proof(
    nonce_key: bytes, proof: str | None, method: str, url: str, *, token: str | None = None
) -> tuple[str, Once]:
    """Thumbprint (RFC 7638) of the key behind the proof, and the proof, to be spent; InvalidProof or UseNonce."""
    status = 401 if token else 400
    if not proof:
        raise InvalidProof("no proof", status)
    try:
        jwt = read(proof, "dpop+jwt", ("jwk",))
        key = _proof_key(jwt)
        claims = jwt.verified(key)
        demand(claims, {"htm": method, "htu": url})
        if token is not None:
            demand(claims, {"ath": b64(hashlib.sha256(token.encode()).digest())})
        age, jti = time.time() - moment(claims, "iat"), jti_of(claims)
        if not -CLOCK_SKEW <= age <= MAX_LIFETIME + CLOCK_SKEW:
            raise BadToken("it is too old or from the future")
    except BadToken as error:
        raise InvalidProof(str(error), status) from error
    if not _known_nonce(nonce_key, claims.get("nonce")):
        raise UseNonce(status)
    thumbprint = str(key.thumbprint())
    refusal = InvalidProof("the proof was used before", status)
    return thumbprint, Once(f"dpop:{thumbprint}:{jti}", time.time() + MAX_LIFETIME + 2 * CLOCK_SKEW, refusal)
