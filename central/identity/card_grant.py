"""The card assertion: profile A signed by the card, profile B signed by the terminal over the card's cryptogram."""

import base64
import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey
from sqlalchemy import Engine, select

from backend_client.contract.identity import CARD_ASSERTION_TYP
from central.errors import InvalidGrant
from central.identity.claims import BadToken, demand, fresh, header_of, jti_of, verified_claims
from central.identity.single_use import first_use, spend_challenge
from central.identity.terminal_auth import terminal_key
from central.keys import Keys
from central.storage import cards

ACR_SIGNATURE = "urn:onecard:acr:card-signature"
ACR_CRYPTOGRAM = "urn:onecard:acr:card-cryptogram"


@dataclass(frozen=True)
class CardHolder:
    """Who the assertion proved: the person's number, the card, and how strongly."""

    person: int
    card_id: str
    acr: str


def _card_certificate_key(keys: Keys, header: dict[str, Any]) -> tuple[ECKey, str]:
    """Public key and card id of the leaf in x5c, after it was checked against the card CA."""
    try:
        leaf = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
        leaf.verify_directly_issued_by(keys.card_ca)
        names = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except (KeyError, IndexError, ValueError, TypeError, InvalidSignature) as error:
        raise BadToken("its certificate is not from our card CA") from error
    now = datetime.now(UTC)
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc or not names:
        raise BadToken("its certificate is not valid now")
    pem = leaf.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return ECKey.import_key(pem), str(names[0].value)


def _check_cryptogram(keys: Keys, card_id: str, host_random: str, claims: dict[str, Any]) -> None:
    """The HSM's second step: the same MAC from the diversified key."""
    try:
        card_random, cryptogram = (bytes.fromhex(claims[name]) for name in ("card_random", "cryptogram"))
        mac = CMAC(AES(keys.card_key(card_id)))
    except (KeyError, ValueError, TypeError) as error:
        raise BadToken("its cryptogram can't be read") from error
    mac.update(bytes.fromhex(host_random) + card_random)
    if len(card_random) != 8 or not hmac.compare_digest(mac.finalize()[:8], cryptogram):
        raise BadToken("its cryptogram is wrong")


def _registered(engine: Engine, card_id: str, generation: int) -> int:
    with engine.connect() as connection:
        row = connection.execute(select(cards).where(cards.c.card_id == card_id)).one_or_none()
    if row is None or row.state != "valid" or row.generation != generation:
        raise InvalidGrant("This card is not known, or was reported lost; ask at a service counter.")
    if date.fromisoformat(row.expires) < datetime.now(UTC).date():
        raise InvalidGrant("This card has expired; renew it at a service counter.")
    return int(row.person)


def check_assertion(
    engine: Engine, keys: Keys, assertion: str, *, client_id: str, audience: str, jkt: str
) -> CardHolder:
    """The holder behind a card assertion made for this terminal and session key; InvalidGrant otherwise."""
    try:
        header = header_of(assertion)
        if header.get("typ") != CARD_ASSERTION_TYP:
            raise BadToken("it is not a card-auth+jwt")
        signed_by_card = "x5c" in header
        key, card_id = (
            _card_certificate_key(keys, header) if signed_by_card else (terminal_key(engine, client_id), None)
        )
        claims = verified_claims(assertion, key)
        card_id = card_id or str(claims.get("sub", ""))
        amr = ["sc", "pin"] if signed_by_card else ["sc", "pin", "hsm"]
        expected = {"iss": card_id, "sub": card_id, "aud": audience, "client_id": client_id, "amr": amr}
        demand(claims, {**expected, "cnf": {"jkt": jkt}})
        expires, jti = fresh(claims), jti_of(claims)
        host_random = spend_challenge(engine, str(claims.get("nonce")), client_id)
        if not signed_by_card:
            _check_cryptogram(keys, card_id, host_random, claims)
    except BadToken as error:
        raise InvalidGrant(f"The card assertion is refused: {error}.") from error
    if not first_use(engine, f"card:{card_id}:{jti}", expires + 300):
        raise InvalidGrant("The card assertion was used before; sign a new one.")
    person = _registered(engine, card_id, 3 if signed_by_card else 2)
    return CardHolder(person, card_id, ACR_SIGNATURE if signed_by_card else ACR_CRYPTOGRAM)
