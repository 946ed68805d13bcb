"""Certificates around documents: our own authority, the signer of PDF files, the time-stamp authority (RFC 5280).

A city takes these from its own PKI; here they are made once and kept beside the other keys.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from central.keys import Keys

Builder = x509.CertificateBuilder
DOCUMENT_CA = "document_ca"


@dataclass(frozen=True)
class Identity:
    """A private key and its certificate, both DER (PKCS #8 and X.509)."""

    key: bytes
    certificate: bytes


def authority(keys: Keys) -> Identity:
    """The root that verifiers pin."""
    return _identity(keys, "document-ca", "OneCard test document CA", 30, _of_authority)


def published(keys: Keys) -> dict[str, object]:
    """What verifiers keep: the keys of the codes (JWKS), and the authority behind signed files (base64 DER)."""
    return {**keys.public_jwks(), DOCUMENT_CA: base64.b64encode(authority(keys).certificate).decode()}


def signer(keys: Keys) -> Identity:
    """Signs PDF files."""
    return _identity(keys, "document-signer", "OneCard test document signer", 5, _of_signer)


def time_stamper(keys: Keys) -> Identity:
    """Signs time-stamps."""
    return _identity(keys, "time-stamper", "OneCard test time-stamp authority", 10, _of_time_stamper)


def _new_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _loaded(der: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_der_private_key(der, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("The key is not an elliptic-curve key; remove it and start central again.")
    return key


def _identity(keys: Keys, name: str, common: str, years: int, extend: Callable[[Builder], Builder]) -> Identity:
    key = keys.kept(f"{name}.key", _new_key)

    def make() -> bytes:
        own = _loaded(key)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
        parent = None if extend is _of_authority else authority(keys)
        issuer = subject if parent is None else x509.load_der_x509_certificate(parent.certificate).subject
        signing = own if parent is None else _loaded(parent.key)
        now = datetime.now(UTC)
        builder = (
            Builder().subject_name(subject).issuer_name(issuer).public_key(own.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=365 * years))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        )  # fmt: skip
        return extend(builder).sign(signing, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    return Identity(key, keys.kept(f"{name}.der", make))


def _usage(*names: str) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: name in names for name in every})


def _of_authority(builder: Builder) -> Builder:
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(
        _usage("key_cert_sign", "crl_sign"), critical=True
    )


def _of_signer(builder: Builder) -> Builder:
    return builder.add_extension(_usage("digital_signature", "content_commitment"), critical=True)


def _of_time_stamper(builder: Builder) -> Builder:
    """RFC 3161, 2.3: this purpose only, and critical."""
    only = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return builder.add_extension(_usage("digital_signature"), critical=True).add_extension(only, critical=True)
