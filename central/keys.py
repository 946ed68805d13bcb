"""Central's secrets in one folder (0700, files 0600): card CA, card master key, document-signing key, pairwise salt."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey

from backend_client.crypto.sm2_certificate import Sm2Certificate, certificate_for, read_certificate
from backend_client.crypto.sm2_key import Sm2Key
from backend_client.crypto.statement import state_sm2
from backend_client.crypto.suite import GM, INTERNATIONAL, CryptoSuite, suite_named
from central.card_keys import SoftwareCardKeys
from central.identity.statements import signed
from central.synthetic.dice import DEFAULT_SEED

YEARS_OF_CA = 30
KID_LENGTH = 8  # 48 bits of the RFC 7638 thumbprint tell the few keys of a city apart
KEY_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def _new_private_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load_private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("The key is not an elliptic-curve key; remove it and start central again.")
    return key


@dataclass(frozen=True)
class Keys:
    """All secrets, made once and read from then on."""

    folder: Path

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        path = self.folder / name
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished = self.folder / f".{name}.{os.getpid()}"
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(make())
            try:
                os.link(unfinished, path)  # the first process wins; the others read what it made
            except FileExistsError:
                pass
            unfinished.unlink()
        return path.read_bytes()

    @cached_property
    def seed(self) -> str:
        """The city's seed."""
        return self._kept("seed", DEFAULT_SEED.encode).decode()

    @cached_property
    def card_master_key(self) -> bytes:
        """16 bytes from which the keys of generation-2 cards come: for AES, or for SM4 in the gm profile."""
        name = "card-master-sm4.key" if self.suite is GM else "card-master.key"
        return self._kept(name, lambda: os.urandom(16))

    @property
    def card_keys(self) -> SoftwareCardKeys:
        """Keeps the master key in memory."""
        return SoftwareCardKeys(self.card_master_key, self.suite)

    @cached_property
    def pairwise_salt(self) -> bytes:
        """Keeps `sub` different for each terminal."""
        return self._kept("pairwise.salt", lambda: os.urandom(32))

    @cached_property
    def nonce_key(self) -> bytes:
        """Makes the server's DPoP nonces."""
        return self._kept("dpop-nonce.key", lambda: os.urandom(32))

    @cached_property
    def card_ca_key(self) -> ec.EllipticCurvePrivateKey:
        """Signs cards' certificates."""
        return _load_private_key(self._kept("card-ca.key", _new_private_key))

    @cached_property
    def card_ca(self) -> x509.Certificate:
        """The card CA's certificate."""
        made = self._kept("card-ca.der", lambda: _new_ca("OneCard test card CA", self.card_ca_key))
        return x509.load_der_x509_certificate(made)

    @cached_property
    def suite(self) -> CryptoSuite:
        """The crypto profile: what cards, documents and statements are signed with (`central profile`)."""
        return suite_named(self._kept("profile", INTERNATIONAL.name.encode).decode().strip())

    def choose(self, profile: str) -> None:
        """Take another profile from the next start on; the keys of both stay. CryptoError when there is none such."""
        name = suite_named(profile).name
        if self._kept("profile", name.encode) != name.encode():
            (self.folder / "profile").write_text(name, encoding="utf-8")

    @cached_property
    def sm2_card_ca_key(self) -> Sm2Key:
        """Signs the certificates of cards with an SM2 key."""
        return self._sm2_key("card-ca-sm2.key")

    @cached_property
    def sm2_card_ca(self) -> Sm2Certificate:
        """The SM2 card CA's certificate."""
        return read_certificate(self._kept("card-ca-sm2.der", self._new_sm2_ca))

    @cached_property
    def sm2_seal_key(self) -> Sm2Key:
        """What `seal_key` is, in the gm profile."""
        return self._sm2_key("seal-sm2.key")

    def _sm2_key(self, name: str) -> Sm2Key:
        raw = self._kept(name, lambda: b"".join(GM.generate()))
        return Sm2Key(raw[:32], raw[32:])

    def _new_sm2_ca(self) -> bytes:
        template = _new_ca("OneCard test card CA (SM2)", ec.generate_private_key(ec.SECP256R1()), identified=False)
        key = self.sm2_card_ca_key
        return certificate_for(key.public, x509.load_der_x509_certificate(template), key)

    @property
    def trusted_card_ca(self) -> x509.Certificate | Sm2Certificate:
        """Whose cards sign in: the card CA of the profile, and no other's."""
        return self.sm2_card_ca if self.suite is GM else self.card_ca

    def state(self, typ: str, claims: dict[str, object]) -> str:
        """A statement (JWS) signed with the document key of the profile."""
        return state_sm2(self.sm2_seal_key, typ, claims) if self.suite is GM else signed(self.seal_key, typ, claims)

    @cached_property
    def seal_key(self) -> ECKey:
        """Signs documents and statements: what terminals pin. `kid` is the key's thumbprint."""
        return self._signing_key("seal.key")

    @cached_property
    def identity_key(self) -> ECKey:
        """Signs id_tokens and logout tokens: what relying parties fetch."""
        return self._signing_key("identity.key")

    @cached_property
    def access_log_key(self) -> ECKey:
        """Signs the heads of the access log: what auditors pin."""
        return self._signing_key("access-log.key")

    def _signing_key(self, name: str) -> ECKey:
        key = ECKey.import_key(self._kept(name, _new_private_key))
        return ECKey.import_key(
            {**key.as_dict(private=True), "kid": key.thumbprint()[:KID_LENGTH], "use": "sig", "alg": "ES256"}
        )

    def identity_jwks(self) -> dict[str, list[dict[str, object]]]:
        """The `jwks_uri` of the OpenID Provider."""
        return {"keys": [dict(self.identity_key.as_dict(private=False))]}

    def public_jwks(self) -> dict[str, list[dict[str, object]]]:
        """What terminals pin and verifiers fetch: the document key, and that of the other profile if it was in use."""
        now = "seal-sm2.key" if self.suite is GM else "seal.key"
        found = [name for name in ("seal.key", "seal-sm2.key") if name == now or (self.folder / name).exists()]
        return {"keys": [self.sm2_seal_key.jwk if "sm2" in name else self._seal_jwk() for name in found]}

    def _seal_jwk(self) -> dict[str, object]:
        return dict(self.seal_key.as_dict(private=False))

    def pairwise(self, person: int, client_id: str) -> str:
        """The holder's name towards one terminal only."""
        named = f"[{person}, {json.dumps(client_id)}]".encode()
        return hashlib.sha256(self.pairwise_salt + named).hexdigest()[:32]

    def kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        """A secret of this folder, made once; the first process wins."""
        return self._kept(name, make)

    @cached_property
    def device_ca_key(self) -> ec.EllipticCurvePrivateKey:
        """Signs terminals' certificates, and the TLS certificate of this reference platform."""
        return _load_private_key(self._kept("device-ca.key", _new_private_key))

    @cached_property
    def device_ca(self) -> x509.Certificate:
        """The device CA's certificate."""
        made = self._kept("device-ca.der", lambda: _new_ca("OneCard test device CA", self.device_ca_key))
        return x509.load_der_x509_certificate(made)

    @cached_property
    def tls_key(self) -> ec.EllipticCurvePrivateKey:
        """The key of the TLS server."""
        return _load_private_key(self._kept("tls.key", _new_private_key))


def _new_ca(name: str, key: ec.EllipticCurvePrivateKey, *, identified: bool = True) -> bytes:
    """A root certificate (DER). `identified`: with its key's id."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now, usage = datetime.now(UTC), dict.fromkeys(KEY_USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS_OF_CA))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
    )
    if identified:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
