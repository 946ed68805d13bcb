"""What callers see when central itself fails: problem details that say so, and nothing of what was sent or stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from backend_client.client.keys import SigningKey
from central.api import identity_routes
from tests.city import City, refused


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city whose clients get what a server answers."""
    made = City(tmp_path)
    made.client = TestClient(made.app, base_url=made.url, raise_server_exceptions=False)
    yield made
    made.close()


def lose(city: City, table: str) -> None:
    """The database is not what it was."""
    with city.engine.begin() as connection:
        connection.execute(text(f"DROP TABLE {table}"))


@pytest.mark.expected_log("the database failed")
def test_a_busy_call_says_not_now_when_the_database_fails(city: City) -> None:
    token = city.token(city.card(), SigningKey.generate()).json()["access_token"]
    lose(city, "tokens")
    answer = city.client.post("/introspect", data={"token": token, **city.form()})
    assert answer.status_code == 503 and refused(answer, "temporarily_unavailable")
    assert answer.headers["Retry-After"] and answer.headers["DPoP-Nonce"]


@pytest.mark.expected_log("the database failed")
def test_every_other_call_says_the_same(city: City) -> None:
    key = SigningKey.generate()
    token = city.token(city.card(), key, scope="account").json()["access_token"]
    lose(city, "accounts")
    answer = city.call("GET", "/api/v1/account", key, token)
    assert answer.status_code == 503 and refused(answer, "temporarily_unavailable")


def test_what_is_stored_or_sent_stands_in_no_error_of_the_database(city: City) -> None:
    with pytest.raises(Exception, match="no such table") as raised, city.engine.connect() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "somebody"})
    assert "somebody" not in str(raised.value)


def test_a_fault_of_ours_is_a_problem_too(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(identity_routes, "published", fail)
    answer = city.client.get("/keys")
    assert answer.status_code == 500 and refused(answer, "server_error") and "secret" not in answer.text
