"""The card assertion: profile A signed by the card, profile B signed by the terminal over the card's cryptogram."""

import base64
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey
from sqlalchemy import Engine, select

from backend_client.contract.identity import CARD_ASSERTION_TYP
from backend_client.crypto.sm2_certificate import Sm2Certificate
from central.card_keys import CardKeys
from central.errors import InvalidGrant
from central.identity import sm2_card
from central.identity.claims import CLOCK_SKEW, MAX_LIFETIME, BadToken, Jwt, demand, fresh, jti_of, moment, read
from central.identity.clients import Client
from central.identity.scopes import ACR_CRYPTOGRAM, ACR_SIGNATURE
from central.identity.single_use import first_use, spend_challenge
from central.identity.tables import staff_cards
from central.storage import cards

AMR = {ACR_SIGNATURE: ["sc", "pin"], ACR_CRYPTOGRAM: ["sc", "pin", "hsm"]}
ALGORITHMS = ("ES256", sm2_card.ALGORITHM)  # which of them must be, card CA or device key says
GENERATION = {ACR_SIGNATURE: 3, ACR_CRYPTOGRAM: 2}


@dataclass(frozen=True)
class CardHolder:
    """Who was proved, by which card (None: by phone), how strongly, and when PIN or code was entered.

    `person`: None for an attendant, who is nobody in the city's records. `sid`: the session that goes on, None for new.
    """

    person: int | None
    card_id: str | None
    acr: str
    auth_time: float
    sid: str | None = None


@dataclass(frozen=True)
class CardCheck:
    """What checking a card assertion needs. `card_ca`: of the profile; it says what cards must sign with."""

    engine: Engine
    card_ca: x509.Certificate | Sm2Certificate
    card_keys: CardKeys
    audience: str


def _from_certificate(card_ca: x509.Certificate, chain: object) -> tuple[ECKey, str]:
    """Public key and card id of the leaf in x5c, after it was checked against the card CA."""
    if not isinstance(chain, list) or not 1 <= len(chain) <= 3 or not all(isinstance(one, str) for one in chain):
        raise BadToken("its x5c is not a short list")
    try:
        leaf = x509.load_der_x509_certificate(base64.b64decode(chain[0], validate=True))
        leaf.verify_directly_issued_by(card_ca)
        names = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        authority = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound) as error:
        raise BadToken("its certificate is not from our card CA") from error
    now, key = datetime.now(UTC), leaf.public_key()
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc or len(names) != 1 or authority:
        raise BadToken("its certificate is not a card's, or not valid now")
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadToken("its certificate's key is not on P-256")
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return ECKey.import_key(pem), str(names[0].value)


def _check_cryptogram(card_keys: CardKeys, card_id: str, host_random: str, claims: dict[str, Any]) -> None:
    """The second step: the HSM makes the same MAC with the card's own key."""
    try:
        card_random, cryptogram = (bytes.fromhex(claims[name]) for name in ("card_random", "cryptogram"))
    except (KeyError, ValueError, TypeError) as error:
        raise BadToken("its cryptogram can't be read") from error
    if len(card_random) != 8 or len(cryptogram) != 8:
        raise BadToken("its cryptogram has another length")
    if not card_keys.matches(card_id, bytes.fromhex(host_random) + card_random, cryptogram):
        raise BadToken("its cryptogram is wrong")


def _registered(engine: Engine, card_id: str, acr: str) -> int:
    with engine.connect() as connection:
        row = connection.execute(select(cards).where(cards.c.card_id == card_id)).one_or_none()
    if row is None or row.state != "valid" or row.generation != GENERATION[acr]:
        raise InvalidGrant("the card is unknown, lost or of another generation")
    if date.fromisoformat(row.expires) < datetime.now(UTC).date():
        raise InvalidGrant("the card has expired")
    return int(row.person)


def _pin_time(claims: dict[str, Any]) -> float:
    """When the PIN was entered: now, for a new session; perhaps earlier, for one that goes on."""
    issued = moment(claims, "iat")
    entered = moment(claims, "auth_time") if "auth_time" in claims else issued
    oldest = 0 if claims.get("sid") else issued - MAX_LIFETIME
    if not oldest <= entered <= issued + CLOCK_SKEW:
        raise BadToken("its auth_time can't be")
    return entered


def _proved(check: CardCheck, jwt: Jwt, client: Client, jkt: str) -> tuple[str, str, float]:
    """Card id, acr and expiry of an assertion whose signature and claims hold."""
    signed_by_card = "x5c" in jwt.header
    if not signed_by_card:
        card_id = str(jwt.claims.get("sub", ""))
        jwt.verified(client.key)
    elif isinstance(check.card_ca, Sm2Certificate):
        card_id = sm2_card.verified(jwt, check.card_ca)
    else:
        key, card_id = _from_certificate(check.card_ca, jwt.header["x5c"])
        jwt.verified(key)
    acr = ACR_SIGNATURE if signed_by_card else ACR_CRYPTOGRAM
    expected = {"iss": card_id, "sub": card_id, "aud": check.audience, "client_id": client.client_id, "amr": AMR[acr]}
    demand(jwt.claims, {**expected, "cnf": {"jkt": jkt}})
    return card_id, acr, fresh(jwt.claims)


def _spent(check: CardCheck, assertion: str, client: Client, jkt: str) -> CardHolder:
    """Everything that the assertion proves by itself; its challenge and jti are used up. `person` is not known yet."""
    try:
        jwt = read(assertion, CARD_ASSERTION_TYP, ("x5c", "kid"), ALGORITHMS)
        if ("x5c" in jwt.header) == ("kid" in jwt.header):
            raise BadToken("its header names no key, or two")
        card_id, acr, expires = _proved(check, jwt, client, jkt)
        entered, jti, sid = _pin_time(jwt.claims), jti_of(jwt.claims), jwt.claims.get("sid")
        host_random = spend_challenge(check.engine, str(jwt.claims.get("nonce")), client.client_id)
        if acr == ACR_CRYPTOGRAM:
            _check_cryptogram(check.card_keys, card_id, host_random, jwt.claims)
    except BadToken as error:
        raise InvalidGrant(str(error)) from error
    if not first_use(check.engine, f"card:{card_id}:{jti}", expires + CLOCK_SKEW):
        raise InvalidGrant("the assertion was used before")
    return CardHolder(None, card_id, acr, entered, str(sid) if sid is not None else None)


def check_assertion(check: CardCheck, assertion: str, client: Client, jkt: str) -> CardHolder:
    """The resident behind a card assertion made for this terminal and session key; InvalidGrant otherwise."""
    proved = _spent(check, assertion, client, jkt)
    return replace(proved, person=_registered(check.engine, str(proved.card_id), proved.acr))


def check_staff(check: CardCheck, assertion: str, client: Client, jkt: str) -> CardHolder:
    """The attendant behind a staff card, who has no `person`; InvalidGrant for residents' cards and all others."""
    proved = _spent(check, assertion, client, jkt)
    with check.engine.connect() as connection:
        row = connection.execute(select(staff_cards).where(staff_cards.c.card_id == proved.card_id)).one_or_none()
    if row is None or row.state != "valid" or proved.sid is not None:
        raise InvalidGrant("not a staff card in use")
    return proved
