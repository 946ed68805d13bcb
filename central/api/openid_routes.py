"""The OpenID Provider: discovery, authorization pages, userinfo, and the ticket that a terminal opens a site with."""

import re
import time
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from backend_client.contract.account import PHONE
from backend_client.contract.identity import SiteAddress, SiteOffer, SiteOffers, SiteWanted
from central.access_log.noting import note_told
from central.api.device_routes import CODE_INPUT, PHONE_INPUT, Needed, send_sms
from central.api.office import Central, Context, Presented, Proof, Scoped, once_each
from central.api.page import Page, failed
from central.errors import CentralRefusal, InsufficientAuthentication, InvalidToken
from central.identity import phones
from central.identity.authorization import (
    BadClient,
    BadRequest,
    SignedIn,
    look_at_ticket,
    new_code,
    new_ticket,
    read_request,
    read_site,
)
from central.identity.authorization import Request as Authorization
from central.identity.clients import registered
from central.identity.dpop import check_proof
from central.identity.metadata import openid_metadata
from central.identity.scopes import ACR_PHONE, LEVELS
from central.identity.single_use import spend_now
from central.identity.sites import Site, all_sites, site_of
from central.identity.tokens import TERMINAL_SCOPE, TICKET_SCOPE, Grant, look_up

router = APIRouter(tags=["openid"], dependencies=[Depends(once_each)])
Short = Annotated[str, Form(max_length=64)]
Query = Annotated[str, Form(min_length=1, max_length=4000)]


@router.get("/.well-known/openid-configuration")
def discovery(central: Central) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0."""
    return openid_metadata(central.issuer)


@router.get("/api/v1/sites")
def list_sites(central: Central, _grant: Annotated[Grant, Depends(Scoped(TERMINAL_SCOPE))]) -> SiteOffers:
    """The sites that a terminal can offer its holders."""
    offers = (
        SiteOffer(client_id=site.client_id, zh=site.name_zh, en=site.name_en, card=not site.takes(ACR_PHONE))
        for site in all_sites(central.engine)
    )
    return SiteOffers(sites=tuple(offers))


@router.post("/api/v1/sites/open")
def open_site(
    central: Central, grant: Annotated[Grant, Depends(Scoped(TICKET_SCOPE))], body: SiteWanted
) -> SiteAddress:
    """The address that signs the holder in at a site, once, within a minute."""
    site = site_of(central.engine, body.client_id)
    if site is None or grant.person != grant.holder:
        raise CentralRefusal(404, "unknown_site", "There is no such site for this holder.")
    if not site.takes(grant.acr):
        raise InsufficientAuthentication(LEVELS[LEVELS.index(site.acr) :], None)
    query = urlencode({"iss": central.issuer, "login_hint": new_ticket(central.engine, grant, site)})
    return SiteAddress(url=f"{site.initiate_login_uri}?{query}")


def _back(central: Context, site: Site, state: str, **answer: str) -> RedirectResponse:
    """To the site, with our name (RFC 9207)."""
    query = urlencode({**answer, **({"state": state} if state else {}), "iss": central.issuer})
    joint = "&" if "?" in site.redirect_uri else "?"
    return RedirectResponse(f"{site.redirect_uri}{joint}{query}", 303, {"Referrer-Policy": "no-referrer"})


@router.get("/authorize", response_class=HTMLResponse)
def authorize(central: Central, request: Request) -> Response:
    """The sign-in page of a site: one button for a holder who comes from a terminal, the phone's number for others."""
    return _guarded(central, request, str(request.url.query), _first_page)


def _guarded(central: Context, request: Request, query: str, then: Any) -> Response:
    """Check the request, then go on; what is wrong with it is told to the site, or shown when there is no site."""
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    try:
        site = read_site(central.engine, parameters)
    except BadClient:
        return failed(request, "sign_in", "bad_request")
    try:
        answer: Response = then(central, request, query, read_request(site, parameters))
    except BadRequest as error:
        return _back(central, site, parameters.get("state", ""), error=error.error, error_description=error.description)
    return answer


def _first_page(central: Context, request: Request, query: str, wanted: Authorization) -> Response:
    who = look_at_ticket(central.engine, wanted, spend=False) if wanted.ticket else None
    if wanted.prompt == "none":
        raise BadRequest("interaction_required" if who else "login_required", "the holder must be asked")
    if who is None and not wanted.site.takes(ACR_PHONE, wanted.acr_values):
        raise BadRequest("unmet_authentication_requirements", "sign in with the card, at a terminal")
    if who is None:
        return _asking_number(request, query, wanted)
    page = _asking(request, wanted)
    page.form("/authorize/decide", {"request": query}, [], [("approve", "approve", ""), ("refuse", "refuse", "second")])
    return page.answer(form_targets=wanted.site.origin)


def _asking_number(request: Request, query: str, wanted: Authorization, wrong: str = "", status: int = 200) -> Response:
    """The page that asks for the number, again when something was wrong with it."""
    page = _asking(request, wanted, wrong)
    page.form(
        "/authorize/phone", {"request": query}, [page.input("phone", "phone", PHONE_INPUT)], [("send", "send", "")]
    )
    page.form("/authorize/decide", {"request": query}, [], [("refuse", "refuse", "second")])
    return page.answer(status, wanted.site.origin)


def _asking_code(request: Request, query: str, wanted: Authorization, check_id: str, wrong: str = "") -> Response:
    """The page that asks for the SMS code, again when it was wrong."""
    page = _asking(request, wanted, wrong)
    page.note("sent")
    hidden = {"request": query, "check_id": check_id}
    page.form("/authorize/decide", hidden, [page.input("code", "code", CODE_INPUT)], [("approve", "approve", "")])
    page.form("/authorize/decide", {"request": query}, [], [("refuse", "refuse", "second")])
    page.link("/authorize", dict(parse_qsl(query, keep_blank_values=True)), "again")
    return page.answer(400 if wrong else 200, wanted.site.origin)


def _asking(request: Request, wanted: Authorization, wrong: str = "") -> Page:
    page = Page(request, "sign_in")
    if wrong:
        page.note(wrong, "bad")
    page.heading("asks", site=wanted.site.name_zh if page.lang == "zh" else wanted.site.name_en)
    page.note("tells")
    return page


@router.post("/authorize/phone", response_class=HTMLResponse)
def send_code(central: Central, http: Request, request: Query, phone: Needed, action: Short = "") -> Response:
    """Send a code to the number; the same page whether it is linked to an account or not."""
    del action

    def then(central: Context, http: Request, query: str, wanted: Authorization) -> Response:
        if not re.fullmatch(PHONE, phone):
            return _asking_number(http, query, wanted, "bad_phone", 400)
        try:
            check_id = send_sms(central, http, phone, _purpose(wanted))
        except CentralRefusal as refusal:
            return _asking_number(http, query, wanted, refusal.code, refusal.status)
        return _asking_code(http, query, wanted, check_id)

    return _guarded(central, http, request, then)


@router.post("/authorize/decide", response_class=HTMLResponse)
def decide(
    central: Central, http: Request, request: Query, action: Needed, check_id: Short = "", code: Short = ""
) -> Response:
    """The person's word: back to the site with a code, or without."""

    def then(central: Context, http: Request, query: str, wanted: Authorization) -> Response:
        if action != "approve":
            raise BadRequest("access_denied", "the person refused")
        try:
            who = _signed_in(central, wanted, check_id, code)
        except phones.WrongCode:
            return _asking_code(http, query, wanted, check_id, "wrong_code")
        return _back(central, wanted.site, wanted.state, code=new_code(central.engine, wanted, who))

    return _guarded(central, http, request, then)


def _purpose(wanted: Authorization) -> phones.Purpose:
    return phones.at_site(wanted.site.client_id, wanted.site.name_zh, wanted.site.name_en)


def _signed_in(central: Context, wanted: Authorization, check_id: str, code: str) -> SignedIn:
    if check_id:
        person, _phone = phones.confirm(central.engine, check_id, code, _purpose(wanted))
        return SignedIn(person, ACR_PHONE, time.time(), None)
    who = look_at_ticket(central.engine, wanted, spend=True)
    if who is None:
        raise BadRequest("login_required", "the sign-in at the terminal is over")
    return who


@router.get("/userinfo")
def userinfo(
    central: Central,
    request: Request,
    authorization: Presented,
    dpop: Proof = None,
) -> dict[str, str]:
    """The pairwise subject and nothing else: what a site may know, it asks the person for."""
    kind, _, token = (authorization or "").partition(" ")
    grant = look_up(central.engine, token) if token else None
    if grant is None or grant.audience != f"{central.issuer}/userinfo" or grant.person is None:
        raise InvalidToken("not a token for userinfo")
    if grant.jkt or kind.lower() != "bearer":
        url = f"{central.issuer}/userinfo"
        jkt, once = check_proof(central.keys.nonce_key, dpop, request.method, url, token=token)
        spend_now(central.engine, once)
        if jkt != grant.jkt:
            raise InvalidToken("bound to another key")
    site = site_of(central.engine, grant.client_id)
    if site is None:
        raise InvalidToken("the site is not registered any more")
    note_told(central, registered(central.engine, site.client_id), grant.sid)
    return {"sub": central.keys.pairwise(grant.person, site.sector)}
