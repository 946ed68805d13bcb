"""Signing in by phone (RFC 8628): the terminal polls, the phone decides, once, in time, with the lower assurance."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from backend_client.client import errors
from backend_client.client.account import AccountDesk
from backend_client.client.central import Central
from backend_client.client.keys import SigningKey
from backend_client.client.phone_sign_in import PhoneSignIn
from backend_client.client.proofs import client_assertion
from backend_client.contract.account import PhoneCheck
from central.identity import phones
from central.identity.device_flow import LETTERS, _normal
from central.identity.scopes import ACR_PHONE
from central.identity.tables import device_codes
from central.storage import writing
from tests.city import PHONE, TERMINAL, City, client_of, give_phone, refused, register, served


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """A served city where resident 4 has an account with a phone."""
    monkeypatch.setattr(phones, "PAUSE_SECONDS", 0)
    with served(tmp_path) as made:
        give_phone(made)
        yield made


def pressed(city: City, path: str, **fields: str) -> Any:
    """A form sent by a phone."""
    return city.client.post(path, data=fields)


def approve(city: City, user_code: str, phone: str = PHONE, code: str | None = None, action: str = "approve") -> Any:
    """What the phone's owner does."""
    page = pressed(city, "/device/phone", user_code=user_code, phone=phone)
    check = re.search(r'name="check_id" value="([^"]+)"', page.text)
    fields = {"user_code": user_code, "check_id": check.group(1) if check else "", "action": action}
    return pressed(city, "/device/decide", code=code or city.sms.code(), **fields)


def let_pass(city: City, **values: float) -> None:
    """Time passes for all device codes."""
    with writing(city.engine) as connection:
        connection.execute(update(device_codes).values(**values))


def test_a_phone_signs_in_with_lower_assurance(city: City, central: Central) -> None:
    attempt = PhoneSignIn(central, "account social")
    assert attempt.qr.endswith(attempt.user_code) and attempt.poll() is None
    assert "已登录" in approve(city, attempt.user_code).text
    let_pass(city, polled=0)
    session = attempt.poll()
    assert session is not None and session.acr == ACR_PHONE
    assert AccountDesk(session).see().phone == "990****5678"
    with pytest.raises(errors.StepUpNeeded) as raised:
        session.contributions()
    assert ACR_PHONE not in raised.value.acr_values
    with pytest.raises(errors.SignInRefused):
        attempt.poll()


def test_a_phone_may_freeze_a_lost_card(city: City, central: Central) -> None:
    card = city.card(4)
    attempt = PhoneSignIn(central, "account")
    approve(city, attempt.user_code)
    session = attempt.poll()
    assert session is not None
    assert AccountDesk(session).freeze().ended == 2
    with pytest.raises(errors.SignInRefused):
        central.sign_in(card, "social")


def test_a_refusal_on_the_phone_is_told(city: City, central: Central) -> None:
    attempt = PhoneSignIn(central, "account")
    assert "已拒绝" in pressed(city, "/device/decide", user_code=attempt.user_code, action="refuse").text
    with pytest.raises(errors.SignInRefused, match="access_denied"):
        attempt.poll()


def test_hasty_polls_slow_the_terminal_down(city: City, central: Central) -> None:
    attempt = PhoneSignIn(central, "account")
    assert attempt.poll() is None and attempt.interval == 5
    assert attempt.poll() is None and attempt.interval == 10


def test_a_code_is_over_after_five_minutes(city: City, central: Central) -> None:
    attempt = PhoneSignIn(central, "account")
    let_pass(city, expires=1.0)
    assert "过期" in city.client.get(f"/device?user_code={attempt.user_code}").text
    assert approve(city, attempt.user_code).status_code == 400
    with pytest.raises(errors.SessionExpired):
        attempt.poll()


def test_wrong_codes_and_strangers_do_not_sign_in(city: City, central: Central) -> None:
    attempt = PhoneSignIn(central, "account")
    wrong = f"{(int(city.sms.code()) + 1) % 10**6:06}"
    assert approve(city, attempt.user_code, code=wrong).status_code == 400
    before = len(city.sms.sent)
    stranger = pressed(city, "/device/phone", user_code=attempt.user_code, phone="99099999999")
    assert stranger.status_code == 200 and len(city.sms.sent) == before
    for phone in ("123", "1" * 11, "<script>", "９９０１２３４５６７８"):
        assert pressed(city, "/device/phone", user_code=attempt.user_code, phone=phone).status_code == 400
    assert pressed(city, "/device/phone", user_code="BBBB-BBBB", phone=PHONE).status_code == 404
    assert pressed(city, "/device/decide", user_code=attempt.user_code, action="approve").status_code == 400
    assert attempt.poll() is None


def test_another_terminal_gets_nothing_for_the_code(city: City, central: Central) -> None:
    begun = central.device_authorization("account")
    approve(city, begun.user_code)
    other = SigningKey.generate()
    register(city.context, "T44010500002", other)
    thief = client_of(city, terminal_id="T44010500002")
    thief.connection.device = other  # type: ignore[assignment]
    with pytest.raises(errors.SignInRefused):
        thief.device_token(begun.device_code, SigningKey.generate())
    thief.close()


def test_the_endpoint_refuses_unknown_scopes_and_clients(city: City) -> None:
    form = {**city.form(), "scope": "everything"}
    assert refused(city.client.post("/device_authorization", data=form), "invalid_scope")
    nobody = client_assertion(city.device, "T99999999999", city.url)
    assert refused(city.client.post("/device_authorization", data={**nobody, "scope": "account"}), "invalid_client")


def test_pages_speak_both_languages_and_run_nothing(city: City, central: Central) -> None:
    attempt = PhoneSignIn(central, "account")
    chinese = city.client.get(attempt.qr)
    english = city.client.get(f"{attempt.qr}&lang=en")
    assert "请核对" in chinese.text and "Check that the terminal" in english.text
    assert "Check" in city.client.get(attempt.qr, headers={"Accept-Language": "en-GB"}).text
    for page in (chinese, english):
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "<script" not in page.text and attempt.user_code in page.text
    nasty = city.client.get("/device", params={"user_code": "<b>x", "lang": "<i>"}).text
    assert "<b>x" not in nasty and "<i>" not in nasty


@given(st.text(max_size=30))
def test_any_typed_code_is_made_regular(text: str) -> None:
    assert re.fullmatch(rf"[{LETTERS}]{{0,4}}-[{LETTERS}]{{0,4}}", _normal(text))


def test_codes_are_found_however_they_are_typed(city: City, central: Central) -> None:
    code = PhoneSignIn(central, "account").user_code
    for typed in (code, code.lower(), code.replace("-", ""), f" {code[:4]} {code[5:]} "):
        assert city.client.get("/device", params={"user_code": typed}).status_code == 200


@pytest.mark.parametrize(("lang", "words"), [("zh", "再输一次"), ("en", "enter it again")])
def test_who_mistyped_the_sms_code_can_try_again(city: City, central: Central, lang: str, words: str) -> None:
    attempt = PhoneSignIn(central, "account")
    page = pressed(city, f"/device/phone?lang={lang}", user_code=attempt.user_code, phone=PHONE)
    right = city.sms.code()
    sent = dict(re.findall(r'name="(\w+)" value="([^"]+)"', page.text), action="approve")
    again = pressed(city, f"/device/decide?lang={lang}", **sent, code=f"{(int(right) + 1) % 10**6:06}")
    assert again.status_code == 400 and words in again.text
    sent = dict(re.findall(r'name="(\w+)" value="([^"]+)"', again.text), action="approve")
    assert pressed(city, f"/device/decide?lang={lang}", **sent, code=right).status_code == 200
    assert attempt.poll() is not None


def test_who_has_no_code_can_ask_for_another(city: City, central: Central) -> None:
    attempt = PhoneSignIn(central, "account")
    page = pressed(city, "/device/phone?lang=en", user_code=attempt.user_code, phone=PHONE)
    link = re.search(r'class="button second" href="([^"]+)"', page.text)
    assert link and "Check that the terminal" in city.client.get(link.group(1).replace("&amp;", "&")).text


def test_a_wrong_number_can_be_put_right(city: City, central: Central) -> None:
    attempt = PhoneSignIn(central, "account")
    page = pressed(city, "/device/phone", user_code=attempt.user_code, phone="123")
    assert page.status_code == 400 and 'name="phone"' in page.text and attempt.user_code in page.text


def test_a_code_counts_for_what_its_sms_says_and_for_nothing_else(city: City, central: Central) -> None:
    first, second = PhoneSignIn(central, "account"), PhoneSignIn(central, "account")
    page = pressed(city, "/device/phone", user_code=first.user_code, phone=PHONE)
    assert TERMINAL in city.sms.sent[-1][1]
    check = re.search(r'name="check_id" value="([^"]+)"', page.text)
    assert check
    fields = {"check_id": check.group(1), "code": city.sms.code(), "action": "approve"}
    assert pressed(city, "/device/decide", user_code=second.user_code, **fields).status_code == 400
    desk = AccountDesk(central.sign_in(city.card(4), "account.change"))
    with pytest.raises(errors.Refused, match="wrong_code"):
        desk.confirm_phone(PhoneCheck(check_id=check.group(1), expires_in=300), city.sms.code())
    assert second.poll() is None


@pytest.mark.parametrize("how", ["freeze", "close"])
def test_what_was_approved_before_the_end_is_worth_nothing_after_it(city: City, central: Central, how: str) -> None:
    attempt = PhoneSignIn(central, "account")
    approve(city, attempt.user_code)
    desk = AccountDesk(central.sign_in(city.card(4), "account account.change"))
    getattr(desk, how)()
    with pytest.raises(errors.SignInRefused):
        attempt.poll()
