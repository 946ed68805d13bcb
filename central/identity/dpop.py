"""DPoP proofs (RFC 9449): possession of the key that a token is bound to, with the server's own nonce."""

import base64
import hashlib
import hmac
import time

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlalchemy import Engine

from central.errors import InvalidProof, UseNonce
from central.identity.claims import BadToken, demand, header_of, jti_of, verified_claims
from central.identity.single_use import first_use

NONCE_SECONDS = 120
PROOF_SECONDS = 300


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def nonce_for(key: bytes, slot: int) -> str:
    """The nonce of a two-minute slot; nothing to store, every worker agrees."""
    return _b64(hmac.new(key, str(slot).encode(), hashlib.sha256).digest()[:16])


def current_nonce(key: bytes) -> str:
    """The nonce that answers carry now."""
    return nonce_for(key, int(time.time() // NONCE_SECONDS))


def _known_nonce(key: bytes, nonce: object) -> bool:
    slot = int(time.time() // NONCE_SECONDS)
    return isinstance(nonce, str) and any(hmac.compare_digest(nonce, nonce_for(key, s)) for s in (slot, slot - 1))


def _proof_key(proof: str) -> ECKey:
    header = header_of(proof)
    if header.get("typ") != "dpop+jwt" or not isinstance(header.get("jwk"), dict):
        raise BadToken("it is not a dpop+jwt with its key")
    if "d" in header["jwk"] or header["jwk"].get("kty") != "EC":
        raise BadToken("its key must be a public EC key")
    try:
        return ECKey.import_key(header["jwk"])
    except (JoseError, ValueError) as error:
        raise BadToken("its key can't be read") from error


def check_proof(
    engine: Engine, nonce_key: bytes, proof: str | None, method: str, url: str, *, token: str | None = None
) -> str:
    """Thumbprint (RFC 7638) of the key behind the proof; InvalidProof or UseNonce."""
    status = 401 if token else 400
    if not proof:
        raise InvalidProof("Send a DPoP proof with this request.", status)
    try:
        key = _proof_key(proof)
        claims = verified_claims(proof, key)
        demand(claims, {"htm": method, "htu": url})
        if token is not None:
            demand(claims, {"ath": _b64(hashlib.sha256(token.encode()).digest())})
        issued, jti = claims.get("iat"), jti_of(claims)
        if not isinstance(issued, int | float) or abs(time.time() - issued) > PROOF_SECONDS:
            raise BadToken("it is too old or from the future")
    except BadToken as error:
        raise InvalidProof(f"The DPoP proof is refused: {error}.", status) from error
    if not _known_nonce(nonce_key, claims.get("nonce")):
        raise UseNonce(status)
    if not first_use(engine, f"dpop:{key.thumbprint()}:{jti}", time.time() + 2 * PROOF_SECONDS):
        raise InvalidProof("The DPoP proof was used before; sign a new one.", status)
    return str(key.thumbprint())
