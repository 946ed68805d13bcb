"""Makes a card for a resident: the file that a card simulator (or a personalisation bureau) loads, docs/protocol.md."""

import base64
import hashlib
from datetime import UTC, date, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Engine, delete, insert

from backend_client.crypto.sm2_certificate import certificate_for
from backend_client.crypto.suite import GM
from central.identity.card_state import replace_lost
from central.identity.tables import staff_cards
from central.keys import Keys
from central.storage import cards, writing
from central.synthetic.dice import dice
from central.synthetic.person import Person, id_of_card, person, table

ISSUED, EXPIRES, EXPIRED = date(2016, 3, 1), date(2066, 3, 1), date(2016, 3, 1)
SPECIFICATIONS = {2: b"2.00", 3: b"3.00"}
NAME_BYTES = 30


def card_name(name: str) -> bytes:
    """The name as the card can hold it: GBK, rare characters as pinyin, 30 bytes NUL-padded."""
    rare, out = table("names")["rare"], b""
    for char in name:
        try:
            out += char.encode("gbk")
        except UnicodeEncodeError:
            out += rare.get(char, "?").encode("ascii")
    while len(out) > NAME_BYTES:
        out = out.decode("gbk")[:-1].encode("gbk")
    return out.ljust(NAME_BYTES, b"\0")


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(
    card_id: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, signer: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(card_id))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


def _records(who: Person, ident: str, generation: int, expires: date) -> tuple[dict[str, str], dict[str, str]]:
    ef05 = {
        "01": ident,
        "02": "33",
        "03": SPECIFICATIONS[generation].hex(),
        "04": "440100990000000000000001",
        "05": f"{ISSUED:%Y%m%d}",
        "06": f"{expires:%Y%m%d}",
        "07": who.card_no.encode().hex(),
    }
    ef06 = {
        "08": who.id_no.encode().hex(),
        "09": card_name(who.name).hex(),
        "0A": who.sex.encode().hex(),
        "0B": who.ethnic,
        "0C": who.id_no[:6],
        "0D": f"{who.birth_date:%Y%m%d}",
    }
    return ef05, ef06


def _pin(seed: str, number: int) -> str:
    return f"{dice(seed, 'pin', number).randrange(10**6):06}"


def personalise(
    engine: Engine, keys: Keys, number: int, generation: int | None = None, *, expired: bool = False
) -> dict[str, object]:
    """Register a card for resident `number` and give its file's content. NoSuchPerson outside the city.

    In the place of a lost one it has another id: what is known of a card is its id, and a thief's must not be let in
    with its replacement.
    """
    who = person(keys.seed, number)
    generation = generation or who.generation
    expires = EXPIRED if expired else EXPIRES
    with writing(engine) as connection:
        ident = id_of_card(keys.seed, number, replace_lost(connection, number))
        connection.execute(delete(cards).where(cards.c.person == number, cards.c.state == "valid"))
        connection.execute(
            insert(cards).values(
                person=number, card_id=ident, generation=generation, state="valid", expires=expires.isoformat()
            )
        )
    ef05, ef06 = _records(who, ident, generation, expires)
    return {
        "format": "onecard-card/1", "person": number, "generation": generation, "pin": _pin(keys.seed, number),
        "tries": 3, "ef05": ef05, "ef06": ef06, **_secrets(keys, ident, generation),
    }  # fmt: skip


def _secrets(keys: Keys, card_id: str, generation: int) -> dict[str, object]:
    if generation == 2:
        cipher = {"cryptogram_cipher": "SM4"} if keys.suite is GM else {}
        own_key = keys.card_keys.card_key(card_id).hex().upper()
        return {"private_key": None, "certificate": None, "cryptogram_key": own_key, **cipher}
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certificate = _certificate(card_id, key, keys.card_ca.subject, keys.card_ca_key)
    der = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
    return {"private_key": pem.decode(), "certificate": der, "cryptogram_key": None, **_sm2(keys, card_id)}


def _sm2(keys: Keys, card_id: str) -> dict[str, object]:
    """In the gm profile, the key that signs here, beside the one that other cities know."""
    if keys.suite is not GM:
        return {}
    private, public = GM.generate()
    stand_in = ec.generate_private_key(ec.SECP256R1())
    template = _certificate(card_id, stand_in, _name(keys.sm2_card_ca.name), stand_in)
    der = certificate_for(public, template, keys.sm2_card_ca_key)
    return {"sm2_private_key": private.hex(), "sm2_certificate": base64.b64encode(der).decode()}


def personalise_staff(engine: Engine, keys: Keys, staff_id: str) -> dict[str, object]:
    """A work card for an attendant: it opens the attendant's screens and can never be a resident's card."""
    card_id = "FF" + hashlib.sha256(f"{keys.seed}|staff|{staff_id}".encode()).hexdigest()[:30].upper()
    ef05 = {"01": card_id, "02": "33", "03": SPECIFICATIONS[3].hex(), "06": f"{EXPIRES:%Y%m%d}"}
    with writing(engine) as connection:
        connection.execute(delete(staff_cards).where(staff_cards.c.card_id == card_id))
        connection.execute(insert(staff_cards).values(card_id=card_id, staff_id=staff_id, state="valid"))
    pin = f"{dice(keys.seed, 'staff-pin', int(card_id[2:10], 16)).randrange(10**6):06}"
    return {
        "format": "onecard-card/1", "staff": staff_id, "generation": 3, "pin": pin, "tries": 3, "ef05": ef05,
        "ef06": {}, **_secrets(keys, card_id, 3),
    }  # fmt: skip
