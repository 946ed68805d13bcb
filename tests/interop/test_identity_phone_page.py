"""The phone's pages in a real browser, pressed and looked at; what looks and axe-core check is in `tests.phone`."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from backend_client.client.phone_sign_in import PhoneSignIn
from central.identity import phones
from central.identity.sites import Site, register_site
from simulators.site import serve
from tests.city import PHONE, City, client_of, give_phone, served
from tests.phone import LOOKS, Look, browser, phone, press, seen


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """A served city where resident 4 has an account with a phone."""
    monkeypatch.setattr(phones, "PAUSE_SECONDS", 0)
    with served(tmp_path) as made:
        give_phone(made)
        yield made


@pytest.fixture
def site(city: City, tmp_path: Path) -> Iterator[str]:
    """Another department's site, which signs people in through the city; its address."""
    server = serve(city.url, "housing", tmp_path / "site.pem", 0)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    addresses = (f"{url}/callback", f"{url}/login", f"{url}/logout")
    key = server.RequestHandlerClass.site.key  # type: ignore[attr-defined]
    row = Site("housing", "住建局（测试）", "Housing (test)", *addresses)
    register_site(city.engine, row, dict(key.as_dict(private=False)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield url
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: look.name)
def held(request: pytest.FixtureRequest) -> Iterator[tuple[Browser, Look]]:
    """One browser for all tests of a look."""
    with browser(request.param) as made:
        yield made, request.param


@pytest.fixture
def look(held: tuple[Browser, Look]) -> Look:
    """Language and size of text."""
    return held[1]


@pytest.fixture
def page(held: tuple[Browser, Look]) -> Iterator[Page]:
    """A phone's browser."""
    with phone(held[0]) as shown:
        yield shown


def test_a_phone_approves_a_terminal(city: City, look: Look, page: Page) -> None:
    central = client_of(city)
    attempt = PhoneSignIn(central, "account openid")
    page.goto(attempt.qr)
    assert attempt.user_code in page.inner_text("main")
    seen(page, look, "1-phone")
    page.fill("#phone", PHONE)
    press(page, "button")
    seen(page, look, "2-code")
    page.fill("#code", city.sms.code())
    press(page, "button")
    seen(page, look, "3-done")
    session = attempt.poll()
    assert session is not None and session.holder is not None
    session.revoke()
    central.close()


def test_a_code_is_typed_and_refused(city: City, look: Look, page: Page) -> None:
    central = client_of(city)
    attempt = PhoneSignIn(central, "account")
    page.goto(attempt.address)
    page.fill("#user_code", "xxxx")
    press(page, "button")
    seen(page, look, "4-unknown")
    page.fill("#user_code", attempt.user_code.lower().replace("-", ""))
    press(page, "button")
    page.fill("#phone", PHONE)
    press(page, "button")
    press(page, "button.second")
    seen(page, look, "5-refused")
    page.goto(attempt.qr)
    assert page.locator(".bad").count() == 1
    central.close()


def test_a_site_signs_a_phone_in(city: City, site: str, look: Look, page: Page) -> None:
    page.goto(site)
    seen(page, look, "6-site")
    with page.expect_navigation():
        page.goto(f"{site}/login?lang={look.locale[:2]}")
    seen(page, look, "7-consent")
    page.fill("#phone", "1")
    page.locator("form").first.evaluate("form => form.noValidate = true")
    press(page)
    seen(page, look, "8-bad-phone")
    page.goto(f"{site}/login?lang={look.locale[:2]}")
    page.fill("#phone", PHONE)
    press(page)
    seen(page, look, "9-site-code")
    page.fill("#code", city.sms.code())
    press(page)
    seen(page, look, "10-site-done")
    assert "已登录" in page.inner_text("main")
