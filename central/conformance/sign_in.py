"""The card's sign-in: what must be accepted, and everything that must not."""

from backend_client.contract.identity import Challenge, Token
from central.conformance.check import check, demand, model, ok, refused
from central.conformance.discovery import metadata
from central.conformance.outcome import Skip
from central.conformance.platform import Changes, Platform
from central.conformance.signing import es256, lifetime, new_key, public_jwk, thumbprint

GRANT, CLIENT = ("invalid_grant",), ("invalid_client",)
HOUR = 3600


@check("challenge", "A terminal gets a challenge", "docs/openapi.json, Challenge")
def _challenge(platform: Platform) -> None:
    model(platform.as_client("/card/challenge"), Challenge)


@check("challenge-fresh", "No two challenges are the same", "docs/protocol.md, Card assertion; RFC 6749 section 10.10")
def _fresh(platform: Platform) -> None:
    first, second = platform.challenge(), platform.challenge()
    demand(first["nonce"] != second["nonce"], "the same nonce came twice")


@check("challenge-needs-client", "No challenge without client authentication", "RFC 6749 section 3.2.1")
def _needs_client(platform: Platform) -> None:
    refused(platform.ask("POST", "/card/challenge", data={}), *CLIENT, status=401)


@check("token", "A card's good proof gets a token", "docs/openapi.json, Token; RFC 9449 section 5")
def _token(platform: Platform) -> None:
    token = model(platform.token_request(), Token)
    demand(token.holder is not None, "it names no holder")
    demand(set(token.scope.split()) == {"social", "family"}, "its scope is not the one asked for")


@check(
    "token-assurance", "The token's acr is one that metadata names", "RFC 9470 section 4; OpenID Discovery section 3"
)
def _assurance(platform: Platform) -> None:
    known = metadata(platform).get("acr_values_supported", [])
    demand(platform.session.answer.get("acr") in known, "acr_values_supported doesn't have it")


@check("token-not-stored", "Token answers are not to be stored", "RFC 6749 section 5.1")
def _not_stored(platform: Platform) -> None:
    answer = ok(platform.token_request())
    demand("no-store" in answer.headers.get("Cache-Control", ""), "Cache-Control has no no-store")


@check("own-token", "A terminal gets its own token, without a holder", "RFC 6749 section 4.4; docs/protocol.md")
def _own(platform: Platform) -> None:
    token = Token.model_validate(platform.own.answer)
    demand(token.holder is None, "it names a holder")


@check("scope-unknown", "An unknown scope is refused", "RFC 6749 section 5.2")
def _scope(platform: Platform) -> None:
    refused(platform.token_request(changes=Changes(form={"scope": "social everything"})), "invalid_scope", status=400)


@check("resource-unknown", "A token for a resource that nobody registered is refused", "RFC 8707 section 2")
def _resource(platform: Platform) -> None:
    form = {"resource": "https://nobody.example.invalid/api"}
    refused(platform.token_request(changes=Changes(form=form)), "invalid_target", status=400)


@check("grant-unknown", "An unknown grant type is refused", "RFC 6749 section 5.2")
def _grant(platform: Platform) -> None:
    form = {"grant_type": "password"}
    refused(platform.token_request(changes=Changes(form=form)), "unsupported_grant_type", status=400)


@check("challenge-once", "A challenge serves one assertion", "docs/protocol.md, Card assertion; RFC 7523 section 5")
def _once(platform: Platform) -> None:
    challenge = platform.challenge()
    random = platform.who.card.cryptogram(str(challenge.get("host_random", "")))
    spent = Changes(nonce=str(challenge["nonce"]), card=random)
    if platform.token_request(changes=spent).status != 200:
        raise Skip("the first sign-in did not work; see `token`")
    refused(platform.token_request(changes=spent), *GRANT)


@check("challenge-unknown", "A challenge that was never given out is refused", "docs/protocol.md, Card assertion")
def _unknown(platform: Platform) -> None:
    refused(platform.token_request(changes=Changes(nonce="A" * 43)), *GRANT)


@check("challenge-other-terminal", "Another terminal's challenge is refused", "docs/protocol.md, Card assertion")
def _other(platform: Platform) -> None:
    if platform.who.other is None:
        raise Skip("no `other_terminal` in the credentials")
    refused(platform.token_request(changes=Changes(nonce=str(platform.challenge(platform.who.other)["nonce"]))), *GRANT)


@check("assertion-once", "The jti of an assertion is taken once", "RFC 7523 section 3, point 7")
def _jti(platform: Platform) -> None:
    same = Changes(card={"jti": str(lifetime()["jti"])})
    if platform.token_request(changes=same).status != 200:
        raise Skip("the first sign-in did not work; see `token`")
    refused(platform.token_request(changes=same), *GRANT)


@check("assertion-expired", "An assertion past its exp is refused", "RFC 7523 section 3, point 4")
def _expired(platform: Platform) -> None:
    refused(platform.token_request(changes=Changes(card=lifetime(age=HOUR))), *GRANT)


@check("assertion-future", "An assertion from the future is refused", "docs/protocol.md, The clock")
def _future(platform: Platform) -> None:
    refused(platform.token_request(changes=Changes(card=lifetime(age=-HOUR))), *GRANT)


@check("assertion-lifetime", "An assertion for longer than 60 s is refused", "docs/protocol.md, Card assertion")
def _long(platform: Platform) -> None:
    refused(platform.token_request(changes=Changes(card=lifetime(seconds=HOUR))), *GRANT)


@check("assertion-audience", "An assertion for another platform is refused", "RFC 7523 section 3, point 3")
def _audience(platform: Platform) -> None:
    refused(platform.token_request(changes=Changes(card={"aud": "https://other.example.invalid/token"})), *GRANT)


@check("assertion-client", "An assertion for another terminal is refused", "docs/protocol.md, Card assertion")
def _client(platform: Platform) -> None:
    refused(platform.token_request(changes=Changes(card={"client_id": "T00000000000"})), *GRANT)


@check("assertion-key", "An assertion for another session key is refused", "RFC 7800 section 3.1; RFC 9449 section 10")
def _binding(platform: Platform) -> None:
    other = {"cnf": {"jkt": thumbprint(public_jwk(new_key()))}}
    refused(platform.token_request(changes=Changes(card=other)), *GRANT)


@check("assertion-type", "A JWT of another type is no assertion", "RFC 8725 section 3.11")
def _type(platform: Platform) -> None:
    refused(platform.token_request(changes=Changes(card_header={"typ": "JWT"})), *GRANT)


@check("assertion-signature", "A signature by another key is refused", "RFC 7523 section 3, point 9")
def _signature(platform: Platform) -> None:
    refused(platform.token_request(changes=Changes(card_signer=es256(new_key()))), *GRANT)


@check("assertion-unsigned", "alg none is refused", "RFC 8725 section 3.2")
def _unsigned(platform: Platform) -> None:
    changes = Changes(card_header={"alg": "none"}, card_signer=lambda _data: b"")
    refused(platform.token_request(changes=changes), *GRANT)


@check("cryptogram", "A wrong cryptogram of a symmetric card is refused", "docs/protocol.md, Profile B")
def _cryptogram(platform: Platform) -> None:
    if platform.who.card.key is None:
        raise Skip("the test card signs (profile A); run again with a card of generation 2")
    refused(platform.token_request(changes=Changes(card={"cryptogram": "0" * 16})), *GRANT)


@check("client-assertion-once", "The jti of a client assertion is taken once", "RFC 7523 section 3, point 7")
def _client_once(platform: Platform) -> None:
    form = platform.client_form()
    ok(platform.ask("POST", "/card/challenge", data=form))
    refused(platform.ask("POST", "/card/challenge", data=form), *CLIENT)


@check("client-assertion-audience", "A client assertion for another platform is refused", "RFC 7523 section 3, point 3")
def _client_audience(platform: Platform) -> None:
    form = platform.client_form(changes=Changes(client={"aud": "https://other.example.invalid"}))
    refused(platform.ask("POST", "/card/challenge", data=form), *CLIENT)


@check("client-assertion-signature", "A client assertion by another key is refused", "RFC 7523 section 3, point 9")
def _client_signature(platform: Platform) -> None:
    form = platform.client_form(changes=Changes(client_signer=es256(new_key())))
    refused(platform.ask("POST", "/card/challenge", data=form), *CLIENT)


@check("client-assertion-expired", "A client assertion past its exp is refused", "RFC 7523 section 3, point 4")
def _client_expired(platform: Platform) -> None:
    form = platform.client_form(changes=Changes(client=lifetime(age=HOUR)))
    refused(platform.ask("POST", "/card/challenge", data=form), *CLIENT)
