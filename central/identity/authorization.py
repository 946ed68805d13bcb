"""OpenID Connect's code flow with PKCE (RFC 7636): requests checked, codes given and spent, id_tokens made."""

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from central.errors import InvalidGrant
from central.identity.card_grant import AMR, CardHolder
from central.identity.scopes import ACR_PHONE
from central.identity.sites import Site, site_of
from central.identity.statements import signed
from central.identity.tables import authorization_codes, login_tickets, sessions
from central.identity.tokens import Grant, Parent, Wanted, end, give, held_session, live_session
from central.keys import Keys
from central.storage import writing

CODE_SECONDS, TICKET_SECONDS, ID_TOKEN_SECONDS = 60, 60, 300
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
MAX_PARAMETER = 500


class BadClient(ValueError):
    """Client or redirect address unknown: nothing may be sent there (RFC 6749 section 4.1.2.1)."""


class BadRequest(ValueError):
    """To be told to the site, at its redirect address."""

    def __init__(self, error: str, description: str) -> None:
        self.error, self.description = error, description
        super().__init__(error)


@dataclass(frozen=True)
class Request:
    """A checked authorization request. `ticket`: empty with prompt=login, for nobody signs in anew at the terminal."""

    site: Site
    state: str
    nonce: str | None
    challenge: str
    acr_values: tuple[str, ...]
    max_age: int | None
    prompt: str
    ticket: str


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, how and when; `parent` the terminal's session, None for a phone in its own browser."""

    person: int
    acr: str
    auth_time: float
    parent: str | None


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def read_site(engine: Engine, query: Mapping[str, str]) -> Site:
    """The site of a request whose redirect address is its own; BadClient."""
    site = site_of(engine, query.get("client_id", ""))
    if site is None or query.get("redirect_uri") != site.redirect_uri:
        raise BadClient
    return site


def read_request(site: Site, query: Mapping[str, str]) -> Request:
    """The request, checked; BadRequest."""
    if any(len(value) > MAX_PARAMETER for value in query.values()):
        raise BadRequest("invalid_request", "a parameter is too long")
    for name in ("request", "request_uri", "registration"):
        if name in query:
            raise BadRequest(f"{name}_not_supported", f"{name} is not supported")
    if query.get("response_type") != "code" or query.get("response_mode", "query") != "query":
        raise BadRequest("unsupported_response_type", "only response_type=code, in the query")
    if "openid" not in query.get("scope", "").split(" "):
        raise BadRequest("invalid_scope", "the scope must have openid")
    challenge = query.get("code_challenge", "")
    if query.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(challenge):
        raise BadRequest("invalid_request", "PKCE with S256 is required")
    age, prompt = query.get("max_age", ""), query.get("prompt", "")
    if "none" in prompt.split() and prompt != "none":
        raise BadRequest("invalid_request", "prompt is none and more")
    if age and not re.fullmatch(r"\d{1,6}", age, re.ASCII):
        raise BadRequest("invalid_request", "max_age is not a number")
    return Request(
        site=site, state=query.get("state", ""), nonce=query.get("nonce"), challenge=challenge,
        acr_values=tuple(query.get("acr_values", "").split()), max_age=int(age) if age else None,
        prompt=prompt, ticket="" if "login" in prompt.split() else query.get("login_hint", ""),
    )  # fmt: skip


def new_ticket(engine: Engine, grant: Grant, site: Site) -> str:
    """Lets the holder's browser at the terminal sign in at this one site, once, within a minute.

    It goes through the site as `login_hint` (third-party initiated login), so it must be worth nothing at another one.
    """
    ticket = secrets.token_urlsafe(32)
    row = {"digest": _digest(ticket), "sid": grant.sid, "client_id": site.client_id}
    with writing(engine) as connection:
        connection.execute(insert(login_tickets).values(**row, expires=time.time() + TICKET_SECONDS))
    return ticket


def look_at_ticket(engine: Engine, request: Request, *, spend: bool) -> SignedIn | None:
    """Who stands behind a live ticket for this site; `spend` uses it up."""
    wanted = (login_tickets.c.digest == _digest(request.ticket), login_tickets.c.client_id == request.site.client_id)
    taken = delete(login_tickets).where(*wanted).returning(*login_tickets.c)
    with writing(engine) as connection:
        row = connection.execute(taken if spend else select(login_tickets).where(*wanted)).one_or_none()
    session = live_session(engine, row.sid) if row is not None and row.expires > time.time() else None
    if session is None or session.person is None or session.person != session.holder:
        return None
    return SignedIn(session.person, session.acr, session.auth_time, session.sid)


def new_code(engine: Engine, request: Request, who: SignedIn) -> str:
    """A code for the site; BadRequest when the sign-in is not strong or fresh enough for it."""
    if not request.site.takes(who.acr, request.acr_values):
        raise BadRequest("unmet_authentication_requirements", "a stronger sign-in is needed")
    if request.max_age is not None and int(time.time()) - int(who.auth_time) > request.max_age:
        raise BadRequest("login_required", "a fresher sign-in is needed")
    code = secrets.token_urlsafe(32)
    row = {
        "digest": _digest(code), "client_id": request.site.client_id, "redirect_uri": request.site.redirect_uri,
        "challenge": request.challenge, "nonce": request.nonce, "person": who.person, "parent": who.parent,
        "acr": who.acr, "auth_time": who.auth_time, "expires": time.time() + CODE_SECONDS, "sid": None,
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(insert(authorization_codes).values(**row))
    return code


@dataclass(frozen=True)
class Redeemed:
    """What a code gave: the access token for userinfo, its grant, and the request's nonce."""

    token: str
    grant: Grant
    nonce: str | None


def redeem(engine: Engine, site: Site, code: str, redirect_uri: str, verifier: str, wanted: Wanted) -> Redeemed:
    """Spend a code. InvalidGrant; a code that comes twice ends what it gave (RFC 6749 section 4.1.2)."""
    found = select(authorization_codes).where(authorization_codes.c.digest == _digest(code)).with_for_update()
    with writing(engine) as connection:
        row = connection.execute(found).one_or_none()
        if row is None or row.client_id != site.client_id or row.redirect_uri != redirect_uri:
            raise InvalidGrant("no such code of this site")
        if not VERIFIER.fullmatch(verifier) or not hmac.compare_digest(_challenge_of(verifier), row.challenge):
            raise InvalidGrant("the code verifier is wrong")
        if row.sid is None:
            return _given(connection, site, row, wanted)
        end(connection, sessions.c.sid == row.sid)
    raise InvalidGrant("the code was spent before")


def _challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _given(connection: Connection, site: Site, row: Row[tuple[object, ...]], wanted: Wanted) -> Redeemed:
    """The card may be pulled at this moment: the site's session is made while the terminal's is held, or not at all."""
    parent = held_session(connection, row.parent) if row.parent else None
    if row.expires < time.time() or (row.parent and parent is None):
        raise InvalidGrant("the code is over, or the session behind it")
    holder = CardHolder(row.person, None, row.acr, row.auth_time)
    of_parent = Parent(parent.sid, parent.ends) if parent is not None else None
    token, grant = give(connection, holder=holder, client_id=site.client_id, wanted=wanted, parent=of_parent)
    mine = authorization_codes.c.digest == row.digest
    connection.execute(update(authorization_codes).where(mine).values(sid=grant.sid))
    return Redeemed(token, grant, row.nonce)


def id_token(keys: Keys, issuer: str, site: Site, redeemed: Redeemed) -> str:
    """OpenID Connect Core section 2; `sub` pairwise for the site's sector, `sid` for this site alone."""
    grant, now = redeemed.grant, int(time.time())
    claims: dict[str, object] = {
        "iss": issuer, "sub": keys.pairwise(grant.person or 0, site.sector), "aud": site.client_id, "iat": now,
        "exp": now + ID_TOKEN_SECONDS, "auth_time": int(grant.auth_time), "acr": grant.acr,
        "amr": ["sms"] if grant.acr == ACR_PHONE else AMR[grant.acr], "sid": grant.sid,
    }  # fmt: skip
    if redeemed.nonce is not None:
        claims["nonce"] = redeemed.nonce
    return signed(keys.identity_key, "JWT", claims)
