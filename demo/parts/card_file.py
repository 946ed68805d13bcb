"""Writes a personalised card without central: for tests of the card layer and for damaged cards."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from demo.parts.sm2_certificate import sm2_key_and_certificate

CARD_ID = "4401" + "00" * 10 + "0001" + "9901"
EF05 = {
    "01": CARD_ID,
    "02": "33",
    "03": b"3.00".hex(),
    "04": "990100000000000000000001",
    "05": "20160301",
    "06": "20990301",
    "07": b"T00000001".hex(),
}
EF06 = {
    "08": b"990106198504120014".hex(),
    "09": "测甲".encode("gbk").ljust(30, b"\0").hex(),
    "0A": "31",
    "0B": "01",
    "0C": "990106",
    "0D": "19850412",
}
SPECIFICATIONS = {1: b"1.00", 2: b"2.00", 3: b"3.00"}
NO_SECRETS: dict[str, str | None] = dict.fromkeys(
    ("private_key", "certificate", "cryptogram_key", "sm2_private_key", "sm2_certificate")
)


def _certificate(card_id: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, card_id)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )


def _base64(der: bytes) -> str:
    return base64.b64encode(der).decode()


def _secrets(generation: int, card_id: str, sm2: bool) -> dict[str, str | None]:
    """What a generation proves itself with, as fields of the card file."""
    if generation == 1:
        return NO_SECRETS
    if generation == 2:
        return {**NO_SECRETS, "cryptogram_key": "00112233445566778899AABBCCDDEEFF"}
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(card_id, key)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    der = certificate.public_bytes(serialization.Encoding.DER)
    sm2_fields = _sm2_secrets(certificate) if sm2 else {}
    return {**NO_SECRETS, "private_key": pem, "certificate": _base64(der), **sm2_fields}


def _sm2_secrets(template: x509.Certificate) -> dict[str, str]:
    key, certificate = sm2_key_and_certificate(template)
    return {"sm2_private_key": key.hex(), "sm2_certificate": _base64(certificate)}


def write_card(
    path: Path,
    *,
    generation: int = 3,
    changes: Mapping[str, str | None] | None = None,
    pin: str = "246810",
    tries: int = 3,
    habits: Sequence[str] = (),
    sm2: bool = False,
    external_key: str | None = None,
) -> Path:
    """Write a valid card, with some records changed: hex values by tag, None takes the record away.

    `habits`: names of docs/protocol.md. `sm2`: a generation-3 card with an SM2 key beside the ES256 one.
    `external_key`: 16 bytes hex.
    """
    records = {**EF05, **EF06, "03": SPECIFICATIONS[generation].hex()}
    records.update({tag: value for tag, value in (changes or {}).items() if value is not None})
    for tag in (tag for tag, value in (changes or {}).items() if value is None):
        del records[tag]
    card = {
        "format": "onecard-card/1",
        "person": 0,
        "generation": generation,
        "pin": pin,
        "tries": tries,
        "ef05": {tag: value for tag, value in records.items() if tag in EF05},
        "ef06": {tag: value for tag, value in records.items() if tag in EF06},
        **_secrets(generation, records["01"], sm2),
        "external_key": external_key,
        "habits": list(habits),
    }
    path.write_text(json.dumps(card), encoding="utf-8")
    return path
