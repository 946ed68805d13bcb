"""Opaque access tokens: given, looked up, revoked. Only their digests are stored."""

import hashlib
import secrets
import time
import uuid
from dataclasses import dataclass

from sqlalchemy import Engine, insert, select, update

from backend_client.contract.identity import Introspection
from central.errors import InsufficientScope, InvalidToken
from central.identity.card_grant import CardHolder
from central.keys import Keys
from central.storage import tokens, writing

TOKEN_SECONDS = 300
HOLDER_SCOPES = frozenset({"social", "family"})
TERMINAL_SCOPE = "terminal"
ACR_TERMINAL = "urn:onecard:acr:terminal"


@dataclass(frozen=True)
class Grant:
    """What a live token stands for; `person` None for a terminal's own token."""

    person: int | None
    card_id: str | None
    client_id: str
    scope: str
    sid: str
    acr: str
    jkt: str
    auth_time: float
    expires: float


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def give(engine: Engine, *, holder: CardHolder | None, client_id: str, scope: str, jkt: str) -> tuple[str, Grant]:
    """A new token, bound to the session key, for 300 seconds."""
    token, now = secrets.token_urlsafe(32), time.time()
    grant = Grant(
        person=holder.person if holder else None,
        card_id=holder.card_id if holder else None,
        client_id=client_id,
        scope=scope,
        sid=str(uuid.uuid4()),
        acr=holder.acr if holder else ACR_TERMINAL,
        jkt=jkt,
        auth_time=now,
        expires=now + TOKEN_SECONDS,
    )
    with writing(engine) as connection:
        connection.execute(insert(tokens).values(digest=_digest(token), revoked=0, **vars(grant)))
    return token, grant


def look_up(engine: Engine, token: str) -> Grant | None:
    """The grant of a live token."""
    with engine.connect() as connection:
        row = connection.execute(select(tokens).where(tokens.c.digest == _digest(token))).one_or_none()
    if row is None or row.revoked or row.expires < time.time():
        return None
    fields = {key: value for key, value in row._mapping.items() if key not in ("digest", "revoked")}
    return Grant(**fields)


def require(engine: Engine, token: str, jkt: str, scope: str) -> Grant:
    """The grant, if the token is alive, belongs to this key and covers the scope."""
    grant = look_up(engine, token)
    if grant is None:
        raise InvalidToken("The token is unknown, expired or revoked; sign in again.")
    if grant.jkt != jkt:
        raise InvalidToken("The token belongs to another key; sign in again.")
    if scope not in grant.scope.split():
        raise InsufficientScope(scope)
    return grant


def revoke(engine: Engine, token: str, client_id: str) -> None:
    """End a token of this terminal; unknown ones are nobody's business (RFC 7009 section 2.2)."""
    with writing(engine) as connection:
        connection.execute(
            update(tokens).where(tokens.c.digest == _digest(token), tokens.c.client_id == client_id).values(revoked=1)
        )


def introspect(engine: Engine, keys: Keys, token: str) -> Introspection:
    """RFC 7662: what a resource server may know."""
    grant = look_up(engine, token)
    if grant is None:
        return Introspection(active=False)
    return Introspection(
        active=True,
        sub=keys.pairwise(grant.person, grant.client_id) if grant.person else grant.client_id,
        sid=grant.sid,
        scope=grant.scope,
        client_id=grant.client_id,
        acr=grant.acr,
        auth_time=int(grant.auth_time),
        exp=int(grant.expires),
        cnf={"jkt": grant.jkt},
        act={"sub": grant.client_id},
    )
