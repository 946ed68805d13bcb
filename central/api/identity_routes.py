"""Challenge, token, revocation, introspection, metadata, time."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query

from backend_client.contract.identity import (
    GRANT_CARD,
    GRANT_DEVICE,
    Challenge,
    HolderName,
    Introspection,
    SiteToken,
    TimeStatement,
    Token,
)
from central.api.office import Central, Context, Proof, Terminal, once_each
from central.checking import published
from central.errors import CentralRefusal
from central.identity import device_flow, tokens
from central.identity.authorization import id_token, redeem
from central.identity.card_grant import CardCheck, CardHolder, check_assertion, check_staff
from central.identity.clients import Client, resources
from central.identity.dpop import check_proof
from central.identity.guardians import ward_of
from central.identity.introspection import introspect as introspection_of
from central.identity.metadata import server_metadata
from central.identity.scopes import STAFF_SCOPE, needs
from central.identity.single_use import new_challenge
from central.identity.sites import site_of
from central.identity.statements import time_statement
from central.synthetic.person import person

router = APIRouter(tags=["identity"], dependencies=[Depends(once_each)])
TokenField = Annotated[str, Form(min_length=1, max_length=200)]


@router.post("/card/challenge")
def challenge(central: Central, terminal: Terminal) -> Challenge:
    """A nonce for one card assertion of this terminal."""
    terminal.demand("terminal")
    return new_challenge(central.engine, terminal.client_id, central.card_keys.host_random())


@router.post("/token")
def token(
    central: Central,
    terminal: Terminal,
    grant_type: Annotated[str, Form(min_length=1, max_length=100)],
    scope: Annotated[str, Form(max_length=200)] = "",
    assertion: Annotated[str, Form(max_length=16384)] = "",
    resource: Annotated[str, Form(max_length=200, description="RFC 8707; default: this platform's API")] = "",
    acting_for: Annotated[str, Form(max_length=32, description="relation_id of a ward")] = "",
    device_code: Annotated[str, Form(max_length=64, description="RFC 8628")] = "",
    code: Annotated[str, Form(max_length=64, description="of a site's authorization request")] = "",
    redirect_uri: Annotated[str, Form(max_length=300)] = "",
    code_verifier: Annotated[str, Form(max_length=128, description="RFC 7636")] = "",
    dpop: Proof = None,
) -> Token | SiteToken:
    """A token for a card's holder, for a phone's owner, for the terminal itself, or for a site."""
    if grant_type == "authorization_code":
        return _for_site(central, terminal, Spent(code, redirect_uri, code_verifier), dpop)
    terminal.demand("terminal")
    jkt = check_proof(central.engine, central.keys.nonce_key, dpop, "POST", f"{central.issuer}/token")
    wanted = tokens.Wanted(scope, audience_of(central, resource), jkt, terminal.x5t)
    if grant_type == "client_credentials":
        return _for_terminal(central, terminal, wanted)
    if grant_type == GRANT_DEVICE:
        return _for_phone(central, terminal, device_code, wanted)
    if grant_type != GRANT_CARD:
        raise CentralRefusal(400, "unsupported_grant_type", "See grant_types_supported.")
    return _for_card(central, terminal, assertion, wanted, acting_for)


def audience_of(central: Context, resource: str) -> str:
    """The resource that a token is for (RFC 8707); `invalid_target` for one that nobody registered."""
    if not resource or resource == central.api:
        return central.api
    if resource not in resources(central.engine):
        raise CentralRefusal(400, "invalid_target", "There is no such resource here; see protected_resources.")
    return resource


def _for_terminal(central: Context, terminal: Client, wanted: tokens.Wanted) -> Token:
    if wanted.scope != tokens.TERMINAL_SCOPE:
        raise CentralRefusal(400, "invalid_scope", "A terminal's own token has the scope `terminal`.")
    return answer(central, *tokens.give(central.engine, holder=None, client_id=terminal.client_id, wanted=wanted))


def _for_card(central: Context, terminal: Client, assertion: str, wanted: tokens.Wanted, acting_for: str) -> Token:
    scopes = set(wanted.scope.split(" "))
    if scopes != {STAFF_SCOPE} and not scopes <= needs().keys():
        raise CentralRefusal(400, "invalid_scope", f"Scopes: {' '.join(sorted(needs()))}.")
    check = CardCheck(central.engine, central.keys.card_ca, central.card_keys, f"{central.issuer}/token")
    if scopes == {STAFF_SCOPE}:
        staff = check_staff(check, assertion, terminal, wanted.jkt)
        return answer(central, *tokens.give(central.engine, holder=staff, client_id=terminal.client_id, wanted=wanted))
    holder = check_assertion(check, assertion, terminal, wanted.jkt)
    if holder.sid is not None:
        return answer(central, *tokens.renew(central.engine, holder, terminal, wanted))
    ward = _ward(central, holder, acting_for, wanted.scope)
    given = tokens.give(central.engine, holder=holder, client_id=terminal.client_id, wanted=wanted, person=ward)
    return answer(central, *given)


def _for_phone(central: Context, terminal: Client, device_code: str, wanted: tokens.Wanted) -> Token:
    holder, scope, audience = device_flow.poll(central.engine, terminal.client_id, device_code)
    wanted = tokens.Wanted(scope, audience, wanted.jkt, wanted.x5t)
    return answer(central, *tokens.give(central.engine, holder=holder, client_id=terminal.client_id, wanted=wanted))


@dataclass(frozen=True)
class Spent:
    """What a site spends a code with."""

    code: str
    redirect_uri: str
    verifier: str


def _for_site(central: Context, client: Client, spent: Spent, dpop: str | None) -> SiteToken:
    client.demand("site")
    site = site_of(central.engine, client.client_id)
    if site is None:
        raise CentralRefusal(400, "unauthorized_client", "This site is not registered any more.")
    proof = (central.engine, central.keys.nonce_key, dpop, "POST", f"{central.issuer}/token")
    jkt = check_proof(*proof) if dpop else ""
    wanted = tokens.Wanted("openid", f"{central.issuer}/userinfo", jkt)
    redeemed = redeem(central.engine, site, spent.code, spent.redirect_uri, spent.verifier, wanted)
    return SiteToken(
        access_token=redeemed.token,
        token_type="DPoP" if jkt else "Bearer",
        expires_in=max(1, round(redeemed.grant.expires - redeemed.grant.issued)),
        scope=redeemed.grant.scope,
        id_token=id_token(central.keys, central.issuer, site, redeemed),
    )


def _ward(central: Context, holder: CardHolder, acting_for: str, scope: str) -> int | None:
    if not acting_for:
        return None
    keys = central.keys
    return ward_of(keys.seed, keys.pairwise_salt, holder.person or 0, acting_for, scope)


def answer(central: Context, value: str, grant: tokens.Grant) -> Token:
    """The token endpoint's answer."""
    who = person(central.keys.seed, grant.person) if grant.person else None
    return Token(
        access_token=value,
        token_type="DPoP",
        expires_in=max(1, round(grant.expires - grant.issued)),
        session_expires_in=max(0, round(grant.ends - grant.issued)),
        scope=grant.scope,
        sid=grant.sid,
        acr=grant.acr,
        holder=HolderName(id_no=who.id_no, name=who.name) if who else None,
    )


@router.post("/revoke")
def revoke(central: Central, terminal: Terminal, token: TokenField) -> dict[str, str]:
    """End a token and its session (RFC 7009)."""
    tokens.revoke(central.engine, token, terminal.client_id)
    return {}


@router.post("/introspect", response_model_exclude_none=True)
def introspect(central: Central, terminal: Terminal, token: TokenField) -> Introspection:
    """What a token stands for (RFC 7662), for the resource server that it was made for and the client that has it."""
    return introspection_of(central.engine, central.keys, central.issuer, terminal, token)


@router.get("/.well-known/oauth-authorization-server")
def metadata(central: Central) -> dict[str, Any]:
    """RFC 8414 metadata."""
    return server_metadata(central.issuer)


@router.get("/time")
def time_now(central: Central, nonce: Annotated[str, Query(min_length=16, max_length=64)]) -> TimeStatement:
    """Our clock, signed with a key that terminals pin: for a terminal whose own clock is wrong."""
    return TimeStatement(statement=time_statement(central.keys.seal_key, central.issuer, nonce))


@router.get("/keys")
def keys(central: Central) -> dict[str, Any]:
    """Public keys of the signed codes, and the authority behind signed files."""
    return published(central.keys)


@router.get("/jwks")
def jwks(central: Central) -> dict[str, Any]:
    """Public keys of id_tokens and logout tokens."""
    return dict(central.keys.identity_jwks())
