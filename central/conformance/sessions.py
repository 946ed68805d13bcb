"""Introspection, revocation, renewal, scopes."""

import time

from backend_client.contract.identity import Introspection
from central.conformance.check import check, demand, model, ok, refused
from central.conformance.outcome import Skip
from central.conformance.platform import Changes, Platform, Session
from central.conformance.signing import public_jwk, thumbprint

RECORD = "/api/v1/contributions"
SOME_SECONDS = 2


@check("introspection", "The terminal learns what its token stands for", "RFC 7662 section 2.2; docs/openapi.json")
def _introspection(platform: Platform) -> None:
    told = model(platform.as_client("/introspect", token=platform.session.token), Introspection)
    demand(told.active, "active is false for a live token")
    wanted = {"sub", "client_id", "scope", "exp", "iat", "acr", "auth_time", "sid", "aud", "iss"}
    missing = sorted(name for name in wanted if getattr(told, name) is None)
    demand(not missing, f"missing: {', '.join(missing)}")
    demand(told.cnf in (None, {}) or (told.cnf or {}).get("jkt") == thumbprint(public_jwk(platform.session.key)),
           "cnf.jkt is another key")  # fmt: skip


@check(
    "introspection-subject", "sub is a pseudonym, not an identity number or card id", "docs/protocol.md; RFC 7662 s. 5"
)
def _subject(platform: Platform) -> None:
    sub = str(ok(platform.as_client("/introspect", token=platform.session.token)).members.get("sub"))
    holder = platform.session.answer.get("holder") or {}
    demand(sub not in (holder.get("id_no"), platform.who.card.card_id), "sub names the holder or the card")


@check("introspection-unknown", "Of an unknown token only `active: false` is said", "RFC 7662 section 2.2")
def _unknown(platform: Platform) -> None:
    answer = ok(platform.as_client("/introspect", token="A" * 43)).members
    demand(answer == {"active": False}, "more is said, or it is active")


@check("introspection-needs-client", "No introspection without client authentication", "RFC 7662 section 2.1")
def _needs_client(platform: Platform) -> None:
    answer = platform.ask("POST", "/introspect", data={"token": platform.session.token})
    refused(answer, "invalid_client", status=401)


@check("introspection-stranger", "Another terminal learns nothing of our token", "RFC 7662 section 4")
def _stranger(platform: Platform) -> None:
    if platform.who.other is None:
        raise Skip("no `other_terminal` in the credentials")
    answer = ok(platform.as_client("/introspect", platform.who.other, token=platform.session.token)).members
    demand(answer.get("active") is False, "it is told that the token is active")


@check("revocation", "A revoked token is refused at once", "RFC 7009 section 2.1")
def _revocation(platform: Platform) -> None:
    session = platform.sign_in()
    ok(platform.as_client("/revoke", token=session.token))
    answer = refused(platform.call(session, "GET", RECORD), "invalid_token", status=401)
    demand(answer.headers.get("WWW-Authenticate", "").startswith("DPoP"), "WWW-Authenticate doesn't begin with DPoP")


@check("revocation-unknown", "Revoking an unknown token answers 200", "RFC 7009 section 2.2")
def _revoke_unknown(platform: Platform) -> None:
    ok(platform.as_client("/revoke", token="A" * 43))


@check("revocation-needs-client", "No revocation without client authentication", "RFC 7009 section 2.1")
def _revoke_needs_client(platform: Platform) -> None:
    refused(platform.ask("POST", "/revoke", data={"token": "A" * 43}), "invalid_client", status=401)


@check("revocation-stranger", "Another terminal can't end our session", "RFC 7009 section 2.1")
def _revoke_stranger(platform: Platform) -> None:
    if platform.who.other is None:
        raise Skip("no `other_terminal` in the credentials")
    session = platform.sign_in()
    platform.as_client("/revoke", platform.who.other, token=session.token)
    told = ok(platform.as_client("/introspect", token=session.token)).members
    demand(told.get("active") is True, "the token is dead")


def _renewed(platform: Platform, session: Session, entered: float) -> Session:
    changes = Changes(card={"sid": session.answer.get("sid"), "auth_time": int(entered)})
    answer = platform.token_request(session.key, changes)
    demand(answer.status == 200, f"the renewal was refused: {answer.status} {answer.error}")
    return Session(session.key, answer.members)


@check("renewal", "The card's next signature goes on with the same session", "docs/protocol.md, Token")
def _renewal(platform: Platform) -> None:
    session = platform.sign_in()
    again = _renewed(platform, session, time.time())
    demand(again.answer.get("sid") == session.answer.get("sid"), "another sid")


@check("renewal-cap", "A renewed session doesn't live longer than 900 s in all", "docs/protocol.md, Token")
def _cap(platform: Platform) -> None:
    session = platform.sign_in()
    platform.wait(SOME_SECONDS)
    again = _renewed(platform, session, time.time())
    was, now = (int(one.answer.get("session_expires_in", 0)) for one in (session, again))
    demand(now < was <= 900, f"{was} s left, then {now} s")


@check("revocation-ends-session", "After revocation the session can't be renewed", "docs/protocol.md, POST /revoke")
def _ends(platform: Platform) -> None:
    session = platform.sign_in()
    ok(platform.as_client("/revoke", token=session.token))
    changes = Changes(card={"sid": session.answer.get("sid"), "auth_time": int(time.time())})
    refused(platform.token_request(session.key, changes), "invalid_grant", status=400)


@check("scope-insufficient", "A token without the scope is refused with 403", "RFC 6750 section 3.1")
def _scope(platform: Platform) -> None:
    session = platform.sign_in(Changes(form={"scope": "family"}))
    answer = refused(platform.call(session, "GET", RECORD), "insufficient_scope", status=403)
    demand("insufficient_scope" in answer.headers.get("WWW-Authenticate", ""), "WWW-Authenticate doesn't say so")
