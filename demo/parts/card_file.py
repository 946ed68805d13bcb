"""Writes a personalised card without central: for tests of the card layer and for damaged cards."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

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
SPECIFICATIONS = {2: b"2.00", 3: b"3.00"}


def _key_and_certificate(card_id: str) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, card_id)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return pem, base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()


def write_card(
    path: Path,
    *,
    generation: int = 3,
    changes: Mapping[str, str | None] | None = None,
    pin: str = "246810",
    tries: int = 3,
) -> Path:
    """Write a valid card, with some records changed: hex values by tag, None takes the record away."""
    records = {**EF05, **EF06, "03": SPECIFICATIONS[generation].hex()}
    records.update({tag: value for tag, value in (changes or {}).items() if value is not None})
    for tag in (tag for tag, value in (changes or {}).items() if value is None):
        del records[tag]
    key, certificate = _key_and_certificate(records["01"]) if generation == 3 else (None, None)
    card = {
        "format": "onecard-card/1",
        "person": 0,
        "generation": generation,
        "pin": pin,
        "tries": tries,
        "ef05": {tag: value for tag, value in records.items() if tag in EF05},
        "ef06": {tag: value for tag, value in records.items() if tag in EF06},
        "private_key": key,
        "certificate": certificate,
        "cryptogram_key": None if generation == 3 else "00112233445566778899AABBCCDDEEFF",
    }
    path.write_text(json.dumps(card), encoding="utf-8")
    return path
