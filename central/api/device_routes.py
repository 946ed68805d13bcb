"""Device authorization (RFC 8628): the terminal's endpoint, and the pages that a phone sees."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse

from backend_client.contract.account import PHONE
from backend_client.contract.identity import DeviceAuthorization
from central.api.grants import audience_of
from central.api.office import Central, Context, Terminal, address_of, once_each
from central.api.page import Page, failed
from central.errors import CentralRefusal
from central.identity import accounts, device_flow, guesses, phones
from central.identity.scopes import needs

router = APIRouter(tags=["device"], dependencies=[Depends(once_each)])
Short = Annotated[str, Form(max_length=64)]
Needed = Annotated[str, Form(min_length=1, max_length=64)]
PHONE_INPUT = 'type="tel" inputmode="numeric" autocomplete="tel-national" maxlength="11" pattern="[0-9]{11}"'
CODE_INPUT = 'inputmode="numeric" autocomplete="one-time-code" maxlength="6" pattern="[0-9]{6}"'


@router.post("/device_authorization")
def device_authorization(
    central: Central,
    terminal: Terminal,
    scope: Annotated[str, Form(min_length=1, max_length=200)],
    resource: Annotated[str, Form(max_length=200)] = "",
) -> DeviceAuthorization:
    """A code for a phone to open, and one for the terminal to ask with."""
    terminal.demand("terminal")
    if not set(scope.split(" ")) <= needs().keys():
        raise CentralRefusal(400, "invalid_scope", f"Scopes: {' '.join(sorted(needs()))}.")
    audience = audience_of(central, resource)
    return device_flow.begin(central.engine, central.issuer, terminal.client_id, scope, audience)


@router.get("/device", response_class=HTMLResponse)
def enter(central: Central, request: Request, user_code: Annotated[str, Query(max_length=20)] = "") -> HTMLResponse:
    """The phone's first page: the code, or a field for it."""
    asked = _asked(central, request, user_code) if user_code else None
    page = Page(request, "device")
    if asked is None:
        page.heading("enter_code")
        if user_code:
            page.note("unknown_code", "bad")
        field = page.input("user_code", "eight", 'autocapitalize="characters" autocomplete="off" maxlength="9"')
        button = f"<button>{page.say('next')}</button>"
        page.add(f'<form action="/device"><input type="hidden" name="lang" value="{page.lang}">{field}{button}</form>')
        return page.answer(404 if user_code else 200)
    return _asking_number(request, asked)


def _asked(central: Context, request: Request, user_code: str) -> device_flow.Asked | None:
    """What stands behind a code; a wrong one is counted. TooManyGuesses."""
    address = address_of(central, request)
    guesses.demand_room(central.engine, guesses.Kind.WRONG_CODE, address)
    asked = device_flow.asked(central.engine, user_code)
    if asked is None:
        guesses.count(central.engine, guesses.Kind.WRONG_CODE, address)
    return asked


def send_sms(central: Context, request: Request, phone: str, purpose: phones.Purpose) -> str:
    """The check_id of a code that is on its way to the number's owner, if it has one. TooManyGuesses, TooManyCodes."""
    address = address_of(central, request)
    guesses.demand_room(central.engine, guesses.Kind.SMS, address)
    guesses.count(central.engine, guesses.Kind.SMS, address)
    owner = accounts.owner_of(central.engine, phone)
    return phones.start(central.engine, central.sms, phone, owner, purpose).check_id


def _asking_number(request: Request, asked: device_flow.Asked, wrong: str = "", status: int = 200) -> HTMLResponse:
    """The page that asks for the number, again when something was wrong with it."""
    page = Page(request, "device")
    _what(page, asked, wrong)
    page.form(
        "/device/phone", {"user_code": asked.user_code}, [page.input("phone", "phone", PHONE_INPUT)],
        [("send", "send", "")],
    )  # fmt: skip
    page.note("warning", "warn")
    return page.answer(status)


def _asking_code(request: Request, asked: device_flow.Asked, check_id: str, wrong: str = "") -> HTMLResponse:
    """The page that asks for the SMS code, again when it was wrong: five tries are no use to who can't try again."""
    page = Page(request, "device")
    _what(page, asked, wrong)
    page.note("sent")
    page.form(
        "/device/decide", {"user_code": asked.user_code, "check_id": check_id},
        [page.input("code", "code", CODE_INPUT)], [("approve", "approve", "")],
    )  # fmt: skip
    page.form("/device/decide", {"user_code": asked.user_code}, [], [("refuse", "refuse", "second")])
    page.link("/device", {"user_code": asked.user_code}, "again")
    page.note("warning", "warn")
    return page.answer(400 if wrong else 200)


def _what(page: Page, asked: device_flow.Asked, wrong: str) -> None:
    if wrong:
        page.note(wrong, "bad")
    page.heading("asks", terminal=asked.client_id)
    page.note("compare")
    page.shown(asked.user_code)
    names = [needs()[scope] for scope in asked.scope.split(" ")]
    lines = "".join(f"<li>{need.zh if page.lang == 'zh' else need.en}</li>" for need in names)
    page.add(f"<p>{page.say('for_what')}</p><ul>{lines}</ul>")


@router.post("/device/phone", response_class=HTMLResponse)
def send_code(central: Central, request: Request, user_code: Needed, phone: Needed, action: Short = "") -> HTMLResponse:
    """Send a code to the number; the same page whether it is linked to an account or not."""
    del action
    asked = _asked(central, request, user_code)
    if asked is None:
        return failed(request, "device", "unknown_code", 404)
    if not re.fullmatch(PHONE, phone):
        return _asking_number(request, asked, "bad_phone", 400)
    try:
        check_id = send_sms(central, request, phone, phones.at_terminal(asked.user_code, asked.client_id))
    except CentralRefusal as refusal:
        return _asking_number(request, asked, refusal.code, refusal.status)
    return _asking_code(request, asked, check_id)


@router.post("/device/decide", response_class=HTMLResponse)
def decide(
    central: Central, request: Request, user_code: Needed, action: Needed, check_id: Short = "", code: Short = ""
) -> HTMLResponse:
    """The phone's word."""
    person, asked = None, _asked(central, request, user_code)
    if asked is None:
        return failed(request, "device", "too_late")
    if action == "approve":
        try:
            purpose = phones.at_terminal(asked.user_code, asked.client_id)
            person, _phone = phones.confirm(central.engine, check_id, code, purpose)
        except phones.WrongCode:
            return _asking_code(request, asked, check_id, "wrong_code")
    if not device_flow.decide(central.engine, user_code, person):
        return failed(request, "device", "too_late")
    word = "approved" if person else "refused"
    page = Page(request, "device")
    page.heading(word)
    page.note(f"{word}_more")
    return page.answer()
