"""Keys that sign JWTs: the terminal's own (in a PKCS#11 token or a 0600 file), one for each session (in memory)."""

import base64
import json
import os
import secrets
import stat
import time
from functools import cached_property
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey

from backend_client.crypto.errors import KeyPlaceError

SCHEME = "pkcs11:"
LIFETIME = 50


class KeyFileError(Exception):
    """The device key can't be used."""


def _private(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KeyFileError(f"{path} may be read by others (mode {mode:o}); run chmod 600 on it.")


class SigningKey:
    """An ES256 key."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self.private = key
        numbers = key.public_key().public_numbers()
        x, y = (_b64(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        self._public: dict[str, str | list[str]] = {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    @classmethod
    def generate(cls) -> Self:
        """A new key, in memory only."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @cached_property
    def thumbprint(self) -> str:
        """RFC 7638."""
        return str(ECKey.import_key(self._public).thumbprint())

    def public_jwk(self) -> dict[str, object]:
        """The public half."""
        return dict(self._public)

    def sign_jwt(self, header: dict[str, object], claims: dict[str, object]) -> str:
        """A compact JWS (RFC 7515 section 3.1) over the claims."""
        parts = ({"alg": "ES256", **header}, claims)
        data = ".".join(_b64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
        r, s = decode_dss_signature(self.private.sign(data.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{data}.{_b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def public_pem(self) -> bytes:
        """The public half, for registration at central."""
        public = self.private.public_key()
        return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class DeviceKey(SigningKey):
    """The terminal's own key: in a PKCS#11 token, or in a file that only we may read."""

    place: str = "memory"

    @classmethod
    def load(cls, place: Path | str) -> Self:
        """The key at a `pkcs11:` URI, or in a PEM file; KeyFileError otherwise."""
        if str(place).startswith(SCHEME):
            return cls._of_token(str(place), make=False)
        path = Path(place)
        try:
            _private(path)
            key = serialization.load_pem_private_key(path.read_bytes(), None)
        except (OSError, ValueError, TypeError) as error:
            raise KeyFileError(f"The device key {path} can't be read ({error}); enrol the terminal again.") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise KeyFileError(f"The device key {path} is not on P-256; enrol the terminal again.")
        return cls._kept(key, f"in the file {path}, unprotected against whoever copies the disk")

    @classmethod
    def create(cls, place: Path | str) -> Self:
        """Make a key at `place`; an existing one is never replaced (FileExistsError, or KeyFileError in a token)."""
        if str(place).startswith(SCHEME):
            return cls._of_token(str(place), make=True)
        key = ec.generate_private_key(ec.SECP256R1())
        form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.private_bytes(serialization.Encoding.PEM, *form))
        return cls._kept(key, f"in the file {place}, unprotected against whoever copies the disk")

    @classmethod
    def _of_token(cls, uri: str, *, make: bool) -> Self:
        from backend_client.crypto.pkcs11_place import parse  # loaded only where there is a token
        from backend_client.crypto.token_key import TokenKey

        try:
            place = parse(uri)
            key = TokenKey.generate(place) if make else TokenKey(place)
            return cls._kept(key, f"in the PKCS#11 token {place.token!r}")
        except KeyPlaceError as error:
            raise KeyFileError(str(error)) from error

    @classmethod
    def _kept(cls, key: ec.EllipticCurvePrivateKey, place: str) -> Self:
        made = cls(key)
        made.place = place
        return made


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def times(now: float | None = None) -> dict[str, object]:
    """jti, iat and exp of an assertion made now; `now` in seconds since the epoch, default this machine's clock."""
    issued = int(time.time() if now is None else now)
    return {"jti": secrets.token_urlsafe(16), "iat": issued, "exp": issued + LIFETIME}
