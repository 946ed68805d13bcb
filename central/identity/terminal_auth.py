"""Which terminal is speaking: private_key_jwt (RFC 7523 section 2.2)."""

import json

from joserfc.jwk import ECKey
from sqlalchemy import Engine, select

from backend_client.contract.identity import CLIENT_ASSERTION_TYPE
from central.errors import InvalidClient
from central.identity.claims import BadToken, demand, fresh, jti_of, verified_claims
from central.identity.single_use import first_use
from central.storage import terminals


def terminal_key(engine: Engine, terminal_id: str) -> ECKey:
    """The registered public key; InvalidClient for unknown or revoked terminals."""
    with engine.connect() as connection:
        row = connection.execute(select(terminals).where(terminals.c.terminal_id == terminal_id)).one_or_none()
    if row is None or row.state != "valid":
        raise InvalidClient("This terminal is not registered here, or was revoked; register it.")
    return ECKey.import_key(json.loads(row.public_jwk))


def _claimed_issuer(assertion: str) -> str:
    import base64

    try:
        body = assertion.split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["iss"])
    except (ValueError, LookupError, TypeError) as error:
        raise InvalidClient("The client assertion is not a JWT with an issuer.") from error


def authenticate(engine: Engine, audience: str, assertion_type: str | None, assertion: str | None) -> str:
    """The id of the terminal that signed the assertion, or InvalidClient."""
    if assertion_type != CLIENT_ASSERTION_TYPE or not assertion:
        raise InvalidClient("Send client_assertion_type and client_assertion (private_key_jwt).")
    terminal_id = _claimed_issuer(assertion)
    key = terminal_key(engine, terminal_id)
    try:
        claims = verified_claims(assertion, key)
        demand(claims, {"iss": terminal_id, "sub": terminal_id, "aud": audience})
        expires, jti = fresh(claims), jti_of(claims)
    except BadToken as error:
        raise InvalidClient(f"The client assertion is refused: {error}.") from error
    if not first_use(engine, f"client:{terminal_id}:{jti}", expires + 300):
        raise InvalidClient("The client assertion was used before; sign a new one.")
    return terminal_id
