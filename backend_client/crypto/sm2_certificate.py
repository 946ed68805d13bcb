"""X.509 certificates with SM2 keys and signatures (GB/T 20518): made from P-256 templates, read, checked.

`cryptography` reads everything in them but the key. Object identifiers and points of both curves have one length, so
that a template's structure fits as it is.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509.oid import NameOID

from backend_client.crypto import gm
from backend_client.crypto.sm2_key import Sm2Key

P256, CURVE = (bytes.fromhex(oid) for oid in ("06082a8648ce3d030107", "06082a811ccf5501822d"))
ECDSA_WITH_SHA256, SM2_WITH_SM3 = (bytes.fromhex(oid) for oid in ("06082a8648ce3d040302", "06082a811ccf55018375"))
SPKI = bytes.fromhex("3059301306072a8648ce3d0201") + CURVE + bytes.fromhex("03420004")
ALGORITHM_AT, KEY_AT = 2, 6  # version, serial, algorithm, issuer, validity, subject, key (RFC 5280 section 4.1)


@dataclass(frozen=True)
class Sm2Certificate:
    """What a certificate says; nothing in it is verified yet. `signature`: r‖s."""

    name: str
    public: bytes
    not_before: datetime
    not_after: datetime
    authority: bool
    body: bytes
    signature: bytes

    def issued_by(self, issuer: "Sm2Certificate") -> bool:
        """Is it signed by this issuer's key?"""
        return gm.sm2_verify(issuer.public, self.body, self.signature)


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def _items(der: bytes) -> list[bytes]:
    """The members of a constructed value, each with its header; ValueError when it is no DER."""
    found, at = list[bytes](), _header(der, 0)
    if at + _length(der, 0) != len(der):
        raise ValueError("loose bytes")
    while at < len(der):
        end = _header(der, at) + _length(der, at)
        if end > len(der):
            raise ValueError("too short")
        found.append(der[at:end])
        at = end
    return found


def _header(der: bytes, at: int) -> int:
    """Where the content begins."""
    if at + 2 > len(der):
        raise ValueError("too short")
    return at + 2 + (der[at + 1] & 0x7F if der[at + 1] & 0x80 else 0)


def _length(der: bytes, at: int) -> int:
    first = der[at + 1]
    return int.from_bytes(der[at + 2 : _header(der, at)], "big") if first & 0x80 else first


def read_certificate(der: bytes) -> Sm2Certificate:
    """A certificate with one common name, an SM2 key and an SM2 signature; ValueError for all others.

    Without basic constraints it is no authority's (RFC 5280 section 4.2.1.9).
    """
    try:
        read = x509.load_der_x509_certificate(der)
        names = read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        authority = any(one.value.ca for one in read.extensions if isinstance(one.value, x509.BasicConstraints))
        r, s = decode_dss_signature(read.signature)
    except (x509.InvalidVersion, x509.DuplicateExtension) as error:
        raise ValueError("not a certificate") from error
    if read.version is not x509.Version.v3:
        raise ValueError("not a certificate of version 3")
    body = read.tbs_certificate_bytes
    key, signed_with = (_items(body)[place] for place in (KEY_AT, ALGORITHM_AT))
    if der != _signed(body, read.signature) or signed_with != _der(0x30, SM2_WITH_SM3):
        raise ValueError("not signed with SM2")
    if len(names) != 1 or max(r, s) >> 256:
        raise ValueError("not for one name, or no signature")
    if not key.startswith(SPKI) or len(key) != len(SPKI) + 64:
        raise ValueError("not an SM2 key")
    return Sm2Certificate(
        name=str(names[0].value), public=key[len(SPKI) :], not_before=read.not_valid_before_utc,
        not_after=read.not_valid_after_utc, authority=authority, body=body,
        signature=r.to_bytes(32, "big") + s.to_bytes(32, "big"),
    )  # fmt: skip


def certificate_for(public: bytes, template: x509.Certificate, issuer: Sm2Key) -> bytes:
    """DER for an SM2 key, with names, dates and extensions of a P-256 template."""
    key = template.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("The template must be for a P-256 key.")
    numbers = key.public_numbers()
    point = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    body = template.tbs_certificate_bytes
    for old, new in ((ECDSA_WITH_SHA256, SM2_WITH_SM3), (P256, CURVE), (point, public)):
        if body.count(old) != 1:
            raise ValueError("The template must be signed with ECDSA and SHA-256, and name its key once.")
        body = body.replace(old, new)
    signature = gm.sm2_sign(issuer.private, issuer.public, body)
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    return _signed(body, encode_dss_signature(r, s))


def _signed(body: bytes, signature: bytes) -> bytes:
    """A certificate in its only form."""
    return _der(0x30, body + _der(0x30, SM2_WITH_SM3) + _der(0x03, b"\0" + signature))
