"""The SM2 certificate of a simulated card, read and checked by implementations that did not write it."""

import base64
import json
from pathlib import Path

import gmssl_pyx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from demo.parts.card_file import CARD_ID, write_card
from demo.parts.sm2_certificate import SM2_WITH_SM3
from tests.unit.simulators import sm2_by_hand

SIGNER = b"1234567812345678"


@pytest.fixture
def card(tmp_path: Path) -> dict[str, str]:
    """Fields of a card with an SM2 key."""
    written: dict[str, str] = json.loads(write_card(tmp_path / "card.json", sm2=True).read_text())
    return written


def sm3_of(public: tuple[int, int], message: bytes) -> bytes:
    """e = SM3(ZA || M), GB/T 32918.2, 5.5 and 6.1."""
    numbers = (sm2_by_hand.A, SM2_B, *sm2_by_hand.G, *public)
    identity = (8 * len(SIGNER)).to_bytes(2, "big") + SIGNER + b"".join(n.to_bytes(32, "big") for n in numbers)
    return bytes(gmssl_pyx.sm3_hash(gmssl_pyx.sm3_hash(identity) + message))


SM2_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93


def test_it_names_the_card_and_the_algorithm(card: dict[str, str]) -> None:
    certificate = x509.load_der_x509_certificate(base64.b64decode(card["sm2_certificate"]))
    assert certificate.signature_algorithm_oid.dotted_string == "1.2.156.10197.1.501"
    assert SM2_WITH_SM3 in certificate.tbs_certificate_bytes
    assert certificate.public_key_algorithm_oid.dotted_string == "1.2.840.10045.2.1"
    assert certificate.subject.rfc4514_string() == f"CN={CARD_ID}"


def test_it_holds_the_public_key_of_the_card_and_is_signed_by_it(card: dict[str, str]) -> None:
    der = base64.b64decode(card["sm2_certificate"])
    public = sm2_by_hand.public_key(bytes.fromhex(card["sm2_private_key"]))
    assert public is not None
    assert b"\x03\x42\x00\x04" + b"".join(n.to_bytes(32, "big") for n in public) in der
    certificate = x509.load_der_x509_certificate(der)
    r, s = decode_dss_signature(certificate.signature)
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert sm2_by_hand.verify(public, sm3_of(public, certificate.tbs_certificate_bytes), raw)


def test_a_card_without_sm2_has_none(tmp_path: Path) -> None:
    card = json.loads(write_card(tmp_path / "card.json").read_text())
    assert (card["sm2_private_key"], card["sm2_certificate"]) == (None, None)
