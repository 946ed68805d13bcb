"""What a site's key opens: one subject for its holder whichever way it asks, and nothing once it was revoked."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.client.keys import SigningKey
from backend_client.client.proofs import client_assertion
from central.enrolment.register import revoke
from central.identity.card_grant import CardHolder
from central.identity.scopes import ACR_SIGNATURE
from central.identity.sites import Site, register_site, site_of
from central.identity.tokens import Wanted, give
from central.storage import writing
from tests.city import City, refused
from tests.unit.central.test_public_pages import GOOD

SITE = "housing"
URL = "https://housing.example.invalid"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A fresh city."""
    made = City(tmp_path)
    yield made
    made.close()


@pytest.fixture
def key(city: City) -> SigningKey:
    """The site's key; it is registered."""
    made = SigningKey.generate()
    register_site(city.engine, Site(SITE, "住建", "Housing", f"{URL}/callback", f"{URL}/login", f"{URL}/logout"),
                  made.public_jwk())  # fmt: skip
    return made


def bearer(city: City) -> str:
    """A token of the site, without DPoP."""
    holder = CardHolder(4, None, ACR_SIGNATURE, time.time())
    with writing(city.engine) as connection:
        return give(connection, holder=holder, client_id=SITE, wanted=Wanted("openid", f"{city.url}/userinfo", ""))[0]


def test_a_site_has_one_subject_for_a_person_whichever_way_it_asks(city: City, key: SigningKey) -> None:
    token = bearer(city)
    form = {"token": token, **client_assertion(key, SITE, city.url)}
    introspected = city.client.post("/introspect", data=form).json()
    told = city.client.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert introspected["active"] and introspected["sub"] == told["sub"]


def authorize(city: City) -> int:
    """A browser that the site sends; the status of the page."""
    wanted = {**GOOD, "client_id": SITE, "redirect_uri": f"{URL}/callback"}
    return int(city.client.get("/authorize", params=wanted, follow_redirects=False).status_code)


def test_nobody_is_sent_to_a_site_that_was_revoked(city: City, key: SigningKey) -> None:
    session = SigningKey.generate()
    token = city.token(city.card(), session, "openid").json()["access_token"]
    assert authorize(city) == 200
    assert city.call("POST", "/api/v1/sites/open", session, token, json={"client_id": SITE}).status_code == 200
    assert revoke(city.engine, SITE)
    assert authorize(city) == 400
    assert refused(city.call("POST", "/api/v1/sites/open", session, token, json={"client_id": SITE}), "unknown_site")
    assert site_of(city.engine, SITE, revoked=True) is not None, "it is still told of logouts"
