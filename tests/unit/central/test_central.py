"""The reference central platform through its API, with hand-made keys: good calls, and attacks on each check."""

import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend_client.client.errors import SealInvalid
from backend_client.client.keys import SigningKey
from backend_client.client.proofs import client_assertion, dpop_proof
from backend_client.client.seal_check import check_seal
from backend_client.contract.documents import DocumentKind, IssuedDocument, IssuedNumbers
from central.api.app import create_app
from central.identity import dpop
from central.issuing import issued_between
from central.personalise import card_name, personalise
from tests.city import TERMINAL, URL, City, SoftCard, refused

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A fresh city."""
    made = City(tmp_path)
    yield made
    made.close()


@pytest.fixture
def signed_in(city: City) -> tuple[SigningKey, str]:
    """A session key and its token."""
    session = SigningKey.generate()
    return session, city.token(city.card(), session).json()["access_token"]


def test_a_card_signs_in_and_reads(city: City, signed_in: tuple[SigningKey, str]) -> None:
    key, token = signed_in
    answer = city.call("GET", "/api/v1/contributions", key, token)
    assert answer.status_code == 200
    assert answer.json()["person"]["name"] == "许斌嘉"
    assert city.call("GET", "/api/v1/family-planning", key, token).status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_attacks_on_the_card_grant(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card, session = city.card(), SigningKey.generate()
    used = city.challenge()
    assert city.token(card, session, challenge=used).status_code == 200
    assert refused(city.token(card, session, challenge=used), "invalid_grant")
    assert refused(city.token(card, session, audience="http://other/token"), "invalid_grant")
    assert refused(city.token(card, session, jkt=SigningKey.generate().thumbprint), "invalid_grant")
    assert refused(city.token(card, session, scope="everything"), "invalid_scope")
    assert refused(city.token(card, session, assertion="a.b.c"), "invalid_grant")
    stranger = City(tmp_path_for(tmp_path))
    assert refused(city.token(stranger.card(), session), "invalid_grant")
    unsigned = SoftCard(personalise(city.engine, city.keys, 9, 3))
    monkeypatch.setattr(unsigned, "sign", lambda _digest: bytes(64))
    assert refused(city.token(unsigned, session), "invalid_grant")
    stranger.close()


def tmp_path_for(folder: Path) -> Path:
    """A second folder."""
    other = folder / "other"
    other.mkdir()
    return other


def test_an_expired_card_is_refused(city: City) -> None:
    card = SoftCard(personalise(city.engine, city.keys, 4, 3, expired=True))
    assert refused(city.token(card, SigningKey.generate()), "invalid_grant")


def test_attacks_on_client_authentication(city: City) -> None:
    form = city.form()
    assert city.client.post("/card/challenge", data=form).status_code == 200
    assert refused(city.client.post("/card/challenge", data=form), "invalid_client")
    assert refused(city.client.post("/card/challenge", data={}), "invalid_client")
    assert refused(city.client.post("/card/challenge", data={**form, "client_assertion": "x.y.z"}), "invalid_client")
    wrong = client_assertion(city.device, TERMINAL, "http://other/token")
    assert refused(city.client.post("/card/challenge", data=wrong), "invalid_client")
    nobody = client_assertion(city.device, "T99999999999", f"{URL}/token")
    assert refused(city.client.post("/card/challenge", data=nobody), "invalid_client")


def test_attacks_on_dpop(city: City, signed_in: tuple[SigningKey, str]) -> None:
    key, token = signed_in
    path = "/api/v1/contributions"
    proof = dpop_proof(key, "GET", URL + path, city.nonce, token)
    assert city.call("GET", path, key, token, proof=proof).status_code == 200
    assert refused(city.call("GET", path, key, token, proof=proof), "invalid_dpop_proof")
    other = SigningKey.generate()
    assert refused(city.call("GET", path, other, token), "invalid_token")
    for bad in (
        dpop_proof(key, "POST", URL + path, city.nonce, token), dpop_proof(key, "GET", URL, city.nonce, token),
        dpop_proof(key, "GET", URL + path, city.nonce, "another"), dpop_proof(key, "GET", URL + path, city.nonce),
    ):  # fmt: skip
        assert refused(city.call("GET", path, key, token, proof=bad), "invalid_dpop_proof")
    stale = dpop_proof(key, "GET", URL + path, "no-nonce-of-ours", token)
    answer = city.call("GET", path, key, token, proof=stale)
    assert refused(answer, "use_dpop_nonce")
    assert answer.headers["DPoP-Nonce"]
    assert city.client.get(path).status_code == 401


def test_a_revoked_token_is_dead_and_introspection_says_so(city: City, signed_in: tuple[SigningKey, str]) -> None:
    key, token = signed_in
    alive = city.client.post("/introspect", data={**city.form(), "token": token}).json()
    assert alive["active"] and alive["act"] == {"sub": TERMINAL} and alive["cnf"] == {"jkt": key.thumbprint}
    assert "990" not in alive["sub"]
    assert city.client.post("/revoke", data={**city.form(), "token": token}).status_code == 200
    assert refused(city.call("GET", "/api/v1/contributions", key, token), "invalid_token")
    assert city.client.post("/introspect", data={**city.form(), "token": token}).json()["active"] is False
    assert city.client.post("/revoke", data={**city.form(), "token": "unknown"}).status_code == 200


def test_scopes_hold(city: City) -> None:
    session = SigningKey.generate()
    token = city.token(city.card(), session, scope="family").json()["access_token"]
    assert refused(city.call("GET", "/api/v1/contributions", session, token), "insufficient_scope")
    assert refused(issue(city, session, token, uuid.uuid4()), "insufficient_scope")


def test_the_daily_limit(city: City, signed_in: tuple[SigningKey, str]) -> None:
    key, token = signed_in
    codes = [city.call("GET", "/api/v1/contributions", key, token).status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]


def issue(city: City, key: SigningKey, token: str, idempotency: uuid.UUID, kind: str = "SB", medium: str = "a4") -> Any:
    """Ask for a document."""
    headers = {"Idempotency-Key": str(idempotency)}
    body = {"kind": kind, "medium": medium}
    return city.call("POST", "/api/v1/documents", key, token, json=body, headers=headers)


def test_one_key_gives_one_number_whoever_asks_at_once(city: City, signed_in: tuple[SigningKey, str]) -> None:
    key, token = signed_in
    one = uuid.uuid4()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _index: issue(city, key, token, one), range(12)))
        others = list(pool.map(lambda _index: issue(city, key, token, uuid.uuid4()), range(12)))
    assert {answer.status_code for answer in answers + others} == {201}
    assert len({answer.text for answer in answers}) == 1
    numbers = sorted(answer.json()["doc_no"] for answer in [answers[0], *others])
    assert [int(number[-4:]) for number in numbers] == list(range(1, 14))


def test_attacks_on_issuing(city: City, signed_in: tuple[SigningKey, str]) -> None:
    key, token = signed_in
    one = uuid.uuid4()
    assert issue(city, key, token, one).status_code == 201
    assert refused(issue(city, key, token, one, "SY", "slip"), "idempotency_conflict")
    assert refused(issue(city, key, token, uuid.uuid4(), "SB", "slip"), "wrong_medium")
    assert refused(issue(city, key, token, uuid.uuid4(), "XX"), "invalid_request")


def terminal_token(city: City) -> tuple[SigningKey, str]:
    """The terminal's own token."""
    key = SigningKey.generate()
    form = {"grant_type": "client_credentials", "scope": "terminal", **city.form()}
    proof = dpop_proof(key, "POST", f"{URL}/token", city.nonce)
    return key, city.client.post("/token", data=form, headers={"DPoP": proof}).json()["access_token"]


def test_fates_are_told_once_and_keys_are_closed(city: City, signed_in: tuple[SigningKey, str]) -> None:
    own, mine = terminal_token(city)
    one, unknown = uuid.uuid4(), uuid.uuid4()
    number = issue(city, *signed_in, one).json()["doc_no"]
    assert city.call("GET", f"/api/v1/documents/by-key/{one}", own, mine).json()["doc_no"] == number
    assert refused(city.call("GET", f"/api/v1/documents/by-key/{unknown}", own, mine), "unknown_key")
    assert refused(issue(city, *signed_in, unknown), "key_closed")
    path = f"/api/v1/documents/{number}/fate"
    for _ in range(2):
        assert city.call("POST", path, own, mine, json={"state": "printed"}).json()["state"] == "printed"
    assert refused(city.call("POST", path, own, mine, json={"state": "voided"}), "fate_known")
    key, token = signed_in
    assert refused(city.call("POST", path, key, token, json={"state": "voided"}), "insufficient_scope")


def test_a_terminal_is_told_the_numbers_that_it_was_given(city: City, signed_in: tuple[SigningKey, str]) -> None:
    own, mine = terminal_token(city)
    key, other = uuid.uuid4(), "T44010500002"
    number = issue(city, *signed_in, key).json()["doc_no"]
    now = datetime.now(UTC)

    def books(since: timedelta, until: timedelta) -> Any:
        span = {"since": (now + since).isoformat(), "until": (now + until).isoformat()}
        return city.call("GET", "/api/v1/documents", own, mine, params=span)

    hour = timedelta(hours=1)
    found = IssuedNumbers.model_validate(books(-hour, hour).json()).documents
    assert [(one.doc_no, one.key, one.state) for one in found if one.key == key] == [(number, key, "issued")]
    assert books(-2 * hour, -hour).json() == {"documents": []}
    assert issued_between(city.engine, other, now - hour, now + hour).documents == ()
    for since, until in ((hour, -hour), (-hour, timedelta(days=31))):
        assert refused(books(since, until), "invalid_request")
    signed_key, token = signed_in
    span = {"since": now.isoformat(), "until": (now + hour).isoformat()}
    assert refused(city.call("GET", "/api/v1/documents", signed_key, token, params=span), "insufficient_scope")


def test_the_verification_page(city: City, signed_in: tuple[SigningKey, str]) -> None:
    document = issue(city, *signed_in, uuid.uuid4()).json()
    page = city.client.get(document["verify_url"].removeprefix(URL)).text
    assert "凭证有效" in page
    assert document["facts"]["record"]["person"]["name"] not in page
    assert "查无此凭证" in city.client.get(f"/verify/{document['doc_no']}?code=WRONG").text
    assert "<script>" not in city.client.get("/verify/<script>?code=<script>").text


def test_the_seal_holds_and_every_change_breaks_it(city: City, signed_in: tuple[SigningKey, str]) -> None:
    document = IssuedDocument.model_validate(issue(city, *signed_in, uuid.uuid4()).json())
    keys = {str(key["kid"]): key for key in city.keys.public_jwks()["keys"]}
    check_seal(document, keys)
    record = document.facts.record
    person = record.person.model_copy(update={"name": "别人"})  # type: ignore[union-attr]
    facts = document.facts.model_copy(update={"record": record.model_copy(update={"person": person})})
    changes: list[dict[str, object]] = [
        {"doc_no": "SB440113202601010001"}, {"verify_code": "2" * 16}, {"facts": facts}, {"valid_until": None},
        {"signed_code": document.signed_code[:-3]}, {"signed_code": "NOT BASE45"},
        {"kind": DocumentKind.CONTRIBUTIONS_SLIP},
    ]  # fmt: skip
    for change in changes:
        with pytest.raises(SealInvalid):
            check_seal(document.model_copy(update=change), keys)
    with pytest.raises(SealInvalid, match="pinned"):
        check_seal(document, {})
    forged = {kid: {**key, **SigningKey.generate().public_jwk()} for kid, key in keys.items()}
    with pytest.raises(SealInvalid, match="signature"):
        check_seal(document, forged)


def test_names_on_cards_are_gbk_with_pinyin_for_the_rare() -> None:
    assert card_name("廖𬱖").rstrip(b"\0").decode("gbk") == "廖DI"
    assert len(card_name("阿依古丽·买买提阿依古丽·买买提阿依")) == 30


def test_secrets_are_private(city: City) -> None:
    city.card()
    assert {path.stat().st_mode & 0o077 for path in city.keys.folder.iterdir()} == {0}


def test_the_committed_description_is_current() -> None:
    committed = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
    assert committed == json.loads(json.dumps(create_app().openapi()))


def test_a_nonce_lives_for_its_slot_and_the_next_only(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    key, start = city.keys.nonce_key, time.time()
    nonce = dpop.current_nonce(key)
    for later, known in ((0, True), (dpop.NONCE_SECONDS, True), (3 * dpop.NONCE_SECONDS, False)):
        monkeypatch.setattr("central.identity.dpop.time.time", lambda later=later: start + later)
        assert dpop._known_nonce(key, nonce) is known
    assert not dpop._known_nonce(key, None)
