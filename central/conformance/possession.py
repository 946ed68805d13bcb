"""DPoP (RFC 9449): who holds a token without its key gets nothing. Asked at a record, which is never shown."""

import hashlib

from central.conformance.check import check, demand, ok, refused
from central.conformance.platform import Changes, Platform
from central.conformance.signing import Signer, b64, es256, jwt, lifetime, new_key, public_jwk

RECORD = "/api/v1/contributions"
NONCE, PROOF, TOKEN = "use_dpop_nonce", "invalid_dpop_proof", "invalid_token"


def _refused_with(platform: Platform, code: str = PROOF, **claims: object) -> None:
    session = platform.session
    proof = platform.proof(session.key, "GET", RECORD, session.token, **claims)
    refused(platform.call(session, "GET", RECORD, proof=proof), code, status=401)


@check("dpop-at-token", "No token without a proof", "RFC 9449 section 5")
def _at_token(platform: Platform) -> None:
    refused(platform.token_request(changes=Changes(proof=None)), PROOF, "invalid_request", status=400)


@check("dpop-nonce-at-token", "A proof without the server's nonce is sent back with one", "RFC 9449 section 8")
def _nonce_at_token(platform: Platform) -> None:
    answer = refused(platform.token_request(changes=Changes(proof={"nonce": None})), NONCE, status=400)
    demand("DPoP-Nonce" in answer.headers, "the refusal brings no DPoP-Nonce")


@check("dpop-nonce", "The same at a resource, with a challenge", "RFC 9449 section 9")
def _nonce(platform: Platform) -> None:
    session = platform.session
    proof = platform.proof(session.key, "GET", RECORD, session.token, nonce="another")
    answer = refused(platform.call(session, "GET", RECORD, proof=proof), NONCE, status=401)
    demand("DPoP-Nonce" in answer.headers, "the refusal brings no DPoP-Nonce")
    demand(NONCE in answer.headers.get("WWW-Authenticate", ""), "WWW-Authenticate doesn't say use_dpop_nonce")


@check("dpop-missing", "A bound token without a proof is refused", "RFC 9449 section 7.1")
def _missing(platform: Platform) -> None:
    headers = {"Authorization": f"DPoP {platform.session.token}"}
    refused(platform.ask("GET", RECORD, headers=headers), PROOF, TOKEN, status=401)


@check("dpop-bearer", "A bound token is no bearer token", "RFC 9449 section 7.2")
def _bearer(platform: Platform) -> None:
    headers = {"Authorization": f"Bearer {platform.session.token}"}
    refused(platform.ask("GET", RECORD, headers=headers), TOKEN, PROOF, status=401)


@check("dpop-once", "A proof is taken once", "RFC 9449 section 11.1")
def _once(platform: Platform) -> None:
    session = platform.own
    path = "/api/v1/documents/by-key/00000000-0000-4000-8000-000000000000"
    proof = platform.proof(session.key, "GET", path, session.token)
    first = platform.call(session, "GET", path, proof=proof)
    demand(first.status in (200, 404), f"the first time it was refused with {first.error}")
    refused(platform.call(session, "GET", path, proof=proof), PROOF, status=401)


@check("dpop-method", "A proof for another method is refused", "RFC 9449 section 4.3, point 8")
def _method(platform: Platform) -> None:
    _refused_with(platform, htm="POST")


@check("dpop-url", "A proof for another address is refused", "RFC 9449 section 4.3, point 9")
def _url(platform: Platform) -> None:
    _refused_with(platform, htu=f"{platform.url}/api/v1/family-planning")


@check("dpop-token", "A proof for another token is refused", "RFC 9449 section 4.3, point 12")
def _token(platform: Platform) -> None:
    _refused_with(platform, ath=b64(hashlib.sha256(b"another token").digest()))


@check("dpop-old", "An old proof is refused", "RFC 9449 section 4.3, point 11")
def _old(platform: Platform) -> None:
    _refused_with(platform, iat=lifetime(age=3600)["iat"])


@check("dpop-key", "A token with another key's proof is refused", "RFC 9449 section 7.1")
def _key(platform: Platform) -> None:
    session, other = platform.session, new_key()
    proof = platform.proof(other, "GET", RECORD, session.token)
    refused(platform.call(session, "GET", RECORD, proof=proof), TOKEN, PROOF, status=401)


def _own_proof(platform: Platform, typ: str, sign: Signer) -> str:
    """A proof for the session's record that is right but for its type or its signature."""
    session = platform.session
    header = {"alg": "ES256", "typ": typ, "jwk": public_jwk(session.key)}
    claims = {"htm": "GET", "htu": platform.url + RECORD, "nonce": platform.nonce, **lifetime()}
    claims["ath"] = b64(hashlib.sha256(session.token.encode()).digest())
    return jwt(header, claims, sign)


@check("dpop-signature", "A proof that its own key didn't sign is refused", "RFC 9449 section 4.3, point 6")
def _signature(platform: Platform) -> None:
    proof = _own_proof(platform, "dpop+jwt", es256(new_key()))
    refused(platform.call(platform.session, "GET", RECORD, proof=proof), PROOF, status=401)


@check("dpop-type", "A JWT of another type is no proof", "RFC 9449 section 4.3, point 4")
def _type(platform: Platform) -> None:
    proof = _own_proof(platform, "JWT", es256(platform.session.key))
    refused(platform.call(platform.session, "GET", RECORD, proof=proof), PROOF, status=401)


@check("token-bound", "Introspection names the key that a token is bound to", "RFC 9449 section 6.2")
def _bound(platform: Platform) -> None:
    answer = ok(platform.as_client("/introspect", token=platform.session.token)).members
    demand("jkt" in (answer.get("cnf") or {}), "cnf.jkt is missing: tokens are not bound, or nobody can see it")
