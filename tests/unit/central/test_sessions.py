"""Sessions: renewal within 15 minutes, step-up, resources, introspection, refusals that tell nothing."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from backend_client.client.keys import SigningKey
from backend_client.client.proofs import client_assertion, dpop_proof
from central.errors import holder_sentence
from central.identity.scopes import ACR_CRYPTOGRAM, ACR_SIGNATURE, needs
from central.identity.tables import sessions
from central.storage import writing
from tests.city import TERMINAL, URL, City, refused, register

SERVICE = "https://grid.example.invalid/api"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A fresh city."""
    made = City(tmp_path)
    yield made
    made.close()


def change_session(city: City, **values: float) -> None:
    """Let time pass for all sessions."""
    with writing(city.engine) as connection:
        connection.execute(update(sessions).values(**values))


def introspected(city: City, token: str, form: dict[str, str] | None = None) -> dict[str, Any]:
    """What introspection says."""
    answer: dict[str, Any] = city.client.post("/introspect", data={**(form or city.form()), "token": token}).json()
    return answer


def test_a_session_goes_on_by_another_signature_of_the_same_card(city: City) -> None:
    card, key = city.card(), SigningKey.generate()
    first = city.token(card, key).json()
    second = city.token(card, key, sid=first["sid"], auth_time=time.time()).json()
    assert second["sid"] == first["sid"] and second["access_token"] != first["access_token"]
    assert first["session_expires_in"] == 900
    for token in (first, second):
        assert city.call("GET", "/api/v1/contributions", key, token["access_token"]).status_code == 200


def test_nobody_else_goes_on_with_a_session(city: City) -> None:
    card, key = city.card(), SigningKey.generate()
    sid = city.token(card, key).json()["sid"]
    assert refused(city.token(city.card(8), key, sid=sid), "invalid_grant")
    assert refused(city.token(card, SigningKey.generate(), sid=sid), "invalid_grant")
    assert refused(city.token(card, key, sid="no-such-session"), "invalid_grant")
    assert refused(city.token(card, key, sid=sid, auth_time=time.time() - 900), "invalid_grant")
    assert refused(city.token(card, key, auth_time=time.time() - 900), "invalid_grant")
    assert refused(city.token(card, key, auth_time=time.time() + 90), "invalid_grant")


def test_a_session_is_over_after_15_minutes_whatever_is_renewed(city: City) -> None:
    card, key = city.card(), SigningKey.generate()
    first = city.token(card, key).json()
    change_session(city, ends=time.time() + 100)
    renewed = city.token(card, key, sid=first["sid"], auth_time=time.time()).json()
    assert renewed["expires_in"] <= 100 and renewed["session_expires_in"] <= 100
    change_session(city, ends=time.time() - 1)
    assert refused(city.call("GET", "/api/v1/contributions", key, renewed["access_token"]), "invalid_token")
    assert refused(city.token(card, key, sid=first["sid"], auth_time=time.time()), "invalid_grant")


def test_revoking_one_token_ends_the_session(city: City) -> None:
    card, key = city.card(), SigningKey.generate()
    first = city.token(card, key).json()
    second = city.token(card, key, sid=first["sid"], auth_time=time.time()).json()
    assert city.client.post("/revoke", data={**city.form(), "token": second["access_token"]}).status_code == 200
    assert introspected(city, first["access_token"]) == {"active": False}
    assert refused(city.token(card, key, sid=first["sid"], auth_time=time.time()), "invalid_grant")


def test_another_terminal_cannot_revoke(city: City) -> None:
    card, key, other = city.card(), SigningKey.generate(), SigningKey.generate()
    token = city.token(card, key).json()["access_token"]
    register(city.context, "T44010500002", other)
    form = client_assertion(other, "T44010500002", URL)
    assert city.client.post("/revoke", data={**form, "token": token}).status_code == 200
    assert introspected(city, token)["active"]


def test_a_stale_pin_needs_a_step_up(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(needs(), "social", needs()["account.change"])
    card, key = city.card(), SigningKey.generate()
    first = city.token(card, key).json()
    assert city.call("GET", "/api/v1/contributions", key, first["access_token"]).status_code == 200
    change_session(city, auth_time=time.time() - 400)
    answer = city.call("GET", "/api/v1/contributions", key, first["access_token"])
    assert refused(answer, "insufficient_user_authentication")
    assert "max_age=300" in answer.headers["WWW-Authenticate"] and answer.json()["max_age"] == 300
    again = city.token(card, key, sid=first["sid"], auth_time=time.time()).json()
    assert city.call("GET", "/api/v1/contributions", key, again["access_token"]).status_code == 200


def test_a_weak_card_is_told_which_would_do(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    strong = needs()["social"].__class__("", "", ACR_SIGNATURE)
    monkeypatch.setitem(needs(), "social", strong)
    key = SigningKey.generate()
    token = city.token(city.old_card(), key).json()
    assert token["acr"] == ACR_CRYPTOGRAM
    answer = city.call("GET", "/api/v1/contributions", key, token["access_token"])
    assert refused(answer, "insufficient_user_authentication")
    assert answer.json()["acr_values"] == ACR_SIGNATURE in answer.headers["WWW-Authenticate"]


def test_profile_b_is_a_full_sign_in(city: City) -> None:
    key = SigningKey.generate()
    token = city.token(city.old_card(), key).json()
    assert city.call("GET", "/api/v1/contributions", key, token["access_token"]).status_code == 200


def test_introspection_tells_a_resource_server_about_its_own_tokens(city: City) -> None:
    service, key = SigningKey.generate(), SigningKey.generate()
    register(city.context, "grid", service, SERVICE)
    card = city.card()
    ours = city.token(card, key).json()["access_token"]
    theirs = city.token(card, key, form={"resource": SERVICE}).json()["access_token"]
    form = client_assertion(service, "grid", URL)
    assert introspected(city, ours, form) == {"active": False}
    seen = introspected(city, theirs, client_assertion(service, "grid", URL))
    assert seen["aud"] == SERVICE and seen["act"] == {"sub": TERMINAL} and seen["iss"] == URL
    assert seen["cnf"] == {"jkt": key.thumbprint} and seen["token_type"] == "DPoP" and seen["acr"] == ACR_SIGNATURE
    assert {"auth_time", "sid", "exp", "iat", "scope", "client_id"} <= seen.keys()
    assert seen["sub"] != introspected(city, ours)["sub"], "sub is pairwise"
    assert refused(city.call("GET", "/api/v1/contributions", key, theirs), "invalid_token")
    assert refused(city.token(card, key, form={"resource": "https://other.invalid"}), "invalid_target")


def test_metadata_names_what_is_there(city: City) -> None:
    told = city.client.get("/.well-known/oauth-authorization-server").json()
    assert told["issuer"] == URL
    paths = city.app.openapi()["paths"]
    for name, value in told.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert value.removeprefix(URL) in paths
    for scope in needs():
        assert scope in told["scopes_supported"]


def test_refusals_of_every_kind_read_the_same(city: City) -> None:
    card, key = city.card(), SigningKey.generate()
    lost = city.card(9)
    with writing(city.engine) as connection:
        connection.exec_driver_sql("UPDATE cards SET state = 'lost' WHERE person = 9")
    answers = [
        city.token(lost, key), city.token(card, key, challenge=type(city.challenge())(
            nonce="n" * 43, host_random="0" * 16, expires_in=60)), city.token(card, key, jkt="x" * 43),
    ]  # fmt: skip
    bodies = [{**answer.json(), "instance": ""} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["holder"] == holder_sentence("invalid_grant")


def test_problem_details_have_their_media_type_except_where_oauth_fixes_it(city: City) -> None:
    assert city.client.get("/nothing").headers["content-type"] == "application/problem+json"
    assert city.client.get("/api/v1/contributions").headers["content-type"] == "application/problem+json"
    assert city.client.post("/token", data={}).headers["content-type"] == "application/json"
    assert refused(city.client.get("/nothing"), "not_found")
    assert refused(city.client.put("/token"), "method_not_allowed")


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/token", "POST"), ("/api/v1/account", "GET, POST"), ("/healthz", "GET"), ("/verify", "GET, POST")],
)
def test_a_method_that_is_not_there_is_told_which_are(city: City, path: str, methods: str) -> None:
    assert city.client.put(path).headers["Allow"] == methods


def test_a_parameter_sent_twice_is_refused(city: City) -> None:
    body = "&".join(f"{name}={value}" for name, value in city.form().items()) + "&token=a&token=b"
    answer = city.client.post("/revoke", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert refused(answer, "invalid_request")


def test_the_signed_date_answers_our_nonce_only(city: City) -> None:
    from backend_client.client.clock import signed_time
    from backend_client.client.errors import Nonsense

    keys = {str(key["kid"]): key for key in city.keys.public_jwks()["keys"]}
    statement = city.client.get("/time?nonce=0123456789abcdef").json()["statement"]
    assert abs(signed_time(statement, keys, URL, "0123456789abcdef") - time.time()) < 5
    for wrong in (
        ("another-nonce-of-ours", URL, keys),
        ("0123456789abcdef", "http://x", keys),
        ("0123456789abcdef", URL, {}),
    ):
        with pytest.raises(Nonsense):
            signed_time(statement, wrong[2], wrong[1], wrong[0])
    forged = {kid: {**key, **SigningKey.generate().public_jwk()} for kid, key in keys.items()}
    with pytest.raises(Nonsense):
        signed_time(statement, forged, URL, "0123456789abcdef")
    proof = dpop_proof(SigningKey.generate(), "GET", URL, "0123456789abcdef")
    with pytest.raises(Nonsense):
        signed_time(proof, keys, URL, "0123456789abcdef")


def test_an_old_database_is_named_not_broken(tmp_path: Path) -> None:
    import sqlite3

    from central.storage import OldSchema, open_storage

    with sqlite3.connect(tmp_path / "old.db") as connection:
        connection.execute("CREATE TABLE tokens (digest TEXT PRIMARY KEY, person INTEGER)")
    connection.close()
    with pytest.raises(OldSchema, match="tokens"):
        open_storage(f"sqlite:///{tmp_path}/old.db")
