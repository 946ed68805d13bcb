"""The card assertion: profile A signed by the card, profile B signed by the terminal over the card's cryptogram."""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Connection, bindparam, select

from backend_client.contract.identity import CARD_ASSERTION_TYP
from backend_client.crypto.sm2_certificate import Sm2Certificate
from central.card_keys import CardKeys
from central.errors import InvalidGrant
from central.identity import sm2_card
from central.identity.claims import CLOCK_SKEW, MAX_LIFETIME, BadToken, Jwt, demand, fresh, jti_of, moment, read
from central.identity.clients import Client
from central.identity.scopes import ACR_CRYPTOGRAM, ACR_SIGNATURE
from central.identity.single_use import Once, spend_challenge
from central.identity.tables import staff_cards
from central.prepared import Prepared
from central.storage import cards

CARD_ID = re.compile(r"[0-9A-F]{32}")
AMR = {ACR_SIGNATURE: ["sc", "pin"], ACR_CRYPTOGRAM: ["sc", "pin", "hsm"]}
ALGORITHMS = ("ES256", sm2_card.ALGORITHM)  # which of them must be, card CA or device key says
NOT_A_CARDS = (
    ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion, x509.ExtensionNotFound,
    x509.DuplicateExtension,
)  # fmt: skip
GENERATION = {ACR_SIGNATURE: 3, ACR_CRYPTOGRAM: 2}
# Held while the session is made: on PostgreSQL a card could be frozen between the two (SQLite has one writer).
_CARD = Prepared(select(cards).where(cards.c.card_id == bindparam("card")).with_for_update(read=True))
_STAFF_CARD = Prepared(select(staff_cards).where(staff_cards.c.card_id == bindparam("card")).with_for_update(read=True))


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

    card_ca: x509.Certificate | Sm2Certificate
    audience: str


@dataclass(frozen=True)
class Proof:
    """A card assertion whose signature and claims hold. Its challenge and itself are still to be spent.

    `entered`: when the PIN was. `claims`: all of them, for the cryptogram of profile B.
    """

    card_id: str
    acr: str
    entered: float
    sid: str | None
    nonce: str
    claims: dict[str, Any]
    once: Once


def _from_certificate(card_ca: x509.Certificate, chain: object) -> tuple[ec.EllipticCurvePublicKey, str]:
    """Public key and card id of the leaf in x5c, after it was checked against the card CA."""
    if not isinstance(chain, list) or not 1 <= len(chain) <= 3 or not all(isinstance(one, str) for one in chain):
        raise BadToken("its x5c is not a short list")
    try:
        leaf = x509.load_der_x509_certificate(base64.b64decode(chain[0], validate=True))
        leaf.verify_directly_issued_by(card_ca)
        names = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        authority = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except NOT_A_CARDS as error:
        raise BadToken("its certificate is not from our card CA") from error
    now, key = datetime.now(UTC), leaf.public_key()
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc or len(names) != 1 or authority:
        raise BadToken("its certificate is not a card's, or not valid now")
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadToken("its certificate's key is not on P-256")
    return key, str(names[0].value)


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


def read_assertion(check: CardCheck, assertion: str, client: Client, jkt: str) -> Proof:
    """A card assertion made for this terminal and session key; InvalidGrant. Nothing is used up yet."""
    try:
        jwt = read(assertion, CARD_ASSERTION_TYP, ("x5c", "kid"), ALGORITHMS)
        if ("x5c" in jwt.header) == ("kid" in jwt.header):
            raise BadToken("its header names no key, or two")
        card_id, acr, expires = _proved(check, jwt, client, jkt)
        if not CARD_ID.fullmatch(card_id):
            raise BadToken("its card id is none")
        entered, jti, sid = _pin_time(jwt.claims), jti_of(jwt.claims), jwt.claims.get("sid")
    except BadToken as error:
        raise InvalidGrant(str(error)) from error
    once = Once(f"card:{card_id}:{jti}", expires + CLOCK_SKEW, InvalidGrant("the assertion was used before"))
    nonce = str(jwt.claims.get("nonce"))
    return Proof(card_id, acr, entered, str(sid) if sid is not None else None, nonce, jwt.claims, once)


def spend_assertion(connection: Connection, proof: Proof, client: Client, *ids: Once) -> str:
    """Use up the challenge, the assertion and `ids`; the host random (hex). InvalidGrant, or `ids`' refusal."""
    return spend_challenge(connection, proof.nonce, client.client_id, *ids, proof.once)


def check_cryptogram(card_keys: CardKeys, proof: Proof, host_random: str) -> None:
    """The second step of profile B: the HSM makes the same MAC with the card's own key. InvalidGrant."""
    try:
        card_random, cryptogram = (bytes.fromhex(proof.claims[name]) for name in ("card_random", "cryptogram"))
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidGrant("its cryptogram can't be read") from error
    if len(card_random) != 8 or len(cryptogram) != 8:
        raise InvalidGrant("its cryptogram has another length")
    if not card_keys.matches(proof.card_id, bytes.fromhex(host_random) + card_random, cryptogram):
        raise InvalidGrant("its cryptogram is wrong")


def holder_of_card(connection: Connection, proof: Proof) -> CardHolder:
    """The resident whose card it is; InvalidGrant when it is unknown, frozen or over."""
    row = _CARD.row(connection, card=proof.card_id)
    if row is None or row["state"] != "valid" or row["generation"] != GENERATION[proof.acr]:
        raise InvalidGrant("the card is unknown, lost or of another generation")
    if date.fromisoformat(row["expires"]) < datetime.now(UTC).date():
        raise InvalidGrant("the card has expired")
    return CardHolder(int(row["person"]), proof.card_id, proof.acr, proof.entered, proof.sid)


def attendant_of_card(connection: Connection, proof: Proof) -> CardHolder:
    """The attendant whose staff card it is, who has no `person`; InvalidGrant for residents' cards and all others."""
    row = _STAFF_CARD.row(connection, card=proof.card_id)
    if row is None or row["state"] != "valid" or proof.sid is not None:
        raise InvalidGrant("not a staff card in use")
    return CardHolder(None, proof.card_id, proof.acr, proof.entered)
