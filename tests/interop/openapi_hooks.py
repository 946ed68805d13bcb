"""Hooks of schemathesis (tests/interop/test_openapi.py): a registered terminal and a signed-in session make its calls.

What only the holder of a key can make is put in: client assertions, tokens, DPoP proofs. Everything else stays as
schemathesis made it up; and where it set out to send one of these wrongly, that is what is sent.
"""

import os
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.generation.meta import negated_parameters

from central.conformance.credentials import load
from central.conformance.platform import Changes, Platform, Session
from central.conformance.signing import new_key

SCOPES = "social family account account.change acct.open guardian openid"
FIRST, SECOND = "first", "second"
OF_TERMINAL = ("/by-key/", "/fate", "/signature")
ENDING = ("/close", "/freeze")
"""Called with the card of a second holder: afterwards it opens nothing any more."""


@cache
def platform(who: str) -> Platform:
    """The terminal under whose name everything is asked, with one of two cards."""
    folder = Path(os.environ["OPENAPI_CREDENTIALS"])
    return Platform(os.environ["OPENAPI_URL"], load(folder / f"{who}.toml"))


@cache
def holder(who: str) -> Session:
    """Signed in, with an account."""
    held = platform(who).sign_in(Changes(form={"scope": SCOPES}))
    told = platform(who).ask("GET", "/api/v1/account/notice").members
    body = {"notice_version": told["version"], "notice_digest": told["digest"], "consent": True}
    platform(who).call(held, "POST", "/api/v1/account", json=body)
    return held


@cache
def document() -> dict[str, str]:
    """One that exists: path parameters that lead to it."""
    key = uuid.uuid4()
    answer = platform(FIRST).call(
        holder(FIRST), "POST", "/api/v1/documents", json={"kind": "SB", "medium": "a4"},
        headers={"Idempotency-Key": str(key)},
    )  # fmt: skip
    if answer.status != 201:
        raise RuntimeError(f"no document: {answer.status} {answer.error}")
    return {"key": str(key), "doc_no": str(answer.members["doc_no"])}


def session_for(path: str) -> Session:
    """The session that a call is made in."""
    if any(part in path for part in OF_TERMINAL):
        return platform(FIRST).own
    return holder(SECOND if path.endswith(ENDING) else FIRST)


def _wrong(case: Any) -> Iterator[str]:
    """What schemathesis set out to send wrongly, in small letters."""
    yield from (name.lower() for name, _place in negated_parameters(case.meta))


def _signed(context: Any) -> bool:
    return any("dpop" in one for one in context.operation.definition.raw.get("security", []))


@schemathesis.auth(refresh_interval=None).apply_to(_signed)
class Holder:
    """Token and proof, for operations that name the scheme `dpop`."""

    def get(self, case: Any, _context: Any) -> Session:
        """The session that this call is made in."""
        return session_for(case.path)

    def set(self, case: Any, held: Session, _context: Any) -> None:
        """Sign."""
        case.headers["Authorization"] = f"DPoP {held.token}"
        wrong = set(_wrong(case))
        if not wrong:
            known = {name: value for name, value in document().items() if name in case.path_parameters}
            case.path_parameters.update(known)
        if "dpop" not in wrong:
            case.headers["DPoP"] = platform(FIRST).proof(held.key, case.method, case.formatted_path, held.token)


schemathesis.serializer.alias("application/timestamp-query", "application/octet-stream")
CLIENT = {"client_assertion", "client_assertion_type", "client_id"}
GOOD: dict[str, dict[str, str]] = {
    "/card/challenge": {}, "/revoke": {}, "/introspect": {}, "/device_authorization": {"scope": "social"},
    "/token": {"grant_type": "client_credentials", "scope": "terminal"},
}  # fmt: skip
"""Calls of a terminal, and the values without which no made-up form can be a good one."""


@schemathesis.hook
def before_call(_context: Any, case: Any, _more: Any) -> None:
    """Client authentication, and for `/token` a proof and the one grant that needs no card."""
    wrong = set(_wrong(case))
    if case.path not in GOOD or not isinstance(case.body, dict) or wrong & CLIENT:
        return
    good = {} if wrong & GOOD[case.path].keys() else GOOD[case.path]
    made_up = {name: value for name, value in case.body.items() if isinstance(value, str) and name != "resource"}
    case.body = {**made_up, **good, **platform(FIRST).client_form()}
    case.body.pop("client_id", None)
    if case.path == "/token" and "dpop" not in wrong:
        case.headers["DPoP"] = platform(FIRST).proof(new_key(), "POST", "/token")


@schemathesis.hook
def after_call(_context: Any, _case: Any, response: Any) -> None:
    """The nonce for the next proof."""
    for who in (FIRST, SECOND):
        platform(who).nonce = response.headers.get("dpop-nonce", [platform(who).nonce])[0]
