"""How a terminal gets its certificate: EST (RFC 7030), first with a one-time code, later by the certificate it has."""

import base64
import os
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7
from cryptography.x509.oid import NameOID

from backend_client.client.errors import EnrolmentRefused, Nonsense, Unreachable
from backend_client.client.transport import PinnedAdapter
from city import Endpoint

RENEW_DAYS = 30
SECONDS = 20
SPKI = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def request_for(key: ec.EllipticCurvePrivateKey, terminal_id: str) -> bytes:
    """A PKCS #10 request, DER."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, terminal_id)])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.DER)


def enrol(
    address: str, context: ssl.SSLContext, terminal_id: str, code: str, key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    """The first certificate, for a one-time code. EnrolmentRefused, Unreachable, Nonsense."""
    return _asked(address, context, "simpleenroll", request_for(key, terminal_id), key, (terminal_id, code))


def renew(address: str, context: ssl.SSLContext, terminal_id: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """The next certificate; `context` shows the present one. The present one counts until the next is used."""
    return _asked(address, context, "simplereenroll", request_for(key, terminal_id), key, None)


def _asked(
    address: str,
    context: ssl.SSLContext,
    what: str,
    request: bytes,
    key: ec.EllipticCurvePrivateKey,
    basic: tuple[str, str] | None,
) -> x509.Certificate:
    headers = {"Content-Type": "application/pkcs10", "Content-Transfer-Encoding": "base64"}
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", PinnedAdapter(context))
        try:
            answer = session.post(
                f"{address}{Endpoint.ENROLMENT}/{what}", base64.encodebytes(request), headers=headers, auth=basic,
                timeout=SECONDS, allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            raise Unreachable from error
    if answer.status_code in (400, 401, 403):
        raise EnrolmentRefused("enrolment_refused")
    return _certificate(answer, key)


def _certificate(answer: requests.Response, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """The one certificate of the answer, for our key; anything else is Nonsense."""
    try:
        (made,) = pkcs7.load_der_pkcs7_certificates(base64.b64decode(answer.content))
        ours = made.public_key().public_bytes(*SPKI) == key.public_key().public_bytes(*SPKI)
    except ValueError as error:
        raise Nonsense(f"enrolment, status {answer.status_code}") from error
    if answer.status_code != 200 or not ours:
        raise Nonsense("enrolment: a certificate for another key")
    return made


def needs_renewal(certificate: x509.Certificate, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> bool:
    """Less than 30 days left."""
    return certificate.not_valid_after_utc - now() < timedelta(days=RENEW_DAYS)


def keep(certificate: x509.Certificate, path: Path) -> None:
    """Write the certificate (PEM) in one step, so that a power cut leaves the old one or the new one."""
    unfinished = path.with_suffix(".new")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(certificate.public_bytes(Encoding.PEM))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read(path: Path) -> x509.Certificate:
    """The certificate at `path`. OSError or ValueError when there is none."""
    return x509.load_pem_x509_certificate(path.read_bytes())
