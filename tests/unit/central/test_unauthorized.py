"""Every 401, of whatever call, says which authentication is wanted (RFC 9110 section 15.5.2)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.client.keys import DeviceKey
from backend_client.client.proofs import client_assertion
from central.errors import CLIENT_CHALLENGE
from tests.city import TERMINAL, City

NO_CLIENT = ("/token", "/card/challenge", "/introspect", "/revoke", "/device_authorization")


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A fresh city."""
    made = City(tmp_path)
    yield made
    made.close()


def operations(city: City) -> list[tuple[str, str]]:
    """Every method and path, with something in the place of what the path names."""
    paths = city.app.openapi()["paths"]
    return [(method.upper(), path.replace("{", "").replace("}", "")) for path in paths for method in paths[path]]


@pytest.mark.parametrize("sent", [{}, {"Authorization": "DPoP none"}, {"Authorization": "Basic bm9uZTpub25l"}], ids=str)
def test_every_401_has_a_challenge(city: City, sent: dict[str, str]) -> None:
    answers = {(m, path): city.client.request(m, path, headers=sent) for m, path in operations(city)}
    refused = {call: answer for call, answer in answers.items() if answer.status_code == 401}
    assert len(refused) >= 20, "most calls need somebody"
    assert [call for call, answer in refused.items() if not answer.headers.get("WWW-Authenticate")] == []


@pytest.mark.parametrize("path", NO_CLIENT)
def test_a_client_that_proves_nothing_is_told_how(city: City, path: str, tmp_path: Path) -> None:
    stranger = client_assertion(DeviceKey.create(tmp_path / "other.pem"), TERMINAL, city.url)
    for form in ({}, stranger):
        answer = city.client.post(path, data={**form, "token": "x", "grant_type": "client_credentials"})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"] == CLIENT_CHALLENGE["WWW-Authenticate"]


def test_an_enrolment_code_is_asked_for_by_its_own_scheme(city: City) -> None:
    answer = city.client.post("/.well-known/est/simpleenroll", content=b"")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="enrolment"')
