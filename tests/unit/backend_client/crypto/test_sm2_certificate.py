"""SM2 certificates: made from templates, read, and never believed when a single bit is another one."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.crypto import gm
from backend_client.crypto.sm2_certificate import certificate_for, read_certificate
from backend_client.crypto.sm2_key import Sm2Key

CA, CARD = Sm2Key(*gm.sm2_generate()), Sm2Key(*gm.sm2_generate())
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def template(
    name: str = "卡",
    curve: ec.EllipticCurve | None = None,
    digest: hashes.SHA256 | hashes.SHA384 | None = None,
    constraint: bool | None = False,
) -> x509.Certificate:
    """What `cryptography` writes."""
    key = ec.generate_private_key(curve or ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")]))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
    )
    if constraint is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=constraint, path_length=None), critical=True)
    return builder.sign(key, digest or hashes.SHA256())


DER = certificate_for(CARD.public, template(), CA)
AUTHORITY = read_certificate(certificate_for(CA.public, template("CA"), CA))


def test_what_is_written_is_read() -> None:
    found = read_certificate(DER)
    assert (found.name, found.public, found.authority) == ("卡", CARD.public, False)
    assert (found.not_before, found.not_after) == (NOW, NOW + timedelta(days=1))
    assert found.issued_by(AUTHORITY)
    assert not AUTHORITY.issued_by(found)
    assert x509.load_der_x509_certificate(DER).signature_algorithm_oid.dotted_string == "1.2.156.10197.1.501"


# `cryptography` only warns of some faults, as of a serial number below 1.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@given(st.integers(0, len(DER) * 8 - 1))
@settings(max_examples=300, deadline=None)
def test_no_bit_may_be_another(bit: int) -> None:
    bent = bytearray(DER)
    bent[bit // 8] ^= 1 << bit % 8
    try:
        found = read_certificate(bytes(bent))
    except ValueError:
        return
    assert not found.issued_by(AUTHORITY)


def test_who_is_an_authority_says_so() -> None:
    for constraint, authority in ((None, False), (False, False), (True, True)):
        der = certificate_for(CARD.public, template(constraint=constraint), CA)
        assert read_certificate(der).authority is authority


def test_version_1_is_not_read() -> None:
    """No extensions, so that it could not say what it is for."""
    body = read_certificate(certificate_for(CARD.public, template(constraint=None), CA)).body
    with_version = bytes.fromhex("a003020102")
    assert body.count(with_version) == 1
    first = signed(header(body).replace(with_version, b""))
    assert x509.load_der_x509_certificate(first).version is x509.Version.v1
    with pytest.raises(ValueError, match="version 3"):
        read_certificate(first)


def header(body: bytes) -> bytes:
    """The content of a SEQUENCE of up to 255 bytes."""
    return body[2:] if body[1] < 0x80 else body[3:]


def signed(content: bytes) -> bytes:
    """A certificate around this content, signed by the CA."""
    body = der_of(0x30, content)
    r, s = (int.from_bytes(half, "big") for half in halves(gm.sm2_sign(CA.private, CA.public, body)))
    return der_of(
        0x30, body + bytes.fromhex("300a06082a811ccf55018375") + der_of(3, b"\0" + encode_dss_signature(r, s))
    )


def halves(signature: bytes) -> tuple[bytes, bytes]:
    """r and s."""
    return signature[:32], signature[32:]


def der_of(tag: int, content: bytes) -> bytes:
    """One DER value of up to 65535 bytes."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    return bytes([tag, 0x81, size] if size < 0x100 else [tag, 0x82, size >> 8, size & 0xFF]) + content


@given(st.integers(0, len(DER) - 1), st.binary(max_size=5))
@settings(max_examples=200, deadline=None)
def test_cut_and_longer_certificates_are_not_read(length: int, more: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_certificate(DER[:length])
    with pytest.raises(ValueError, match=r".*"):
        read_certificate(DER + more + b"\0")


def test_other_curves_and_digests_are_no_templates_and_no_certificates() -> None:
    for other in (template(curve=ec.SECP384R1()), template(digest=hashes.SHA384())):
        with pytest.raises(ValueError, match="template"):
            certificate_for(CARD.public, other, CA)
        with pytest.raises(ValueError, match="SM2"):
            read_certificate(other.public_bytes(serialization.Encoding.DER))
