"""Calls that are answered on the event loop: strict forms, what is used up, and many workers on one database."""

import base64
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select

from backend_client.client.enrolment import request_for
from backend_client.client.keys import SigningKey
from backend_client.client.proofs import client_assertion, dpop_proof
from backend_client.contract.identity import GRANT_CARD
from backend_client.crypto.errors import CryptoError
from central.api.app import create_app
from central.api.direct import MAX_FORM
from central.api.office import Context
from central.enrolment.register import NotEnrolled, enrol, new_code
from central.identity.card_grant import _from_certificate
from central.identity.claims import BadToken
from central.identity.clients import registered
from central.identity.single_use import Once, forget_challenges, spend
from central.identity.sites import Site, register_site
from central.storage import challenges, open_storage, seen_ids
from central.together import written
from tests.bench import CityBench
from tests.city import TERMINAL, City, refused, register
from tests.unit.central.test_sessions import introspected

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A fresh city."""
    made = City(tmp_path)
    yield made
    made.close()


@pytest.fixture
def other_worker(city: City, tmp_path: Path) -> Iterator[TestClient]:
    """Another process's view: an application of its own on the same database."""
    engine = open_storage(f"sqlite:///{tmp_path}/c.db")
    context = Context(engine, city.keys, city.context.settings, city.context.card_keys, city.sms)
    with TestClient(create_app(context), base_url=city.url) as client:
        yield client
    engine.dispose()


def request_of(city: City, key: SigningKey) -> dict[str, Any]:
    """A whole token request."""
    form = {"grant_type": GRANT_CARD, "scope": "social", "assertion": city.assertion(city.card(), key), **city.form()}
    return {"data": form, "headers": {"DPoP": dpop_proof(key, "POST", f"{city.url}/token", city.nonce)}}


@pytest.mark.expected_log("a key or the cryptography failed")
def test_failing_cryptography_is_said_on_busy_calls_too(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise CryptoError("This machine's libcrypto has no SM2; install another.")

    monkeypatch.setattr("central.api.identity_routes.new_challenge", broken)
    answer = city.client.post("/card/challenge", data=city.form())
    assert answer.status_code == 503 and refused(answer, "temporarily_unavailable")


def test_a_revocation_holds_at_once_in_every_worker(city: City, other_worker: TestClient) -> None:
    token = city.token(city.card(), SigningKey.generate()).json()["access_token"]
    asked = {"token": token}
    assert other_worker.post("/introspect", data={**city.form(), **asked}).json()["active"]
    assert city.client.post("/revoke", data={**city.form(), **asked}).status_code == 200
    assert not other_worker.post("/introspect", data={**city.form(), **asked}).json()["active"]
    assert not introspected(city, token)["active"]


def test_what_one_worker_took_no_other_one_takes(city: City, other_worker: TestClient) -> None:
    request = request_of(city, SigningKey.generate())
    assert city.client.post("/token", **request).status_code == 200
    assert refused(other_worker.post("/token", **request), "invalid_client")
    fresh = {**request, "data": {**request["data"], **city.form()}}
    assert refused(other_worker.post("/token", **fresh), "invalid_dpop_proof")
    key = SigningKey.generate()
    proof = {"DPoP": dpop_proof(key, "POST", f"{city.url}/token", city.nonce)}
    stolen: dict[str, Any] = {"data": {**request["data"], **city.form()}, "headers": proof}
    assert refused(other_worker.post("/token", **stolen), "invalid_grant")


@pytest.mark.parametrize("change", [{"grant_type": "password"}, {"scope": "everything"}, {"assertion": "x.y.z"}])
def test_a_refused_request_has_used_up_its_assertion(city: City, change: dict[str, str]) -> None:
    request = request_of(city, SigningKey.generate())
    good = request["data"]
    assert city.client.post("/token", **{**request, "data": {**good, **change}}).status_code == 400
    assert refused(city.client.post("/token", **request), "invalid_client")


def test_a_refused_card_has_used_up_its_challenge(city: City) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("central.identity.card_grant.GENERATION", {"urn:onecard:acr:card-signature": 9})
        request = request_of(city, SigningKey.generate())
        assert refused(city.client.post("/token", **request), "invalid_grant")
    key = SigningKey.generate()
    proof = {"DPoP": dpop_proof(key, "POST", f"{city.url}/token", city.nonce)}
    again: dict[str, Any] = {"data": {**request["data"], **city.form()}, "headers": proof}
    assert refused(city.client.post("/token", **again), "invalid_grant")
    with city.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(challenges)).scalar() == 0


def test_a_fault_undoes_the_whole_transaction(city: City) -> None:
    def fails(connection: Connection) -> None:
        spend(connection, Once("card:x", 2e9, AssertionError()))  # type: ignore[arg-type]
        raise LookupError("a fault")

    with pytest.raises(LookupError):
        written(city.engine, fails)
    with city.engine.connect() as connection:
        found = connection.execute(select(seen_ids).where(seen_ids.c.jti == "card:x")).all()
    assert not found
    assert city.challenge(), "and the next one finds the lock free"


def test_a_start_forgets_open_challenges(city: City) -> None:
    key = SigningKey.generate()
    request = request_of(city, key)
    forget_challenges(city.engine)
    assert refused(city.client.post("/token", **request), "invalid_grant")


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"token=a&token=b", FORM, 400),
        (b"token=%FF", FORM, 400),
        (b"token=\xff", FORM, 400),
        (b"&".join(b"x%d=1" % number for number in range(51)), FORM, 400),
        (b"token=a", "multipart/form-data; boundary=x", 400),
        (b'{"token": "a"}', "application/json", 400),
        (b"token=" + b"a" * 201, FORM, 400),
        (b"token=" + b"a" * MAX_FORM, FORM, 413),
        (b"", FORM, 400),
        (b"token=a", FORM, 401),
    ],
)
def test_a_form_is_read_strictly(city: City, content: bytes, kind: str, status: int) -> None:
    answer = city.client.post("/introspect", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status and answer.json()["status"] == status
    assert answer.headers["DPoP-Nonce"] and answer.headers["Cache-Control"] == "no-store"


def test_a_parameter_in_form_and_query_is_refused(city: City) -> None:
    answer = city.client.post("/introspect?token=b", data={"token": "a", **city.form()})
    assert refused(answer, "invalid_request")


def test_two_proofs_are_refused(city: City) -> None:
    request = request_of(city, SigningKey.generate())
    proof = request["headers"]["DPoP"]
    answer = city.client.post("/token", data=request["data"], headers=[("DPoP", proof), ("DPoP", proof)])
    assert refused(answer, "invalid_dpop_proof")


def test_a_site_is_not_enrolled_and_a_service_stays_one(city: City) -> None:
    key = SigningKey.generate()
    addresses = ("https://a.invalid/c", "https://a.invalid/l", "https://a.invalid/o")
    register_site(city.engine, Site("housing", "住建", "Housing", *addresses), key.public_jwk())
    with pytest.raises(NotEnrolled, match="register-site"):
        new_code(city.engine, "housing")
    register(city.context, "records", key, "https://records.invalid")
    code = new_code(city.engine, "records")
    enrol(city.engine, city.keys, "records", code, request_for(key.private, "records"))
    client = registered(city.engine, "records")
    assert (client.kind, client.resource) == ("service", "https://records.invalid") and client.x5t


def test_forms_are_described(city: City) -> None:
    """The description says what the code reads: both come from one model."""
    described = city.app.openapi()["components"]["schemas"]
    assert described["TokenForm"]["properties"]["token"]["maxLength"] == 200
    assert set(described["TokenRequest"]["required"]) == {"grant_type"}


def test_an_assertion_counts_once_and_old_ones_are_swept_out(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("central.identity.single_use.SWEEP_SECONDS", 0.0)
    form = client_assertion(city.device, TERMINAL, city.url)
    assert city.client.post("/card/challenge", data=form).status_code == 200
    assert refused(city.client.post("/card/challenge", data=form), "invalid_client")
    with city.engine.begin() as connection:
        connection.execute(insert(seen_ids).values(jti="old", expires=0.0))
    city.challenge()
    with city.engine.connect() as connection:
        assert not connection.execute(select(seen_ids).where(seen_ids.c.jti == "old")).all(), "swept out"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CityBench]:
    """An attacker's belongings."""
    made = CityBench(tmp_path_factory.mktemp("bench"))
    yield made
    made.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(0, 10**6), flip=st.integers(1, 255), cut=st.integers(0, 40))
def test_a_damaged_card_certificate_is_a_bad_token_or_says_the_same(
    bench: CityBench, place: int, flip: int, cut: int
) -> None:
    der = bytearray(base64.b64decode(bench.x5c[0]))
    der[place % len(der)] ^= flip
    damaged = base64.b64encode(bytes(der[: len(der) - cut])).decode()
    with contextlib.suppress(BadToken):
        # the one byte that may change: how many last bits of the signature are unused (X.690 section 8.6.2)
        assert _from_certificate(bench.city.keys.card_ca, [damaged]) == _from_certificate(
            bench.city.keys.card_ca, bench.x5c
        )
