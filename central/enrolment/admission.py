"""Letting clients in by their keys. Who was revoked comes back only when somebody says so."""

import json
from collections.abc import Mapping

from sqlalchemy import Connection, Engine, delete, insert, select, update

from central.identity.tables import certificates, enrolment_codes, sessions
from central.identity.tokens import end
from central.storage import terminals, writing


class Revoked(ValueError):
    """The id was revoked, and nobody said that it is to come back."""

    def __init__(self, client_id: str) -> None:
        super().__init__(f"{client_id!r} was revoked; with `--revive` it is let in again. Nothing was changed.")


class OtherKind(ValueError):
    """The id is another kind of client; a terminal must not become a site by a slip of the hand."""

    def __init__(self, client_id: str, kind: str) -> None:
        super().__init__(f"{client_id!r} is the id of a {kind}; take another one. Nothing was changed.")


def demand_admissible(connection: Connection, client_id: str, kind: str, *, revive: bool) -> None:
    """Revoked, or OtherKind, when the id exists and may not be let in as this."""
    known = select(terminals.c.state, terminals.c.kind).where(terminals.c.terminal_id == client_id)
    row = connection.execute(known).one_or_none()
    if row is not None and row.kind != kind:
        raise OtherKind(client_id, row.kind)
    if row is not None and row.state == "revoked" and not revive:
        raise Revoked(client_id)


def put(connection: Connection, client_id: str, kind: str, jwk: Mapping[str, object], resource: str = "") -> None:
    """In place of what was there: whoever held the old key, a certificate of it or an enrolment code is out at once."""
    row = {"public_jwk": json.dumps(jwk), "state": "valid", "kind": kind, "resource": resource or None}
    connection.execute(delete(terminals).where(terminals.c.terminal_id == client_id))
    connection.execute(update(certificates).where(certificates.c.terminal_id == client_id).values(state="revoked"))
    connection.execute(delete(enrolment_codes).where(enrolment_codes.c.terminal_id == client_id))
    end(connection, sessions.c.client_id == client_id)
    connection.execute(insert(terminals).values(terminal_id=client_id, **row))


def allow(
    engine: Engine, client_id: str, jwk: Mapping[str, object], resource: str = "", *, revive: bool = False
) -> None:
    """Let a terminal in, or a resource server (by its indicator), or replace its key. Revoked, OtherKind."""
    kind = "service" if resource else "terminal"
    with writing(engine) as connection:
        demand_admissible(connection, client_id, kind, revive=revive)
        put(connection, client_id, kind, jwk, resource)
