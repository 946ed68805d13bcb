"""Single sign-on: a demonstration site (Authlib) and an independent certified library (openid-client) sign in."""

import json
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from joserfc.jwk import ECKey

from backend_client.client import errors
from backend_client.client.account import AccountDesk
from backend_client.client.central import Central
from central.identity import phones
from central.identity.logout import Messenger
from central.identity.scopes import ACR_PHONE, ACR_SIGNATURE
from central.identity.sites import Site, register_site
from simulators.site import Stranger, serve
from tests.city import PHONE, City, client_of, give_phone, served

NODE = Path(sys.executable).with_name("node")
RELYING_PARTY = Path(__file__).parent / "openid_client" / "rp.mjs"


@dataclass
class Town:
    """A served city, its client, a department's site, and a browser without script."""

    city: City
    central: Central
    site: Any
    url: str
    browser: requests.Session
    key: ECKey
    said: "queue.Queue[dict[str, Any]]"

    def hears(self, event: str) -> dict[str, Any]:
        """The site's next event of this name; queue.Empty when it is silent for half a minute."""
        while (said := self.said.get(timeout=30))["event"] != event:
            pass
        return said

    def press(self, page: requests.Response, form: int = 0, **fields: str) -> requests.Response:
        """Fill in a form of a page and send it."""
        forms = re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', page.text)
        action, body = forms[form]
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', body))
        buttons = re.findall(r'<button name="action" value="([^"]+)"', body)
        data = {**{name: unescape(value) for name, value in hidden.items()}, "action": buttons[0], **fields}
        return self.browser.post(self.city.url + unescape(action), data=data, timeout=10)

    def people(self) -> dict[str, dict[str, str]]:
        """Who is signed in at the site."""
        found: dict[str, dict[str, str]] = self.site.people
        return found


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """Everything on ports; resident 4 has an account with a phone."""
    monkeypatch.setattr(phones, "PAUSE_SECONDS", 0)
    said: queue.Queue[dict[str, Any]] = queue.Queue()
    monkeypatch.setattr("simulators.site.say", lambda **fields: said.put(fields))
    with served(tmp_path / "city") as city:
        messenger = Messenger(city.engine, city.keys, city.url)
        server = serve(city.url, "housing", tmp_path / "site.pem", 0)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        site = server.RequestHandlerClass.site  # type: ignore[attr-defined]
        enrol(city, "housing", url, site.key)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        messenger.start()
        central, browser = client_of(city), requests.Session()
        browser.trust_env = False
        give_phone(city)
        yield Town(city, central, site, url, browser, site.key, said)
        messenger.stop()
        server.shutdown()
        server.server_close()
        central.close()
        browser.close()


def enrol(city: City, client_id: str, url: str, key: ECKey, acr: str = ACR_PHONE) -> None:
    """Register a site."""
    site = Site(client_id, "住建局（测试）", "Housing (test)", f"{url}/callback", f"{url}/login", f"{url}/logout", acr)
    register_site(city.engine, site, dict(key.as_dict(private=False)))


def test_a_holder_at_the_terminal_is_signed_in_and_out_with_the_card(town: Town) -> None:
    session = town.central.sign_in(town.city.card(5), "openid social")
    asking = town.browser.get(session.open_site("housing"), timeout=10)
    assert "住建局" in asking.text
    home = town.press(asking)
    assert home.url == f"{town.url}/" and "已登录" in home.text
    (person,) = town.people().values()
    assert person["acr"] == ACR_SIGNATURE and person["sid"] != session.sid
    assert person["sub"] == town.city.keys.pairwise(5, "127.0.0.1")
    session.revoke()
    assert town.hears("signed-out")["sid"] == person["sid"] and not town.people()
    assert "已登录" not in town.browser.get(town.url, timeout=10).text


def test_a_phone_signs_in_at_a_site_without_a_terminal(town: Town) -> None:
    asking = town.browser.get(f"{town.url}/login?lang=en", timeout=10)
    assert "not your name" in asking.text
    code_page = town.press(asking, phone=PHONE)
    assert town.press(code_page, code="000000" if town.city.sms.code() != "000000" else "1" * 6).status_code == 400
    assert "已登录" in town.press(code_page, code=town.city.sms.code()).text
    (person,) = town.people().values()
    assert person["acr"] == ACR_PHONE and person["sub"] == town.city.keys.pairwise(4, "127.0.0.1")


def test_a_person_may_refuse(town: Town) -> None:
    asking = town.browser.get(f"{town.url}/login", timeout=10)
    assert "access_denied" in town.press(asking, form=1).text and not town.people()


def test_a_frozen_card_signs_its_sites_out_too(town: Town) -> None:
    session = town.central.sign_in(town.city.card(6), "openid account")
    town.press(town.browser.get(session.open_site("housing"), timeout=10))
    assert town.people()
    AccountDesk(session).freeze()
    town.hears("signed-out")
    assert not town.people()


def test_a_ticket_is_good_once_at_its_own_site_and_while_the_card_is_in(town: Town) -> None:
    session = town.central.sign_in(town.city.card(7), "openid")
    other = ECKey.generate_key("P-256")
    enrol(town.city, "other", "http://localhost:1", other)
    hint = dict(parse_qsl(urlsplit(session.open_site("other")).query))["login_hint"]
    assert "手机号码" in town.browser.get(town.site.begin(hint), timeout=10).text, "another site's ticket is no ticket"
    address = session.open_site("housing")
    first, second = town.browser.get(address, timeout=10), town.browser.get(address, timeout=10)
    assert "已登录" in town.press(first).text
    assert "login_required" in town.press(second).text
    late = town.browser.get(session.open_site("housing"), timeout=10)
    session.revoke()
    assert "login_required" in town.press(late).text
    with pytest.raises(errors.Refused, match="unknown_site"):
        town.central.sign_in(town.city.card(7), "openid").open_site("nobody")


def ask(town: Town, **changes: str) -> requests.Response:
    """An authorization request by hand; empty values are left out."""
    query = {
        "client_id": "housing", "redirect_uri": f"{town.url}/callback", "response_type": "code", "scope": "openid",
        "state": "s", "nonce": "n", "code_challenge": "c" * 43, "code_challenge_method": "S256", **changes,
    }  # fmt: skip
    query = {name: value for name, value in query.items() if value}
    return town.browser.get(f"{town.city.url}/authorize?{urlencode(query)}", timeout=10, allow_redirects=False)


TOLD = {
    "unsupported_response_type": {"response_type": "token"},
    "invalid_scope": {"scope": "social"},
    "invalid_request": {"code_challenge_method": "plain"},
    "login_required": {"prompt": "none"},
    "request_not_supported": {"request": "eyJ"},
    "unmet_authentication_requirements": {"acr_values": ACR_SIGNATURE},
}  # fmt: skip


@pytest.mark.parametrize("error", TOLD)
def test_wrong_requests_are_told_to_the_site(town: Town, error: str) -> None:
    answer = ask(town, **TOLD[error])
    told = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert (answer.status_code, told["error"], told["state"], told["iss"]) == (303, error, "s", town.city.url)


@pytest.mark.parametrize(
    "change", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.invalid/"}, {"client_id": ""}]
)
def test_nothing_is_sent_to_an_address_that_is_not_the_sites(town: Town, change: dict[str, str]) -> None:
    answer = ask(town, **change)
    assert answer.status_code == 400 and "Location" not in answer.headers
    assert ask(town, state="s" * 600).status_code == 303 and ask(town).status_code == 200


def test_attacks_on_codes(town: Town) -> None:
    session = town.central.sign_in(town.city.card(8), "openid")
    asking = town.browser.get(session.open_site("housing"), timeout=10)
    verifier = next(iter(town.site.asked.values()))["verifier"]
    request = unescape(re.findall(r'name="request" value="([^"]*)"', asking.text)[0])
    answer = town.browser.post(
        f"{town.city.url}/authorize/decide", data={"request": request, "action": "approve"}, timeout=10,
        allow_redirects=False,
    )  # fmt: skip
    back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    endpoint = f"{town.city.url}/token"
    for wrong in ({"code_verifier": "v" * 43}, {"redirect_uri": f"{town.url}/other", "code_verifier": verifier}):
        with pytest.raises(Exception, match="invalid_grant"):
            town.site.client().fetch_token(endpoint, code=back["code"], **wrong)
    token = town.site.client().fetch_token(endpoint, code=back["code"], code_verifier=verifier)
    info = {"Authorization": f"Bearer {token['access_token']}"}
    assert town.browser.get(f"{town.city.url}/userinfo", headers=info, timeout=10).status_code == 200
    with pytest.raises(Exception, match="invalid_grant"):
        town.site.client().fetch_token(endpoint, code=back["code"], code_verifier=verifier)
    assert town.browser.get(f"{town.city.url}/userinfo", headers=info, timeout=10).status_code == 401
    with pytest.raises(Stranger):
        town.site.claims(token["id_token"], "another nonce")
    with pytest.raises(Stranger):
        town.site.log_out(token["id_token"])


def test_a_site_is_no_terminal_and_a_terminal_no_site(town: Town) -> None:
    from backend_client.client.keys import SigningKey
    from backend_client.client.proofs import client_assertion

    for path, more in (("/card/challenge", {}), ("/device_authorization", {"scope": "openid"})):
        private = town.key.private_key
        assert private is not None
        form = client_assertion(SigningKey(private), "housing", town.city.url)
        answer = town.browser.post(town.city.url + path, data={**form, **more}, timeout=10)
        assert answer.json()["error"] == "unauthorized_client"
    form = {"grant_type": "authorization_code", "code": "c", "code_verifier": "v" * 43, **town.city.form()}
    answer = town.browser.post(f"{town.city.url}/token", data=form, timeout=10)
    assert answer.json()["error"] == "unauthorized_client"


@pytest.mark.parametrize("dpop", [False, True])
def test_openid_client_signs_in(town: Town, dpop: bool) -> None:
    key = town.key.as_pem(private=True).decode()
    process = subprocess.Popen(
        [str(NODE), str(RELYING_PARTY)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdin and process.stdout

    def told(**line: Any) -> dict[str, Any]:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(line) + "\n")
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        return answer

    setup = {"issuer": town.city.url, "client_id": "housing", "key": key, "redirect_uri": f"{town.url}/callback"}
    asking = town.browser.get(told(**setup, dpop=dpop)["address"], timeout=10)
    code_page = town.press(asking, phone=PHONE)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', code_page.text))
    data = {name: unescape(value) for name, value in hidden.items()}
    back = town.browser.post(
        f"{town.city.url}/authorize/decide", data={**data, "code": town.city.sms.code(), "action": "approve"},
        allow_redirects=False, timeout=10,
    )  # fmt: skip
    answer = told(returned=back.headers["Location"])
    process.stdin.close()
    process.stdout.close()
    assert process.wait(10) == 0
    assert answer["claims"]["sub"] == answer["info"]["sub"] == town.city.keys.pairwise(4, "127.0.0.1")
    assert answer["claims"]["acr"] == ACR_PHONE and answer["claims"]["amr"] == ["sms"]
    assert answer["token_type"].lower() == ("dpop" if dpop else "bearer")
