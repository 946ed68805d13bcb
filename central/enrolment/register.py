"""Who may have a certificate, and which ones count: codes, enrolment, renewal, revocation."""

import hashlib
import json
import secrets
import time
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from joserfc.jwk import ECKey
from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, update

from central.enrolment.admission import demand_admissible
from central.enrolment.authority import read_request, terminal_certificate, x5t
from central.errors import InvalidClient
from central.identity.tables import certificates, enrolment_codes, sessions
from central.identity.tokens import end
from central.keys import Keys
from central.prepared import Prepared
from central.storage import terminals, writing

CODE_SECONDS = 24 * 3600
BASIC = {"WWW-Authenticate": 'Basic realm="enrolment"'}
"""What every 401 to a code must carry (RFC 9110 section 15.5.2)."""
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
GROUPS, GROUP = 4, 5
_CERTIFICATE = Prepared(select(certificates).where(certificates.c.x5t == bindparam("wanted")))


def _digest(code: str) -> str:
    return hashlib.sha256(code.replace("-", "").strip().upper().encode()).hexdigest()


class NotEnrolled(ValueError):
    """A site signs with a key of its own; enrolment would make another kind of client of it."""

    def __init__(self, client_id: str) -> None:
        super().__init__(f"{client_id!r} is a site of another department; register its key with `register-site`.")


def new_code(engine: Engine, terminal_id: str, *, revive: bool = False) -> str:
    """A code that enrols this terminal or resource server once, within 24 hours; 20 characters, 99 bits.

    An older one is void. NotEnrolled for sites; Revoked for who was, without `revive`.
    """
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    code = "-".join(groups)
    row = {"digest": _digest(code), "terminal_id": terminal_id, "expires": time.time() + CODE_SECONDS}
    with writing(engine) as connection:
        kind = str(_known(connection, terminal_id)["kind"])
        if kind == "site":
            raise NotEnrolled(terminal_id)
        demand_admissible(connection, terminal_id, kind, revive=revive)
        connection.execute(delete(enrolment_codes).where(enrolment_codes.c.terminal_id == terminal_id))
        connection.execute(insert(enrolment_codes).values(**row))
    return code


def _known(connection: Connection, terminal_id: str) -> dict[str, object]:
    """What it is registered as, if it is; a terminal otherwise."""
    kind = select(terminals.c.kind, terminals.c.resource).where(terminals.c.terminal_id == terminal_id)
    row = connection.execute(kind).one_or_none()
    return {"kind": "terminal", "resource": None} if row is None else dict(row._mapping)


def enrol(engine: Engine, keys: Keys, terminal_id: str, code: str, request: bytes) -> x509.Certificate:
    """A terminal's first certificate, for its code. InvalidClient, or BadRequest, which leaves the code good."""
    mine = (enrolment_codes.c.digest == _digest(code), enrolment_codes.c.terminal_id == terminal_id)
    with engine.connect() as connection:
        row = connection.execute(select(enrolment_codes).where(*mine)).one_or_none()
    if row is None or row.expires < time.time():
        raise InvalidClient("no such enrolment code for this terminal, or it is over", BASIC)
    made = terminal_certificate(keys, read_request(request, terminal_id), terminal_id)
    with writing(engine) as connection:
        if connection.execute(delete(enrolment_codes).where(*mine)).rowcount != 1:
            raise InvalidClient("the enrolment code was used before", BASIC)
        connection.execute(
            update(certificates).where(certificates.c.terminal_id == terminal_id).values(state="revoked")
        )
        _keep(connection, terminal_id, made, "valid")
        _make_current(connection, terminal_id, made)
        end(connection, sessions.c.client_id == terminal_id)
    return made


def _jwk(made: x509.Certificate) -> str:
    pem = made.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return json.dumps(ECKey.import_key(pem).as_dict(private=False))


def _thumbprint(made: x509.Certificate) -> str:
    return x5t(made.public_bytes(serialization.Encoding.DER))


def _keep(connection: Connection, terminal_id: str, made: x509.Certificate, state: str) -> None:
    row = {"x5t": _thumbprint(made), "terminal_id": terminal_id, "public_jwk": _jwk(made), "state": state}
    connection.execute(insert(certificates).values(**row, not_after=made.not_valid_after_utc.timestamp()))


def _make_current(connection: Connection, terminal_id: str, made: x509.Certificate) -> None:
    row: dict[str, object] = {"public_jwk": _jwk(made), "certificate": _thumbprint(made), "state": "valid"}
    row |= _known(connection, terminal_id)
    connection.execute(delete(terminals).where(terminals.c.terminal_id == terminal_id))
    connection.execute(insert(terminals).values(terminal_id=terminal_id, **row))


def holder_of(engine: Engine, peer: bytes | None) -> str | None:
    """The terminal whose live certificate this is. The first use of a renewed one retires its predecessor."""
    shown = look_at(engine, peer)
    if shown is not None and shown.unused:
        with writing(engine) as connection:
            promote(connection, shown)
    return shown.terminal_id if shown is not None else None


@dataclass(frozen=True)
class Shown:
    """A live certificate that a connection shows; `unused`: a renewed one that is to retire its predecessor."""

    terminal_id: str
    thumbprint: str
    public_jwk: str
    unused: bool


def look_at(engine: Engine, peer: bytes | None) -> Shown | None:
    """Whose certificate this DER is; None for none, and for one that does not count (any more)."""
    row = _CERTIFICATE.look_up(engine, wanted=x5t(peer)) if peer is not None else None
    if row is None or row["state"] not in ("new", "valid") or row["not_after"] < time.time():
        return None
    return Shown(row["terminal_id"], row["x5t"], row["public_jwk"], row["state"] == "new")


def promote(connection: Connection, shown: Shown) -> None:
    """A renewed certificate was used: it is the valid one now. Nothing, when it has ceased to be new."""
    mine = certificates.c.x5t == shown.thumbprint
    used = update(certificates).where(mine, certificates.c.state == "new").values(state="valid")
    if connection.execute(used).rowcount != 1:
        return
    others = (certificates.c.terminal_id == shown.terminal_id, ~mine, certificates.c.state == "valid")
    connection.execute(update(certificates).where(*others).values(state="old"))
    connection.execute(
        update(terminals).where(terminals.c.terminal_id == shown.terminal_id)
        .values(public_jwk=shown.public_jwk, certificate=shown.thumbprint)
    )  # fmt: skip


def renew(engine: Engine, keys: Keys, peer: bytes | None, request: bytes) -> x509.Certificate:
    """The next certificate for the terminal behind a TLS connection; the present one counts until the next is used.

    So an answer that is lost on its way locks nobody out.
    """
    terminal_id = holder_of(engine, peer)
    if terminal_id is None:
        raise InvalidClient("no live certificate on this connection")
    made = terminal_certificate(keys, read_request(request, terminal_id), terminal_id)
    waiting = (certificates.c.terminal_id == terminal_id, certificates.c.state == "new")
    with writing(engine) as connection:
        connection.execute(update(certificates).where(*waiting).values(state="revoked"))
        _keep(connection, terminal_id, made, "new")
    return made


def revoke(engine: Engine, terminal_id: str) -> bool:
    """A stolen terminal: its certificates and sessions are dead at once. False when nobody knows it."""
    with writing(engine) as connection:
        done = connection.execute(
            update(terminals).where(terminals.c.terminal_id == terminal_id).values(state="revoked")
        )
        connection.execute(
            update(certificates).where(certificates.c.terminal_id == terminal_id).values(state="revoked")
        )
        connection.execute(delete(enrolment_codes).where(enrolment_codes.c.terminal_id == terminal_id))
        end(connection, sessions.c.client_id == terminal_id)
    return bool(done.rowcount)
