"""Challenge, token, revocation, introspection, metadata, time."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from backend_client.contract.identity import Challenge, Introspection, SiteToken, TimeStatement, Token
from central.access_log.noting import note_told, told_already
from central.api.direct import ClientForm, DirectRoute, TokenForm
from central.api.grants import TokenRequest, answered
from central.api.office import Central, Context, caller, once_each
from central.certificates import published
from central.identity import tokens
from central.identity.clients import Client
from central.identity.introspection import introspect as introspection_of
from central.identity.metadata import server_metadata
from central.identity.single_use import Once, new_challenge, spend, used_before
from central.identity.statements import time_claims
from central.storage import writing

router = APIRouter(tags=["identity"], dependencies=[Depends(once_each)])
direct = APIRouter(tags=["identity"], route_class=DirectRoute)


DPOP = {
    "name": "DPoP", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 16384},
    "description": "RFC 9449: proof for this request",
}  # fmt: skip


class Nothing(BaseModel):
    """An empty object."""


@direct.post("/card/challenge")
async def challenge(central: Central, request: Request, form: Annotated[ClientForm, Form()]) -> Challenge:
    """A nonce for one card assertion of this terminal."""
    terminal, ids = await caller(central, request, form)
    terminal.demand("terminal")
    keys = central.card_keys
    host_random = await run_in_threadpool(keys.host_random) if keys.elsewhere else keys.host_random()

    def kept(connection: Connection) -> Challenge:
        spend(connection, *ids)
        return new_challenge(connection, terminal.client_id, host_random)

    return await central.write(kept)


@direct.post("/token", openapi_extra={"parameters": [DPOP]})
async def token(central: Central, request: Request, form: Annotated[TokenRequest, Form()]) -> Token | SiteToken:
    """A token for a card's holder, for a phone's owner, for the terminal itself, or for a site."""
    client, ids = await caller(central, request, form)
    return await answered(central, client, ids, form, request.headers.getlist("DPoP"))


@direct.post("/revoke")
async def revoke(central: Central, request: Request, form: Annotated[TokenForm, Form()]) -> Nothing:
    """End a token and its session (RFC 7009)."""
    client, ids = await caller(central, request, form)
    await run_in_threadpool(_revoke, central, client, ids, form.token)
    return Nothing()


def _revoke(central: Context, client: Client, ids: tuple[Once, ...], token: str) -> None:
    """On the disk before the answer: a power cut brings no ended session back."""
    with writing(central.engine) as connection:
        refused = used_before(connection, *ids)
        if refused is None:
            tokens.revoke(connection, token, client.client_id)
    if refused is not None:
        raise refused


@direct.post("/introspect", response_model_exclude_none=True)
async def introspect(central: Central, request: Request, form: Annotated[TokenForm, Form()]) -> Introspection:
    """What a token stands for (RFC 7662), for the resource server that it was made for and the client that has it."""
    client, ids = await caller(central, request, form)
    if ids:
        await central.write(lambda connection: spend(connection, *ids))
    told = introspection_of(central.engine, central.keys, central.issuer, client, form.token)
    if told.active and told.sid and not told_already(central, client, told.sid):
        await run_in_threadpool(note_told, central, client, told.sid)
    return told


@router.get("/.well-known/oauth-authorization-server")
def metadata(central: Central) -> dict[str, Any]:
    """RFC 8414 metadata."""
    return server_metadata(central.issuer)


@router.get("/time")
def time_now(central: Central, nonce: Annotated[str, Query(min_length=16, max_length=64)]) -> TimeStatement:
    """Our clock, signed with a key that terminals pin: for a terminal whose own clock is wrong."""
    return TimeStatement(statement=central.keys.state("time+jwt", time_claims(central.issuer, nonce)))


@router.get("/keys")
def keys(central: Central) -> dict[str, Any]:
    """Public keys of the signed codes, and the authority behind signed files."""
    return published(central.keys)


@router.get("/jwks")
def jwks(central: Central) -> dict[str, Any]:
    """Public keys of id_tokens and logout tokens."""
    return dict(central.keys.identity_jwks())
