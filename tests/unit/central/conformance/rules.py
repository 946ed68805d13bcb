"""For every check of the suite, the rule that it is about, broken."""

import base64
import json
import time
import uuid
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select, update

from central.errors import CentralRefusal, InvalidGrant
from central.identity import single_use
from central.identity.tables import sessions, tokens
from central.storage import challenges, documents, writing
from central.synthetic.person import person
from tests.unit.central.conformance.broken import (
    Exchange,
    Fault,
    Whatever,
    anonymous,
    answered,
    any_type,
    around,
    claim_replaced,
    forgotten,
    header,
    lenient,
    member,
    patched,
    scope_forgiven,
    undemanded,
    unsigned,
    unverified,
    without_client,
)

METADATA, RECORD, FAMILY = "/.well-known/", "/api/v1/contributions", "/api/v1/family-planning"
DOCUMENTS, OTHER_ID = "/api/v1/documents", "990106198504120014"
CARD, CLIENT, DPOP = "central.identity.card_grant", "central.identity.clients", "central.identity.dpop"
ROUTES, GRANTS = "central.api.identity_routes", "central.api.grants"
OFFICE, ISSUING = "central.api.office", "central.issuing"
BY_CARD, OWN = "&assertion=", "client_credentials"
SKEW = 30


def _public_key_member(name: str, value: str) -> Fault:
    def change(exchange: Exchange) -> None:
        if exchange.path == "/keys":
            told = exchange.told()
            exchange.tell({**told, "keys": [{**key, name: value} for key in told["keys"]]})

    return Fault(change)


def _late(issuer: str, nonce: str) -> dict[str, object]:
    return {"iss": issuer, "iat": time.time() - 100, "nonce": nonce}


def _same_nonce(real: Any) -> Any:
    return lambda issuer, _nonce: real(issuer, "0123456789abcdef")


def _kept_challenge(real: Any) -> Any:
    def new(connection: Any, client_id: str, host_random: bytes) -> Any:
        mine = select(challenges).where(challenges.c.client_id == client_id, challenges.c.expires > time.time())
        row = connection.execute(mine).first()
        made = real(connection, client_id, host_random)
        return made if row is None else made.model_copy(update={"nonce": row.nonce, "host_random": row.host_random})

    return new


def _not_spent(connection: Any, nonce: str, client_id: str, *ids: Any) -> str:
    row = connection.execute(select(challenges).where(challenges.c.nonce == nonce)).one_or_none()
    single_use.spend(connection, *ids)
    if row is None or row.client_id != client_id:
        raise InvalidGrant("unknown")
    return str(row.host_random)


def _unknown_will_do(connection: Any, nonce: str, client_id: str, *ids: Any) -> str:
    return "0" * 16 if nonce == "A" * 43 else single_use.spend_challenge(connection, nonce, client_id, *ids)


def _anyone_s(connection: Any, nonce: str, client_id: str, *ids: Any) -> str:
    owner = connection.execute(select(challenges.c.client_id).where(challenges.c.nonce == nonce)).scalar()
    return single_use.spend_challenge(connection, nonce, str(owner), *ids)


def _any_nonce(real: Any) -> Any:
    def check(*arguments: Any, **named: Any) -> Any:
        from unittest import mock

        with mock.patch(f"{DPOP}._known_nonce", lambda _key, _nonce: True):
            return real(*arguments, **named)

    return check


def _any_key(real: Any) -> Any:
    def require(engine: Any, token: str, held: Any, scope: str, audience: str) -> Any:
        from central.identity.tokens import look_up

        grant = look_up(engine, token)
        return real(engine, token, replace(held, jkt=grant.jkt) if grant else held, scope, audience)

    return require


def _a_terminal_s_own_is_somebody_s(real: Any) -> Any:
    def require(engine: Any, token: str, held: Any, scope: str, audience: str) -> Any:
        from central.identity.tokens import look_up

        grant = look_up(engine, token)
        own = grant is not None and grant.person is None and scope == "social"
        return replace(grant, person=1) if own and grant else real(engine, token, held, scope, audience)

    return require


def _revoked_will_do(real: Any) -> Any:
    def look_up(engine: Any, token: str) -> Any:
        from central.identity.tokens import _TOKEN, _digest, _grant

        row = _TOKEN.look_up(engine, wanted=_digest(token))
        return _grant(row) if row is not None and row["ended"] else real(engine, token)

    return look_up


def _token_only(connection: Any, token: str, client_id: str) -> None:
    from central.identity.tokens import _digest

    mine = select(sessions.c.sid).where(sessions.c.client_id == client_id)
    connection.execute(delete(tokens).where(tokens.c.digest == _digest(token), tokens.c.sid.in_(mine)))


def _by_anyone(real: Any) -> Any:
    def revoke(connection: Any, token: str, client_id: str) -> Any:
        from central.identity.tokens import _TOKEN, _digest

        row = _TOKEN.row(connection, wanted=_digest(token))
        return real(connection, token, row["client_id"] if row else client_id)

    return revoke


def _renewed(exchange: Exchange) -> bool:
    from urllib.parse import parse_qs

    from central.conformance.signing import unb64

    assertion = parse_qs(exchange.body.decode()).get("assertion", [""])[0]
    return bool(assertion) and "sid" in json.loads(unb64(assertion.split(".")[1]))


def _other_sid(exchange: Exchange) -> None:
    if exchange.path == "/token" and exchange.status == 200 and _renewed(exchange):
        exchange.tell({**exchange.told(), "sid": str(uuid.uuid4())})


def _other_terminal(real: Any) -> Any:
    def new(office: Any, connection: Any, grant: Any, rule: Any, request: Any) -> Any:
        return real(office, connection, replace(grant, client_id="T99"), rule, request)

    return new


def _other_seal_key(real: Any) -> Any:
    def sign(keys: Any, sealed: Any) -> str:
        from joserfc.jwk import ECKey

        from backend_client.client.keys import SigningKey

        other = SigningKey.generate()
        pem = other.private.private_bytes(*_PEM)
        key = ECKey.import_key({**ECKey.import_key(pem).as_dict(private=True), "kid": keys.seal_key.kid})
        return str(real(_Keys(keys.suite, key), sealed))

    return sign


class _Keys:
    def __init__(self, suite: Any, seal_key: Any) -> None:
        self.suite, self.seal_key = suite, seal_key


def _pem() -> tuple[Any, Any, Any]:
    from cryptography.hazmat.primitives import serialization as form

    return form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()


_PEM = _pem()


def _other_subject(real: Any) -> Any:
    return lambda keys, sealed: real(keys, replace(sealed, subject="9900000"))


def _seen_again_is_new(real: Any) -> Any:
    seen: set[tuple[str, str]] = set()

    def issue(office: Any, grant: Any, request: Any, key: uuid.UUID) -> Any:
        again = (str(key), request.kind) in seen
        seen.add((str(key), request.kind))
        return real(office, grant, request, uuid.uuid4() if again else key)

    return issue


def _conflict_ignored(real: Any) -> Any:
    return lambda row, wanted: real(row, row.request or wanted)


class _LastIssue:
    """Gives the last document again when the very next request asks for another one."""

    def __init__(self) -> None:
        self.last: bytes | None = None
        self.key = ""

    def change(self, exchange: Exchange) -> None:
        issuing = exchange.path == DOCUMENTS and exchange.status == 201
        if issuing and self.last is not None and exchange.sent["idempotency-key"] != self.key:
            exchange.answer = self.last
        self.last, self.key = (exchange.answer, exchange.sent["idempotency-key"]) if issuing else (None, "")


def _not_closed(engine: Any, terminal_id: str, key: uuid.UUID) -> Any:
    from central.issuing import _by_key, _status

    with writing(engine) as connection:
        row = _by_key(connection, terminal_id, key)
    if row is None or row.doc_no is None:
        raise CentralRefusal(404, "unknown_key", "Nothing.")
    return _status(row)


def _once(state: str) -> Any:
    def wrap(real: Any) -> Any:
        seen: set[str] = set()

        def report(engine: Any, terminal_id: str, doc_no: str, told: Any) -> Any:
            if told.state == state and doc_no in seen:
                raise CentralRefusal(409, "fate_known", "Again.")
            answer = real(engine, terminal_id, doc_no, told)
            if told.state == state:
                seen.add(doc_no)
            return answer

        return report

    return wrap


def _any_fate(real: Any) -> Any:
    def report(engine: Any, terminal_id: str, doc_no: str, told: Any) -> Any:
        with writing(engine) as connection:
            connection.execute(update(documents).where(documents.c.doc_no == doc_no).values(state="issued"))
        return real(engine, terminal_id, doc_no, told)

    return report


def _anyone_tells(real: Any) -> Any:
    def report(engine: Any, terminal_id: str, doc_no: str, told: Any) -> Any:
        with engine.connect() as connection:
            owner = connection.execute(select(documents.c.terminal_id).where(documents.c.doc_no == doc_no)).scalar()
        return real(engine, owner or terminal_id, doc_no, told)

    return report


def _stale_list(real: Any) -> Any:
    kept: list[Any] = []

    def make(engine: Any, keys: Any, url: str) -> Any:
        with writing(engine) as connection:
            connection.exec_driver_sql("UPDATE statuses SET void = 0")
        kept.append(real(engine, keys, url))
        return kept[0]

    return make


_REFUSE = InvalidGrant.__init__


def _reason_told(refusal: InvalidGrant, reason: str) -> None:
    _REFUSE(refusal, reason)
    refusal.sentence = reason


class _Dead:
    """After a request that is too large nothing is said any more."""

    def __init__(self) -> None:
        self.dead = False

    def change(self, exchange: Exchange) -> None:
        self.dead = self.dead or len(exchange.body) > 500_000
        if self.dead and exchange.path == "/healthz":
            exchange.tell({})


FAULTS: dict[str, Fault] = {
    "health": member("/healthz", "status", "fine"),
    "date": header("/healthz", "date", "Thu, 01 Jan 2015 00:00:00 GMT"),
    "metadata-issuer": member(METADATA, "issuer", "https://other.example.invalid"),
    "metadata-endpoints": member(METADATA, "revocation_endpoint", None),
    "metadata-grants": member(METADATA, "grant_types_supported", ["authorization_code"]),
    "metadata-client-authentication": member(METADATA, "token_endpoint_auth_methods_supported", ["none"]),
    "metadata-dpop": member(METADATA, "dpop_signing_alg_values_supported", ["RS256"]),
    "keys-usable": _public_key_member("use", "enc"),
    "keys-public": _public_key_member("d", "AAAA"),
    "signed-date": patched(f"{ROUTES}.time_claims", _late),
    "signed-date-nonce": around(f"{ROUTES}.time_claims", _same_nonce),
    "challenge": member("/card/challenge", "expires_in", 3600),
    "challenge-fresh": around(f"{ROUTES}.new_challenge", _kept_challenge),
    "challenge-needs-client": answered("/card/challenge", without_client),
    "token": member("/token", "token_type", "Bearer", BY_CARD),
    "token-assurance": member("/token", "acr", "gold", BY_CARD),
    "token-not-stored": header("/token", "cache-control", None),
    "own-token": member("/token", "holder", {"id_no": OTHER_ID, "name": "测甲"}, OWN),
    "scope-unknown": answered("/token", lambda one: b"everything" in one.body),
    "resource-unknown": patched(f"{GRANTS}.audience_of", lambda central, _resource: central.api),
    "grant-unknown": answered("/token", lambda one: b"grant_type=password" in one.body),
    "challenge-once": patched(f"{CARD}.spend_challenge", _not_spent),
    "challenge-unknown": patched(f"{CARD}.spend_challenge", _unknown_will_do),
    "challenge-other-terminal": patched(f"{CARD}.spend_challenge", _anyone_s),
    "assertion-once": forgotten("card:"),
    "assertion-expired": lenient(CARD, lambda _iat, exp, now: exp < now - SKEW),
    "assertion-future": lenient(CARD, lambda iat, _exp, now: iat > now + SKEW),
    "assertion-lifetime": lenient(CARD, lambda iat, exp, _now: exp - iat > 60),
    "assertion-audience": undemanded(CARD, "aud"),
    "assertion-client": undemanded(CARD, "client_id"),
    "assertion-key": undemanded(CARD, "cnf"),
    "assertion-type": any_type(CARD),
    "assertion-signature": unverified(CARD),
    "assertion-unsigned": unsigned(CARD),
    "cryptogram": patched(f"{GRANTS}.check_cryptogram", lambda *_: None),
    "client-assertion-once": forgotten("client:"),
    "client-assertion-audience": claim_replaced(CLIENT, "aud", Whatever()),
    "client-assertion-signature": unverified(CLIENT),
    "client-assertion-expired": lenient(CLIENT, lambda _iat, exp, now: exp < now - SKEW),
    "dpop-at-token": answered("/token", lambda one: b"assertion=" in one.body and "dpop" not in one.sent),
    "dpop-nonce-at-token": around(f"{GRANTS}.check_proof", _any_nonce),
    "dpop-nonce": around(f"{OFFICE}.check_proof", _any_nonce),
    "dpop-missing": answered(
        RECORD, lambda one: one.sent.get("authorization", "").startswith("DPoP") and "dpop" not in one.sent
    ),
    "dpop-bearer": answered(RECORD, lambda one: one.sent.get("authorization", "").startswith("Bearer")),
    "dpop-once": forgotten("dpop:"),
    "dpop-method": undemanded(DPOP, "htm"),
    "dpop-url": undemanded(DPOP, "htu"),
    "dpop-token": undemanded(DPOP, "ath"),
    "dpop-old": patched(f"{DPOP}.moment", lambda *_: time.time()),
    "dpop-key": around(f"{OFFICE}.require", _any_key),
    "dpop-signature": unverified(DPOP),
    "dpop-type": any_type(DPOP),
    "token-bound": member("/introspect", "cnf", None),
    "introspection": member("/introspect", "acr", None),
    "introspection-subject": patched(
        "central.keys.Keys.pairwise", lambda keys, number, _client: person(keys.seed, number).id_no
    ),
    "introspection-unknown": member("/introspect", "reason", "unknown", "token=AAAA"),
    "introspection-needs-client": answered("/introspect", without_client),
    "introspection-stranger": patched("central.identity.introspection._may_ask", lambda *_: True),
    "revocation": around("central.identity.tokens.look_up", _revoked_will_do),
    "revocation-unknown": answered(
        "/revoke",
        lambda one: b"token=AAAA" in one.body and not without_client(one) and b"token=BBBB" not in one.body,
        400,
        {"error": "invalid_request"},
    ),
    "revocation-needs-client": answered("/revoke", without_client),
    "revocation-stranger": around("central.identity.tokens.revoke", _by_anyone),
    "renewal": Fault(_other_sid),
    "renewal-cap": member("/token", "session_expires_in", 900, BY_CARD),
    "revocation-ends-session": patched("central.identity.tokens.revoke", _token_only),
    "scope-insufficient": scope_forgiven(lambda grant, scope: (grant.scope, scope) == ("family", "social")),
    "contributions": member(RECORD, "data_cutoff", None),
    "contributions-own": member(RECORD, "subject_id_no", OTHER_ID),
    "family-planning": member(FAMILY, "data_cutoff", None),
    "family-planning-own": member(FAMILY, "subject_id_no", OTHER_ID),
    "records-json": header(RECORD, "content-type", "text/plain", lambda one: one.status == 200),
    "records-need-token": header(RECORD, "www-authenticate", "Bearer", anonymous),
    "records-need-holder": around(f"{OFFICE}.require", _a_terminal_s_own_is_somebody_s),
    "issue": member(DOCUMENTS, "colour", "red", '"kind"'),
    "issue-facts": around(f"{ISSUING}._new", _other_terminal),
    "issue-sealed": around(f"{ISSUING}.sign", _other_seal_key),
    "issue-seal-says-the-same": around(f"{ISSUING}.sign", _other_subject),
    "idempotent": around(f"{ISSUING}.issue", _seen_again_is_new),
    "idempotent-conflict": around(f"{ISSUING}._again", _conflict_ignored),
    "idempotent-new-key": Fault(_LastIssue().change),
    "idempotent-key-needed": answered(
        DOCUMENTS, lambda one: one.method == "POST" and one.path == DOCUMENTS and "idempotency-key" not in one.sent, 201
    ),
    "by-key": member(f"{DOCUMENTS}/by-key/", "state", "printed"),
    "by-key-unknown": answered(
        f"{DOCUMENTS}/by-key/", lambda one: b"unknown_key" in one.answer, 404, {"error": "not_found"}
    ),
    "by-key-closes": patched(f"{ISSUING}.status_of", _not_closed),
    "fate-printed": around(f"{ISSUING}.report_fate", _once("printed")),
    "fate-voided": around(f"{ISSUING}.report_fate", _once("voided")),
    "fate-known": around(f"{ISSUING}.report_fate", _any_fate),
    "fate-unknown": answered(DOCUMENTS, lambda one: "SY000000" in one.path),
    "fate-stranger": around(f"{ISSUING}.report_fate", _anyone_tells),
    "fate-needs-terminal": scope_forgiven(lambda grant, scope: bool(grant.person) and scope == "terminal"),
    "status-list": around("central.status_list.make", _stale_list),
    "file-signature": member(DOCUMENTS, "cms", base64.b64encode(b"hello").decode(), "sha256"),
    "problem": header(RECORD, "content-type", "application/json", anonymous),
    "problem-oauth": header("/token", "content-type", "application/problem+json", lambda one: not one.body),
    "problem-sentences": answered(
        FAMILY, anonymous, 401, {"error": "invalid_token", "holder": {"zh": "sorry", "en": "sorry"}}
    ),
    "problem-no-hint": patched("central.errors.InvalidGrant.__init__", _reason_told),
    "not-found": answered("/api/v1/no-such-thing", lambda _one: True, 404, {"detail": "Not Found"}),
    "method": header("/token", "allow", None),
    "unauthorized": header("/", "www-authenticate", None, lambda one: b"invalid_client" in one.answer),
    "parameter-twice": answered("/revoke", lambda one: b"token=BBBB" in one.body),
    "malformed": answered(DOCUMENTS, lambda one: one.body == b'{"kind": ', 500, {"error": "server_error"}),
    "oversize": answered("/token", lambda one: len(one.body) > 500_000, 500, {"error": "server_error"}),
    "still-there": Fault(_Dead().change),
    "step-up": patched("central.identity.tokens._assured", lambda *_: None),
}
