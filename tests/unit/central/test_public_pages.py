"""What a browser is told beside the page, and what a site may ask of the sign-in page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from central.identity.authorization import BadRequest, SignedIn, new_code, read_request
from central.identity.scopes import ACR_PHONE, ACR_SIGNATURE
from central.identity.sites import Site
from tests.city import City

SITE = Site("housing", "住建局", "Housing", *(f"https://housing.test/{end}" for end in ("callback", "login", "logout")))
GOOD = {
    "client_id": "housing", "redirect_uri": SITE.redirect_uri, "response_type": "code", "scope": "openid",
    "code_challenge": "c" * 43, "code_challenge_method": "S256", "login_hint": "ticket",
}  # fmt: skip


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city with TLS."""
    made = City(tmp_path, "https://central.test")
    yield made
    made.close()


@pytest.mark.parametrize("path", ["/healthz", "/device", "/verify", "/no-such-thing", "/api/v1/account", "/authorize"])
def test_every_answer_keeps_browsers_to_tls_and_to_its_type(city: City, path: str) -> None:
    headers = city.client.get(path).headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["X-Content-Type-Options"] == "nosniff" and "Set-Cookie" not in headers
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/device", "/authorize"])
def test_no_other_page_can_frame_or_reach_ours(city: City, path: str) -> None:
    headers = city.client.get(path).headers
    assert headers["X-Frame-Options"] == "DENY" and headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy and "unsafe" not in policy


@pytest.mark.parametrize(("lang", "words"), [("zh", "没有办成"), ("en", "This did not work")])
def test_a_refusal_is_a_page_for_a_person_and_problem_details_for_a_program(city: City, lang: str, words: str) -> None:
    for method, path in (("GET", "/device?user_code=" + "x" * 30), ("POST", "/device/phone"), ("PUT", "/authorize")):
        more = f"{path}{'&' if '?' in path else '?'}lang={lang}"
        page = city.client.request(method, more, headers={"Accept": "text/html,*/*"})
        assert words in page.text and page.headers["Content-Type"].startswith("text/html") and page.status_code >= 400
        assert city.client.request(method, more).json()["holder"]["zh"]


@pytest.mark.parametrize("name", ["request", "request_uri", "registration"])
def test_what_is_not_supported_is_named(name: str) -> None:
    with pytest.raises(BadRequest, match=f"^{name}_not_supported$"):
        read_request(SITE, {**GOOD, name: "x"})


def test_a_site_that_wants_a_new_sign_in_does_not_get_the_terminals_old_one() -> None:
    assert read_request(SITE, GOOD).ticket == "ticket"
    for prompt in ("login", "consent login"):
        assert read_request(SITE, {**GOOD, "prompt": prompt}).ticket == ""
    with pytest.raises(BadRequest, match="invalid_request"):
        read_request(SITE, {**GOOD, "prompt": "none login"})


def test_max_age_zero_takes_who_signed_in_this_moment(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("central.identity.authorization.time.time", lambda: 1000.9)
    wanted = read_request(SITE, {**GOOD, "max_age": "0"})
    assert new_code(city.engine, wanted, SignedIn(4, ACR_PHONE, 1000.1, None))
    with pytest.raises(BadRequest, match="login_required"):
        new_code(city.engine, wanted, SignedIn(4, ACR_SIGNATURE, 999.9, None))
