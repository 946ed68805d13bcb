"""The token endpoint's grants: a card, a phone, the terminal itself, a site.

All signatures are verified first, outside of any transaction; then everything that may count once is used up, and the
session made, in one transaction (two for profile B, where the HSM stands between).
"""

from typing import Annotated

from pydantic import Field
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from backend_client.contract.identity import GRANT_CARD, GRANT_DEVICE, HolderName, SiteToken, Token
from central.access_log.appending import logging_or_refusing
from central.access_log.chains import Chain
from central.access_log.noting import IDENTITY, Why, appender, note_read, note_told, sign_in_of
from central.api.direct import ClientForm
from central.api.office import Context
from central.errors import CentralRefusal, InvalidProof
from central.identity import device_flow, tokens
from central.identity.authorization import id_token, redeem
from central.identity.card_grant import (
    CardCheck,
    CardHolder,
    Proof,
    attendant_of_card,
    check_cryptogram,
    holder_of_card,
    read_assertion,
    spend_assertion,
)
from central.identity.clients import Client, is_resource
from central.identity.dpop import check_proof
from central.identity.guardians import ward_of
from central.identity.scopes import ACR_CRYPTOGRAM, STAFF_SCOPE, needs
from central.identity.single_use import Once, spend
from central.identity.sites import site_of
from central.synthetic.person import person

Given = tuple[str, tokens.Grant]


class TokenRequest(ClientForm):
    """RFC 6749 section 4, with what each grant adds."""

    grant_type: Annotated[str, Field(min_length=1, max_length=100)]
    scope: Annotated[str, Field(max_length=200)] = ""
    assertion: Annotated[str, Field(max_length=16384)] = ""
    resource: Annotated[str, Field(max_length=200, description="RFC 8707; default: this platform's API")] = ""
    acting_for: Annotated[str, Field(max_length=32, description="relation_id of a ward")] = ""
    device_code: Annotated[str, Field(max_length=64, description="RFC 8628")] = ""
    code: Annotated[str, Field(max_length=64, description="of a site's authorization request")] = ""
    redirect_uri: Annotated[str, Field(max_length=300)] = ""
    code_verifier: Annotated[str, Field(max_length=128, description="RFC 7636")] = ""


async def answered(
    central: Context, client: Client, ids: tuple[Once, ...], asked: TokenRequest, proofs: list[str]
) -> Token | SiteToken:
    """The answer to a client's request. `ids`: what it sent already and may count once; used up even when refused."""
    try:
        return await _checked(central, client, ids, asked, proofs)
    except CentralRefusal:
        await central.write(lambda connection: _use_up(connection, ids))
        raise


def _use_up(connection: Connection, ids: tuple[Once, ...]) -> None:
    try:
        spend(connection, *ids)
    except CentralRefusal:
        pass  # used up before; the request is refused anyhow


async def _checked(
    central: Context, client: Client, ids: tuple[Once, ...], asked: TokenRequest, proofs: list[str]
) -> Token | SiteToken:
    jkt, ids = _bound_to(central, asked, ids, proofs)
    if asked.grant_type == "authorization_code":
        client.demand("site")
        await central.write(lambda connection: spend(connection, *ids))
        return await run_in_threadpool(_for_site, central, client, asked, jkt)
    client.demand("terminal")
    wanted = tokens.Wanted(asked.scope, audience_of(central, asked.resource), jkt, client.x5t)
    if asked.grant_type == "client_credentials":
        return await _for_terminal(central, client, ids, wanted)
    if asked.grant_type == GRANT_DEVICE:
        await central.write(lambda connection: spend(connection, *ids))
        return await run_in_threadpool(_for_phone, central, client, asked.device_code, wanted)
    if asked.grant_type != GRANT_CARD:
        raise CentralRefusal(400, "unsupported_grant_type", "See grant_types_supported.")
    return answer(central, *await _for_card(central, client, ids, asked, wanted))


def _bound_to(
    central: Context, asked: TokenRequest, ids: tuple[Once, ...], proofs: list[str]
) -> tuple[str, tuple[Once, ...]]:
    """Thumbprint of the DPoP key; "" for a site that sends no proof and gets a bearer token."""
    if len(proofs) > 1:
        raise InvalidProof("two proofs", 400)
    proof = proofs[0] if proofs else None
    if proof is None and asked.grant_type == "authorization_code":
        return "", ids
    jkt, once = check_proof(central.keys.nonce_key, proof, "POST", f"{central.issuer}/token")
    return jkt, (*ids, once)


def audience_of(central: Context, resource: str) -> str:
    """The resource that a token is for (RFC 8707); `invalid_target` for one that nobody registered."""
    if not resource or resource == central.api:
        return central.api
    if not is_resource(central.engine, resource):
        raise CentralRefusal(400, "invalid_target", "There is no such resource here; see protected_resources.")
    return resource


async def _for_terminal(central: Context, client: Client, ids: tuple[Once, ...], wanted: tokens.Wanted) -> Token:
    if wanted.scope != tokens.TERMINAL_SCOPE:
        raise CentralRefusal(400, "invalid_scope", "A terminal's own token has the scope `terminal`.")

    def given(connection: Connection) -> Given:
        spend(connection, *ids)
        return tokens.give(connection, holder=None, client_id=client.client_id, wanted=wanted)

    return answer(central, *await central.write(given))


async def _for_card(
    central: Context, client: Client, ids: tuple[Once, ...], asked: TokenRequest, wanted: tokens.Wanted
) -> Given:
    scopes = set(asked.scope.split(" "))
    if scopes != {STAFF_SCOPE} and not scopes <= needs().keys():
        raise CentralRefusal(400, "invalid_scope", f"Scopes: {' '.join(sorted(needs()))}.")
    check = CardCheck(central.keys.trusted_card_ca, f"{central.issuer}/token")
    proof = read_assertion(check, asked.assertion, client, wanted.jkt)

    def spent(connection: Connection) -> str:
        return spend_assertion(connection, proof, client, *ids)

    def given(connection: Connection) -> tuple[Given, list[Chain]]:
        made = _session(central, connection, client, proof, wanted, asked.acting_for)
        line = sign_in_of(central, made[1]) if proof.sid is None else None
        return made, appender(central).add(connection, line) if line is not None else []

    with logging_or_refusing(central.engine):
        if proof.acr == ACR_CRYPTOGRAM:
            host_random = await central.write(spent)
            await run_in_threadpool(check_cryptogram, central.card_keys, proof, host_random)
            made, ends = await central.write(given)
        else:
            made, ends = await central.write(lambda connection: (spent(connection), given(connection))[1])
    if ends:
        await appender(central).settled(ends)
    return made


def _session(
    central: Context, connection: Connection, client: Client, proof: Proof, wanted: tokens.Wanted, acting_for: str
) -> Given:
    """A new session of the card's holder, or the next token of one that goes on."""
    staff = wanted.scope == STAFF_SCOPE
    holder = attendant_of_card(connection, proof) if staff else holder_of_card(connection, proof)
    if holder.sid is not None:
        return tokens.renew(connection, holder, client, wanted)
    ward = None if staff else _ward(central, connection, holder, acting_for, wanted.scope)
    return tokens.give(connection, holder=holder, client_id=client.client_id, wanted=wanted, person=ward)


def _ward(central: Context, connection: Connection, holder: CardHolder, acting_for: str, scope: str) -> int | None:
    if not acting_for:
        return None
    keys = central.keys
    return ward_of(connection, keys.seed, keys.pairwise_salt, holder.person or 0, acting_for, scope)


def _for_phone(central: Context, client: Client, device_code: str, wanted: tokens.Wanted) -> Token:
    def given(connection: Connection, holder: CardHolder, scope: str, audience: str) -> Given:
        asked = tokens.Wanted(scope, audience, wanted.jkt, wanted.x5t)
        return tokens.give(connection, holder=holder, client_id=client.client_id, wanted=asked)

    made = device_flow.poll(central.engine, client.client_id, device_code, given)
    note_read(central, made[1], IDENTITY, Why("sign-in"))
    return answer(central, *made)


def _for_site(central: Context, client: Client, asked: TokenRequest, jkt: str) -> SiteToken:
    site = site_of(central.engine, client.client_id)
    if site is None:
        raise CentralRefusal(400, "unauthorized_client", "This site is not registered any more.")
    wanted = tokens.Wanted("openid", f"{central.issuer}/userinfo", jkt)
    redeemed = redeem(central.engine, site, asked.code, asked.redirect_uri, asked.code_verifier, wanted)
    note_told(central, client, redeemed.grant.sid)
    return SiteToken(
        access_token=redeemed.token,
        token_type="DPoP" if jkt else "Bearer",
        expires_in=max(1, round(redeemed.grant.expires - redeemed.grant.issued)),
        scope=redeemed.grant.scope,
        id_token=id_token(central.keys, central.issuer, site, redeemed),
    )


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
