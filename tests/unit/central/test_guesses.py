"""Guessing user codes and sending SMS is counted by address, in the database, and holds up nobody else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from central.api.app import create_app
from central.identity import device_flow
from central.identity.guesses import LIMITS, Kind, network_of
from central.identity.tables import guesses
from central.storage import writing
from tests.city import TERMINAL, City

PROXY = "10.0.0.1"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city behind a proxy."""
    made = City(tmp_path)
    yield made
    made.close()


def caller(city: City, address: str) -> TestClient:
    """Somebody's browser."""
    settings = replace(city.context.settings, proxy=PROXY)
    return TestClient(create_app(replace(city.context, settings=settings)), base_url=city.url, client=(address, 1))


def wrong(client: TestClient, **headers: str) -> int:
    """A guess, and what came of it."""
    return client.get("/device?user_code=BBBB-BBBB", headers=headers).status_code


def test_guessing_ends_and_nobody_else_has_to_wait(city: City) -> None:
    code = device_flow.begin(city.engine, city.url, TERMINAL, "account", city.context.api).user_code
    guesser, other = caller(city, "192.0.2.1"), caller(city, "192.0.2.2")
    assert {wrong(guesser) for _ in range(LIMITS[Kind.WRONG_CODE])} == {404}
    assert wrong(guesser) == 429
    page = guesser.get(f"/device?user_code={code}", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert page.status_code == 429 and "five minutes" in page.text, "it might be a guess"
    assert other.get(f"/device?user_code={code}").status_code == 200 and wrong(other) == 404
    for path in ("/device/phone", "/device/decide"):
        form = {"user_code": "BBBB-BBBB", "phone": "99012345678", "action": "refuse"}
        assert guesser.post(path, data=form).status_code == 429
    with writing(city.engine) as connection:
        connection.execute(update(guesses).values(until=1.0))
    assert wrong(guesser) == 404


def test_sms_are_counted_too_whoever_they_go_to(city: City) -> None:
    code = device_flow.begin(city.engine, city.url, TERMINAL, "account", city.context.api).user_code
    sender = caller(city, "192.0.2.1")
    for number in range(LIMITS[Kind.SMS]):
        form = {"user_code": code, "phone": f"990{number:08}"}
        assert sender.post("/device/phone", data=form).status_code == 200
    assert sender.post("/device/phone", data={"user_code": code, "phone": "99099999999"}).status_code == 429


def test_only_our_proxy_names_others(city: City) -> None:
    proxy, liar = caller(city, PROXY), caller(city, "192.0.2.9")
    limit = LIMITS[Kind.WRONG_CODE]
    assert {wrong(proxy, **{"X-Forwarded-For": "1.2.3.4, 198.51.100.1"}) for _ in range(limit)} == {404}
    assert wrong(proxy, **{"X-Forwarded-For": "5.6.7.8, 198.51.100.1"}) == 429
    assert wrong(proxy, **{"X-Forwarded-For": "198.51.100.2"}) == 404
    assert {wrong(liar, **{"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(limit)} == {404}
    assert wrong(liar, **{"X-Forwarded-For": "203.0.113.200"}) == 429


def test_a_host_of_ipv6_has_one_count_for_all_its_addresses() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("192.0.2.1") != network_of("192.0.2.2") and len(network_of("x" * 500)) == 45
