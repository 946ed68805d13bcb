"""The phone's pages in a real browser (Debian's Chromium), at a phone's size: pressed, read, and no wider than it.

Pictures are left in ONECARD_PICTURES, when that names a folder.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from backend_client.client.account import AccountDesk
from backend_client.client.phone_sign_in import PhoneSignIn
from central.identity import phones
from tests.city import City, client_of, free_port, serving

CHROMIUM = "/usr/bin/chromium"
PHONE = "99012345678"
SIZE = {"width": 360, "height": 740}


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """A served city where resident 4 has an account with a phone."""
    monkeypatch.setattr(phones, "PAUSE_SECONDS", 0)
    made = City(tmp_path, f"http://127.0.0.1:{free_port()}")
    with serving(made):
        client = client_of(made)
        desk = AccountDesk(client.sign_in(made.card(4), "acct.open account.change"))
        desk.open(desk.notice())
        desk.confirm_phone(desk.link_phone(PHONE), made.sms.code())
        client.close()
        yield made
    made.close()


@pytest.fixture(params=["zh-CN", "en-GB"])
def phone(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A phone's browser."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport=SIZE, locale=request.param, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        yield page
        browser.close()
    assert [line for line in said if "status of 404" not in line] == []


def seen(page: Page, name: str) -> None:
    """Nothing sticks out of the phone, everything to press is large enough; leave a picture."""
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZE["width"]
    for box in [one.bounding_box() for one in page.locator("button:visible, input:visible").all()]:
        assert box is not None and box["height"] >= 44
    folder = os.environ.get("ONECARD_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}-{page.evaluate('navigator.language')}.png", full_page=True)


def press(page: Page, button: str) -> None:
    """Tap, and wait for the next page."""
    with page.expect_navigation():
        page.locator(button).first.tap()


def test_a_phone_approves_a_terminal(city: City, phone: Page) -> None:
    central = client_of(city)
    attempt = PhoneSignIn(central, "account openid")
    phone.goto(attempt.qr)
    assert attempt.user_code in phone.inner_text("main")
    seen(phone, "1-phone")
    phone.fill("#phone", PHONE)
    press(phone, "button")
    seen(phone, "2-code")
    phone.fill("#code", city.sms.code())
    press(phone, "button")
    seen(phone, "3-done")
    session = attempt.poll()
    assert session is not None and session.holder is not None
    session.revoke()
    central.close()


def test_a_code_is_typed_and_refused(city: City, phone: Page) -> None:
    central = client_of(city)
    attempt = PhoneSignIn(central, "account")
    phone.goto(attempt.address)
    phone.fill("#user_code", "xxxx")
    press(phone, "button")
    seen(phone, "4-unknown")
    phone.fill("#user_code", attempt.user_code.lower().replace("-", ""))
    press(phone, "button")
    phone.fill("#phone", PHONE)
    press(phone, "button")
    press(phone, "button.second")
    seen(phone, "5-refused")
    phone.goto(attempt.qr)
    assert phone.locator(".bad").count() == 1
    central.close()
