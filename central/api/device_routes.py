"""Device authorization (RFC 8628): the terminal's endpoint, and the pages that a phone sees."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse

from backend_client.contract.account import PHONE
from backend_client.contract.identity import DeviceAuthorization
from central.api.grants import audience_of
from central.api.office import Central, Terminal, once_each
from central.api.page import Page, failed
from central.errors import CentralRefusal
from central.identity import accounts, device_flow, phones
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
    asked = device_flow.asked(central.engine, user_code) if user_code else None
    page = Page(request, "device")
    if asked is None:
        page.heading("enter_code")
        if user_code:
            page.note("unknown_code", "bad")
        field = page.input("user_code", "eight", 'autocapitalize="characters" autocomplete="off" maxlength="9"')
        button = f"<button>{page.say('next')}</button>"
        page.add(f'<form action="/device"><input type="hidden" name="lang" value="{page.lang}">{field}{button}</form>')
        return page.answer(404 if user_code else 200)
    _what(page, asked)
    page.form(
        "/device/phone", {"user_code": asked.user_code}, [page.input("phone", "phone", PHONE_INPUT)],
        [("send", "send", "")],
    )  # fmt: skip
    page.note("warning", "warn")
    return page.answer()


def _what(page: Page, asked: device_flow.Asked) -> None:
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
    asked = device_flow.asked(central.engine, user_code)
    if asked is None:
        return failed(request, "device", "unknown_code", 404)
    if not re.fullmatch(PHONE, phone):
        return failed(request, "device", "bad_phone")
    try:
        check = phones.start(central.engine, central.sms, phone, accounts.owner_of(central.engine, phone))
    except CentralRefusal as refusal:
        return failed(request, "device", refusal.code, refusal.status)
    page = Page(request, "device")
    _what(page, asked)
    page.note("sent")
    page.form(
        "/device/decide", {"user_code": asked.user_code, "check_id": check.check_id},
        [page.input("code", "code", CODE_INPUT)], [("approve", "approve", "")],
    )  # fmt: skip
    page.form("/device/decide", {"user_code": asked.user_code}, [], [("refuse", "refuse", "second")])
    page.note("warning", "warn")
    return page.answer()


@router.post("/device/decide", response_class=HTMLResponse)
def decide(
    central: Central, request: Request, user_code: Needed, action: Needed, check_id: Short = "", code: Short = ""
) -> HTMLResponse:
    """The phone's word."""
    person = None
    if action == "approve":
        try:
            person, _phone = phones.confirm(central.engine, check_id, code)
        except phones.WrongCode:
            return failed(request, "device", "wrong_code")
    if not device_flow.decide(central.engine, user_code, person):
        return failed(request, "device", "too_late")
    word = "approved" if person else "refused"
    page = Page(request, "device")
    page.heading(word)
    page.note(f"{word}_more")
    return page.answer()
