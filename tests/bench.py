"""Our central as a bench for attacks (tests/attacks.py)."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend_client.client.keys import SigningKey
from backend_client.contract.identity import CLIENT_ASSERTION_TYPE, Challenge
from tests.attacks import client_jwt, new_key
from tests.city import TERMINAL, URL, City, register

OTHER_TERMINAL = "T44010500002"


def certificate(
    card_id: str,
    key: ec.EllipticCurvePrivateKey,
    ca_name: x509.Name,
    ca_key: ec.EllipticCurvePrivateKey,
    days: int = 1,
    *,
    authority: bool = False,
) -> list[str]:
    """A card's certificate as x5c; over since yesterday with `days` -1."""
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, card_id)]))
        .issuer_name(ca_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=3))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    return [base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()]


class CityBench:
    """A city with two terminals and two cards, and certificates that should not help anyone."""

    resource = "/api/v1/contributions"

    def __init__(self, folder: Path, url: str = URL) -> None:
        self.city = City(folder, url, daily_limit=10**6)
        self.url, self.terminal, self.other_terminal = self.city.url, TERMINAL, OTHER_TERMINAL
        self.device, self.other_device = _key((folder / "device.pem").read_bytes()), new_key()
        register(self.city.context, OTHER_TERMINAL, SigningKey(self.other_device))
        self.card = mine = self.city.card(4)
        other = self.city.card(8)
        self.card_id, self.card_key, self.x5c = mine.card_id, mine.key, _x5c(mine.certificate_chain)
        self.other_card_id, self.other_card_key, self.other_x5c = (
            other.card_id,
            other.key,
            _x5c(other.certificate_chain),
        )
        self._attackers_certificates()

    def _attackers_certificates(self) -> None:
        ca, ca_key = self.city.keys.card_ca, self.city.keys.card_ca_key
        self.foreign_key, self.expired_key = new_key(), new_key()
        self.foreign_x5c = certificate(self.card_id, self.foreign_key, ca.subject, new_key())
        self.expired_x5c = certificate(self.card_id, self.expired_key, ca.subject, ca_key, -1)
        self.authority_key = new_key()
        self.authority_x5c = certificate(self.card_id, self.authority_key, ca.subject, ca_key, authority=True)
        self.ca_x5c, self.ca_key = _x5c((ca.public_bytes(serialization.Encoding.DER),)), ca_key

    def close(self) -> None:
        """Give everything back."""
        self.city.close()

    def challenge(self, terminal: str, device: ec.EllipticCurvePrivateKey) -> Challenge:
        """A fresh challenge for a terminal."""
        assertion = client_jwt(self, terminal, device).compact()
        form = {"client_assertion_type": CLIENT_ASSERTION_TYPE, "client_assertion": assertion}
        return Challenge.model_validate(self.city.client.post("/card/challenge", data=form).json())

    def nonce(self) -> str:
        """The server's DPoP nonce now."""
        return self.city.nonce

    def post(self, path: str, form: dict[str, Any], headers: dict[str, str]) -> Any:
        """POST."""
        return self.city.client.post(path, data=form, headers=headers)

    def get(self, path: str, headers: dict[str, str]) -> Any:
        """GET."""
        return self.city.client.get(path, headers=headers)


def _key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _x5c(chain: tuple[bytes, ...]) -> list[str]:
    return [base64.b64encode(one).decode() for one in chain]
