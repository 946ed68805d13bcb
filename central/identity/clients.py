"""Who is calling: terminals and resource servers, by private_key_jwt (RFC 7523 section 2.2)."""

import json
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey
from sqlalchemy import Connection, Engine, bindparam, select

from backend_client.contract.identity import CLIENT_ASSERTION_TYPE
from central.errors import CentralRefusal, InvalidClient
from central.identity.claims import BadToken, demand, fresh, jti_of, read
from central.identity.single_use import Once
from central.prepared import Prepared
from central.storage import terminals

_CLIENT = Prepared(select(terminals).where(terminals.c.terminal_id == bindparam("client")))
_STATE = Prepared(
    select(terminals.c.state).where(terminals.c.terminal_id == bindparam("client")).with_for_update(read=True)
)
_RESOURCE = Prepared(
    select(terminals.c.resource).where(terminals.c.resource == bindparam("wanted"), terminals.c.state == "valid")
)


@dataclass(frozen=True)
class Client:
    """A registered client.

    `resource`: the RFC 8707 indicator of a resource server, None for others. `x5t`: of the enrolled certificate, which
    its connections must show (RFC 8705); None for clients without one.
    """

    client_id: str
    key: ec.EllipticCurvePublicKey
    kind: str
    resource: str | None
    x5t: str | None

    def demand(self, kind: str) -> None:
        """`unauthorized_client` unless it is a `terminal`, `service` or `site` as named."""
        if self.kind != kind:
            raise CentralRefusal(400, "unauthorized_client", f"This is for a {kind} only.")


def registered(engine: Engine, client_id: str) -> Client:
    """The client; InvalidClient for unknown or revoked ones."""
    row = _CLIENT.look_up(engine, client=client_id)
    if row is None or row["state"] != "valid":
        raise InvalidClient("not registered, or revoked")
    return Client(client_id, _key(row["public_jwk"]), row["kind"], row["resource"], row["certificate"])


def demand_valid(connection: Connection, client_id: str) -> None:
    """InvalidClient when it was revoked since it proved itself; until this transaction is over it can't be."""
    row = _STATE.row(connection, client=client_id)
    if row is None or row["state"] != "valid":
        raise InvalidClient("revoked in the meantime")


@lru_cache(maxsize=4096)
def _key(jwk: str) -> ec.EllipticCurvePublicKey:
    """A client's key; the text is the cache's key, so a replaced key is another entry."""
    return ECKey.import_key(json.loads(jwk)).public_key


def is_resource(engine: Engine, indicator: str) -> bool:
    """Is it the indicator of a resource server, for which tokens may be asked (RFC 8707)?"""
    return _RESOURCE.look_up(engine, wanted=indicator) is not None


@dataclass(frozen=True)
class Credentials:
    """What a client sent to prove itself. `peer`: the terminal whose certificate the TLS connection showed."""

    assertion_type: str | None
    assertion: str | None
    client_id: str | None = None
    peer: str | None = None


def authenticate(engine: Engine, issuer: str, sent: Credentials) -> tuple[Client, tuple[Once, ...]]:
    """The client, by a signed assertion or by its certificate alone (RFC 8705 section 2); InvalidClient.

    With it comes what the caller must spend before it does anything for the client: the assertion, if there was one.
    A client that was enrolled must show its certificate whatever else it sends.
    """
    if sent.assertion is None and sent.client_id is not None and sent.peer == sent.client_id:
        return registered(engine, sent.client_id), ()
    client, once = _by_assertion(engine, issuer, sent)
    if sent.peer != (client.client_id if client.x5t is not None else None):
        raise InvalidClient("another certificate than the client's, or none")
    return client, (once,)


def _by_assertion(engine: Engine, issuer: str, sent: Credentials) -> tuple[Client, Once]:
    """`aud` is the issuer (rfc7523bis) or the token endpoint (RFC 7523), alone: a list would let others reuse it."""
    if sent.assertion_type != CLIENT_ASSERTION_TYPE or not sent.assertion:
        raise InvalidClient("no client assertion")
    try:
        jwt = read(sent.assertion, None, ("kid",))
        client = registered(engine, str(jwt.claims.get("iss")))
        claims = jwt.verified(client.key)
        demand(claims, {"iss": client.client_id, "sub": client.client_id})
        if claims.get("aud") not in (issuer, f"{issuer}/token"):
            raise BadToken("its aud is wrong")
        expires, jti = fresh(claims), jti_of(claims)
    except BadToken as error:
        raise InvalidClient(str(error)) from error
    refusal = InvalidClient("the assertion was used before")
    return client, Once(f"client:{client.client_id}:{jti}", expires + 60, refusal)
