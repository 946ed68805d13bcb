"""Central tells a terminal which sites there are, and gives no ticket for one that this sign-in is too weak for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.client.central import Central
from backend_client.client.errors import StepUpNeeded
from backend_client.client.keys import SigningKey
from backend_client.client.phone_sign_in import PhoneSignIn
from backend_client.contract.identity import SiteOffer
from central.enrolment.register import revoke
from central.identity import device_flow
from central.identity.scopes import ACR_CRYPTOGRAM, ACR_PHONE
from central.identity.sites import Site, register_site
from tests.city import City, client_of, refused, served


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """Central, with a site for everybody and one for cards."""
    with served(tmp_path) as made:
        for name, acr in (("tax", ACR_CRYPTOGRAM), ("housing", ACR_PHONE)):
            callback, login, logout = (f"https://{name}.example.invalid/{path}" for path in ("cb", "login", "logout"))
            site = Site(name, "测试局", f"{name} office", callback, login, logout, acr)
            register_site(made.engine, site, SigningKey.generate().public_jwk())
        yield made


@pytest.fixture
def central(city: City, monkeypatch: pytest.MonkeyPatch) -> Iterator[Central]:
    """The terminal's client."""
    monkeypatch.setattr(PhoneSignIn, "interval", 0.01)
    made = client_of(city)
    yield made
    made.close()


def test_a_terminal_is_told_the_sites(central: Central) -> None:
    assert central.sites() == (
        SiteOffer(client_id="housing", zh="测试局", en="housing office", card=False),
        SiteOffer(client_id="tax", zh="测试局", en="tax office", card=True),
    )


def test_a_revoked_site_is_offered_no_more(city: City, central: Central) -> None:
    assert revoke(city.engine, "tax")
    assert [site.client_id for site in central.sites()] == ["housing"]


def test_a_holder_and_a_stranger_are_not(city: City) -> None:
    key = SigningKey.generate()
    token = city.token(city.card(), key, scope="openid").json()["access_token"]
    assert refused(city.call("GET", "/api/v1/sites", key, token), "insufficient_scope")
    assert city.client.get("/api/v1/sites").status_code == 401


def test_a_ticket_is_for_a_sign_in_that_the_site_takes(city: City, central: Central) -> None:
    attempt = PhoneSignIn(central, "openid")
    device_flow.decide(city.engine, attempt.user_code, 4)
    phone = attempt.poll()
    assert phone is not None
    assert phone.open_site("housing").startswith("https://housing.example.invalid/login?")
    with pytest.raises(StepUpNeeded) as weak:
        phone.open_site("tax")
    assert weak.value.acr_values[0] == ACR_CRYPTOGRAM
    with central.sign_in(city.card(4), "openid") as card:
        assert card.open_site("tax").startswith("https://tax.example.invalid/login?")
