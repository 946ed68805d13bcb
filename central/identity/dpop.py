"""DPoP proofs (RFC 9449): possession of the key that a token is bound to, with the server's own nonce."""

import base64
import hashlib
import hmac
import time
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec

from central.errors import InvalidProof, UseNonce
from central.identity.claims import CLOCK_SKEW, MAX_LIFETIME, P256, BadToken, Jwt, decoded, demand, jti_of, moment, read
from central.identity.single_use import Once

NONCE_SECONDS = 120
PUBLIC_MEMBERS, COORDINATE_BYTES = {"kty", "crv", "x", "y"}, 32


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


def _proof_key(proof: Jwt) -> tuple[ec.EllipticCurvePublicKey, str]:
    """The key in the proof's header, and its thumbprint (RFC 7638)."""
    jwk = proof.header.get("jwk")
    if not isinstance(jwk, dict) or set(jwk) - {"alg", "use", "kid"} != PUBLIC_MEMBERS:
        raise BadToken("its key must be a public EC key on P-256")
    x, y = jwk["x"], jwk["y"]
    if (jwk["kty"], jwk["crv"]) != ("EC", "P-256") or not isinstance(x, str) or not isinstance(y, str):
        raise BadToken("its key must be a public EC key on P-256")
    point = b"\x04" + b"".join(decoded(part).rjust(COORDINATE_BYTES, b"\0") for part in (x, y))
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(P256(), point)
    except ValueError as error:
        raise BadToken("its key is no point of P-256") from error
    members = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    return key, b64(hashlib.sha256(members.encode()).digest())


def check_proof(
    nonce_key: bytes, proof: str | None, method: str, url: str, *, token: str | None = None
) -> tuple[str, Once]:
    """Thumbprint (RFC 7638) of the key behind the proof, and the proof, to be spent; InvalidProof or UseNonce."""
    status = 401 if token else 400
    if not proof:
        raise InvalidProof("no proof", status)
    try:
        jwt = read(proof, "dpop+jwt", ("jwk",))
        key, thumbprint = _proof_key(jwt)
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
    refusal = InvalidProof("the proof was used before", status)
    return thumbprint, Once(f"dpop:{thumbprint}:{jti}", time.time() + MAX_LIFETIME + 2 * CLOCK_SKEW, refusal)
