"""Refusals: problem details with a sentence for the holder, and no hint for an attacker."""

from backend_client.contract.identity import Problem
from central.conformance.check import check, demand, ok
from central.conformance.outcome import Violation
from central.conformance.platform import Answer, Changes, Platform
from central.conformance.signing import es256, new_key

PROBLEM, JSON, FORM = "application/problem+json", "application/json", "application/x-www-form-urlencoded"
RECORD = "/api/v1/contributions"


def _problem(answer: Answer) -> Problem:
    """The refusal's body. Violation when it is none, or its status differs from the answer's."""
    demand(400 <= answer.status < 500, f"not refused: status {answer.status}")
    found = Problem.model_validate_json(answer.body)
    demand(found.status == answer.status, f"its status member is {found.status}, the answer's {answer.status}")
    return found


@check("problem", "A refusal is problem details, application/problem+json", "RFC 9457 section 3")
def _details(platform: Platform) -> None:
    answer = platform.ask("GET", RECORD)
    demand(answer.media_type == PROBLEM, f"Content-Type is {answer.media_type}")
    _problem(answer)


@check("problem-oauth", "At OAuth's endpoints it is the same as application/json", "RFC 6749 section 5.2")
def _oauth(platform: Platform) -> None:
    answer = platform.ask("POST", "/token", data={})
    demand(answer.media_type == JSON, f"Content-Type is {answer.media_type}")
    _problem(answer)


@check("problem-sentences", "It has a sentence for the holder in Chinese and in English", "docs/openapi.json, Problem")
def _sentences(platform: Platform) -> None:
    holder = platform.ask("GET", "/api/v1/family-planning").members.get("holder") or {}
    demand(any("一" <= char <= "鿿" for char in str(holder.get("zh"))), "there is no Chinese sentence")
    demand(str(holder.get("en", "")).isascii() and len(str(holder.get("en", ""))) > 5, "there is no English sentence")


@check(
    "problem-no-hint", "Every fault of a card's proof reads the same", "docs/protocol.md, Token; RFC 6819 section 5.1.5"
)
def _no_hint(platform: Platform) -> None:
    faults = (
        Changes(nonce="A" * 43), Changes(card_signer=es256(new_key())), Changes(card={"aud": "x"}),
    )  # fmt: skip
    answers = [platform.token_request(changes=fault) for fault in faults]
    alike = {str(sorted({**answer.members, "instance": ""}.items())) for answer in answers if answer.status >= 400}
    demand(len(alike) == 1, "different faults are told apart")


@check("not-found", "An address that isn't there is 404, as problem details", "RFC 9110 section 15.5.5; RFC 9457")
def _not_found(platform: Platform) -> None:
    demand(_problem(platform.ask("GET", "/api/v1/no-such-thing")).status == 404, "it is not 404")


@check("method", "A method that isn't there is 405 and says which are", "RFC 9110 section 15.5.6")
def _method(platform: Platform) -> None:
    answer = platform.ask("PUT", "/token")
    demand(answer.status == 405, f"status {answer.status}")
    demand("POST" in answer.headers.get("Allow", ""), "Allow doesn't name POST")


@check("unauthorized", "A 401 to a client says which authentication is wanted", "RFC 9110 section 15.5.2")
def _unauthorized(platform: Platform) -> None:
    wrong = platform.client_form(changes=Changes(client_signer=es256(new_key())))
    for path in ("/card/challenge", "/introspect", "/revoke"):
        for form in ({"token": "A" * 43}, {"token": "A" * 43, **wrong}):
            answer = platform.ask("POST", path, data=form)
            told = answer.status != 401 or bool(answer.headers.get("WWW-Authenticate"))
            demand(told, f"POST {path}: 401 without WWW-Authenticate")


@check("parameter-twice", "A parameter that is sent twice is refused", "RFC 6749 section 3.2")
def _twice(platform: Platform) -> None:
    pairs = [*platform.client_form().items(), ("token", "A" * 43), ("token", "B" * 43)]
    answer = platform.ask("POST", "/revoke", data=pairs, headers={"Content-Type": FORM})
    demand((answer.status, answer.error) == (400, "invalid_request"), f"{answer.status} {answer.error}")


@check("malformed", "A body that is no JSON is 400 invalid_request, not a crash", "RFC 9110 section 15.5.1")
def _malformed(platform: Platform) -> None:
    headers = {"Content-Type": JSON, "Idempotency-Key": "00000000-0000-4000-8000-000000000001"}
    answer = platform.call(platform.session, "POST", "/api/v1/documents", data=b'{"kind": ', headers=headers)
    demand((answer.status, answer.error) == (400, "invalid_request"), f"{answer.status} {answer.error}")


@check("oversize", "A form of a megabyte is refused, not a crash", "RFC 9110 section 15.5.14")
def _oversize(platform: Platform) -> None:
    answer = platform.ask("POST", "/token", data={"grant_type": "x" * 1_000_000})
    demand(400 <= answer.status < 500, f"status {answer.status}")


@check("still-there", "After all that the platform still works", "docs/protocol.md")
def _still(platform: Platform) -> None:
    if ok(platform.ask("GET", "/healthz")).members.get("status") is None:
        raise Violation("GET /healthz says nothing")
