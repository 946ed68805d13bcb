"""RFC 7662: what a resource server, or the terminal that owns a token, may know of it."""

from sqlalchemy import Engine

from backend_client.contract.identity import Actor, Introspection
from central.identity.clients import Client
from central.identity.sites import site_of
from central.identity.tokens import Grant, look_up
from central.keys import Keys


def _may_ask(client: Client, grant: Grant) -> bool:
    return client.client_id == grant.client_id or client.resource == grant.audience


def _actor(keys: Keys, grant: Grant, sector: str) -> Actor | None:
    """Who acts for the subject (RFC 8693 section 4.1): the terminal, and before it a guardian."""
    if grant.person is None:
        return None
    terminal = Actor(sub=grant.client_id)
    if grant.holder is None or grant.holder == grant.person:
        return terminal
    return Actor(sub=keys.pairwise(grant.holder, sector), act=terminal)


def _sector(engine: Engine, client: Client) -> str:
    """What this client's pairwise subjects are made for: a site's are those of its id_tokens."""
    site = site_of(engine, client.client_id) if client.kind == "site" else None
    return site.sector if site is not None else client.client_id


def introspect(engine: Engine, keys: Keys, issuer: str, client: Client, token: str) -> Introspection:
    """The answer to this client; `active: false` for everything that is not its business. `sub` is pairwise."""
    grant = look_up(engine, token)
    if grant is None or not _may_ask(client, grant):
        return Introspection(active=False)
    sector = _sector(engine, client)
    return Introspection(
        active=True,
        iss=issuer,
        sub=keys.pairwise(grant.person, sector) if grant.person else grant.client_id,
        aud=grant.audience,
        sid=grant.sid,
        scope=grant.scope,
        client_id=grant.client_id,
        token_type="DPoP",
        acr=grant.acr,
        auth_time=int(grant.auth_time),
        iat=int(grant.issued),
        exp=int(grant.expires),
        cnf={"jkt": grant.jkt, **({"x5t#S256": grant.x5t} if grant.x5t else {})},
        act=_actor(keys, grant, sector),
    )
