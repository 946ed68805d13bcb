"""What anyone may ask: health, metadata, keys, the signed date."""

import json
import secrets
import time
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from backend_client.contract.identity import GRANT_CARD, TimeStatement
from central.conformance.check import check, demand, model, ok
from central.conformance.outcome import Violation
from central.conformance.platform import Platform
from central.conformance.profile import PROFILES
from central.conformance.signing import unb64

METADATA = "/.well-known/oauth-authorization-server"
MAX_DIFFERENCE = 30


def metadata(platform: Platform) -> dict[str, Any]:
    """RFC 8414."""
    return ok(platform.ask("GET", METADATA)).members


def keys(platform: Platform) -> list[dict[str, Any]]:
    """The document-signing keys."""
    found: list[dict[str, Any]] = ok(platform.ask("GET", "/keys")).members.get("keys", [])
    return found


def verify(platform: Platform, kid: object, data: bytes, signature: bytes) -> None:
    """A signature r‖s of the profile by one of the published keys. Violation."""
    jwk = next((key for key in keys(platform) if key.get("kid") == kid), None)
    if jwk is None:
        raise Violation("signed by a key that /keys doesn't name")
    if not platform.profile.verify(unb64(str(jwk["x"])) + unb64(str(jwk["y"])), data, signature):
        raise Violation("its signature doesn't hold under the published key")


def jws(platform: Platform, text: str, typ: str) -> dict[str, Any]:
    """The claims of a JWS that the platform signed. Violation."""
    parts = text.split(".")
    demand(len(parts) == 3, "it is not a compact JWS")
    header, claims = (json.loads(unb64(part)) for part in parts[:2])
    alg = platform.profile.jws
    demand((header.get("typ"), header.get("alg")) == (typ, alg), f"its header is not {typ} with {alg}")
    verify(platform, header.get("kid"), f"{parts[0]}.{parts[1]}".encode(), unb64(parts[2]))
    found: dict[str, Any] = claims
    return found


@check("health", "GET /healthz says ok and the time with an offset", "docs/protocol.md, table of calls")
def _health(platform: Platform) -> None:
    answer = ok(platform.ask("GET", "/healthz")).members
    demand(answer.get("status") == "ok", "status is not ok")
    demand(datetime.fromisoformat(str(answer["time"])).tzinfo is not None, "time has no offset")


@check("date", "Answers have a Date that is right to 30 s", "RFC 9110 section 6.6.1; docs/protocol.md, The clock")
def _date(platform: Platform) -> None:
    date = platform.ask("GET", "/healthz").headers.get("Date")
    demand(date is not None, "there is no Date")
    demand(str(date).count(",") == 1, "there is more than one Date")
    off = abs(parsedate_to_datetime(str(date)).timestamp() - time.time())
    demand(off <= MAX_DIFFERENCE, f"Date is {off:.0f} s from this machine's clock; one of the two is wrong")


@check("metadata-issuer", "The issuer is the URL that was asked", "RFC 8414 section 3.3")
def _issuer(platform: Platform) -> None:
    demand(metadata(platform).get("issuer") == platform.url, "issuer is another URL")


@check("metadata-endpoints", "Token, revocation and introspection endpoints are named", "RFC 8414 section 2")
def _endpoints(platform: Platform) -> None:
    told = metadata(platform)
    for name, path in (("token", "/token"), ("revocation", "/revoke"), ("introspection", "/introspect")):
        demand(told.get(f"{name}_endpoint") == platform.url + path, f"{name}_endpoint is not {path}")


@check("metadata-grants", "The card grant and client_credentials are named", "RFC 8414 section 2; RFC 7523")
def _grants(platform: Platform) -> None:
    wanted = {GRANT_CARD, "client_credentials"}
    demand(wanted <= set(metadata(platform).get("grant_types_supported", [])), "a grant type is missing")


@check("metadata-client-authentication", "private_key_jwt with ES256 is named", "RFC 8414 section 2; RFC 7523")
def _authentication(platform: Platform) -> None:
    told = metadata(platform)
    demand("private_key_jwt" in told.get("token_endpoint_auth_methods_supported", []), "private_key_jwt is missing")
    demand("ES256" in told.get("token_endpoint_auth_signing_alg_values_supported", []), "ES256 is missing")


@check("metadata-dpop", "DPoP with ES256 is named", "RFC 9449 section 5.1")
def _dpop(platform: Platform) -> None:
    demand("ES256" in metadata(platform).get("dpop_signing_alg_values_supported", []), "ES256 is missing")


@check(
    "keys-usable",
    "Document-signing keys are for signatures, of a profile, with distinct names",
    "RFC 7517 section 4",
)
def _keys(platform: Platform) -> None:
    found = keys(platform)
    demand(bool(found), "there are no keys")
    for key in found:
        demand((key.get("kty"), key.get("use")) == ("EC", "sig"), "a key of another kind")
    curves = {key.get("crv") for key in found}
    demand(curves <= {one.curve for one in PROFILES.values()}, "a key on another curve")
    demand(platform.profile.curve in curves, f"no key on {platform.profile.curve}")
    demand(len({key.get("kid") for key in found} - {None}) == len(found), "a kid is missing or stands twice")


@check("keys-public", "Nothing private is published", "RFC 7517 section 9.2")
def _public(platform: Platform) -> None:
    demand(not any({"d", "k", "p", "q"} & key.keys() for key in keys(platform)), "a private key is published")


def _statement(platform: Platform, nonce: str) -> dict[str, Any]:
    answer = model(platform.ask("GET", f"/time?nonce={nonce}"), TimeStatement)
    return jws(platform, answer.statement, "time+jwt")


@check("signed-date", "GET /time is signed by a published key and right to 30 s", "docs/protocol.md, The clock")
def _signed_date(platform: Platform) -> None:
    claims = _statement(platform, secrets.token_urlsafe(16))
    demand(claims.get("iss") == platform.url, "its iss is another platform")
    demand(abs(float(claims["iat"]) - time.time()) <= MAX_DIFFERENCE, "its iat is more than 30 s off")


@check("signed-date-nonce", "The signed date answers the caller's own nonce", "docs/protocol.md, The clock")
def _signed_nonce(platform: Platform) -> None:
    for nonce in (secrets.token_urlsafe(16), secrets.token_urlsafe(16)):
        answer = model(platform.ask("GET", f"/time?nonce={nonce}"), TimeStatement)
        claims = json.loads(unb64(answer.statement.split(".")[1]))
        demand(claims.get("nonce") == nonce, "it answers another nonce: an old statement could be passed off")
