"""Keys that sign JWTs: the terminal's own (on disk, 0600) and one for each session (in memory only)."""

import os
import secrets
import stat
import time
from pathlib import Path
from typing import Self

from joserfc import jws
from joserfc.jwk import ECKey

REGISTRY = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
LIFETIME = 50


class KeyFileError(Exception):
    """The device key can't be used."""


def _private(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KeyFileError(f"{path} may be read by others (mode {mode:o}); run chmod 600 on it.")


class SigningKey:
    """An ES256 key."""

    def __init__(self, key: ECKey) -> None:
        self._key = key

    @classmethod
    def generate(cls) -> Self:
        """A new key, in memory only."""
        return cls(ECKey.generate_key("P-256"))

    @property
    def thumbprint(self) -> str:
        """RFC 7638."""
        return str(self._key.thumbprint())

    def public_jwk(self) -> dict[str, object]:
        """The public half."""
        public = self._key.as_dict(private=False)
        return {name: public[name] for name in ("kty", "crv", "x", "y")}

    def sign_jwt(self, header: dict[str, object], claims: dict[str, object]) -> str:
        """A compact JWS over the claims."""
        from json import dumps

        payload = dumps(claims, separators=(",", ":")).encode()
        return str(jws.serialize_compact({"alg": "ES256", **header}, payload, self._key, registry=REGISTRY))


class DeviceKey(SigningKey):
    """The terminal's own key."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a PEM file that only we may read; KeyFileError otherwise."""
        try:
            _private(path)
            return cls(ECKey.import_key(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise KeyFileError(f"The device key {path} can't be read ({error}); enrol the terminal again.") from error

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a key and keep it at `path`, 0600; an existing file is never replaced."""
        key = ECKey.generate_key("P-256")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.as_pem(private=True))
        return cls(key)

    def public_pem(self) -> bytes:
        """The public half, for registration at central."""
        return bytes(self._key.as_pem(private=False))


def times(now: float | None = None) -> dict[str, object]:
    """jti, iat and exp of an assertion made now; `now` in seconds since the epoch, default this machine's clock."""
    issued = int(time.time() if now is None else now)
    return {"jti": secrets.token_urlsafe(16), "iat": issued, "exp": issued + LIFETIME}
