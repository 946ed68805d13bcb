"""The device CA: makes certificates for terminals, and one for the TLS server of this reference platform."""

import base64
import hashlib
import ipaddress
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from central.errors import CentralRefusal
from central.keys import KEY_USAGES, Keys

TERMINAL_DAYS, SERVER_DAYS = 90, 365


class BadRequest(CentralRefusal):
    """The certificate request can't be granted; a retry with the same one is useless (RFC 7030 section 4.2.3)."""

    def __init__(self, reason: str) -> None:
        sentence = "Send a PKCS #10 request for this terminal's own name, signed by a P-256 key."
        super().__init__(400, "bad_certificate_request", sentence, reason=reason)


@lru_cache(maxsize=4096)
def x5t(certificate: bytes) -> str:
    """x5t#S256 of a DER certificate (RFC 8705 section 3.1)."""
    return base64.urlsafe_b64encode(hashlib.sha256(certificate).digest()).rstrip(b"=").decode()


def read_request(der: bytes, terminal_id: str) -> x509.CertificateSigningRequest:
    """A PKCS #10 request whose signature holds, for this terminal; BadRequest."""
    try:
        request = x509.load_der_x509_csr(der)
        names = [str(one.value) for one in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        key, holds = request.public_key(), request.is_signature_valid
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise BadRequest("not a PKCS #10 request") from error
    if not holds or not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadRequest("its signature does not hold, or its key is not on P-256")
    if names != [terminal_id]:
        raise BadRequest("it is for another name")
    return request


def _builder(keys: Keys, name: str, key: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
    now, usage = datetime.now(UTC), dict.fromkeys(KEY_USAGES, False) | {"digital_signature": True}
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(keys.device_ca_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(keys.device_ca.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(authority, critical=False)
    )


def terminal_certificate(keys: Keys, request: x509.CertificateSigningRequest, terminal_id: str) -> x509.Certificate:
    """90 days, for TLS clients only; nothing of the request but its key is taken over."""
    key = request.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise BadRequest("its key is not on P-256")
    made = _builder(keys, terminal_id, key, TERMINAL_DAYS)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    return made.add_extension(usage, critical=False).sign(keys.device_ca_key, hashes.SHA256())


def server_certificate(keys: Keys, host: str) -> x509.Certificate:
    """For the TLS server at this host name or address."""
    try:
        name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        name = x509.DNSName(host)
    made = _builder(keys, host, keys.tls_key.public_key(), SERVER_DAYS)
    made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return made.add_extension(x509.SubjectAlternativeName([name]), critical=False).sign(
        keys.device_ca_key, hashes.SHA256()
    )
