"""A key's place in a PKCS#11 token, named by an RFC 7512 URI, and one session there that threads take turns at.

`pkcs11:token=onecard;object=device?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/onecard/token.pin`
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import pkcs11
from pkcs11.exceptions import PKCS11Error

from backend_client.crypto.errors import KeyPlaceError

SCHEME = "pkcs11:"


@dataclass(frozen=True)
class Place:
    """Where a key lies. `pin_source`: a file that holds the user PIN and nothing else."""

    token: str
    object: str
    module_path: str
    pin_source: str

    @property
    def pin(self) -> str:
        """The user PIN; KeyPlaceError when its file can't be read or may be read by others."""
        path = Path(self.pin_source)
        try:
            if path.stat().st_mode & 0o077:
                raise KeyPlaceError(f"{path} may be read by others; run chmod 600 on it.")
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise KeyPlaceError(f"The token's PIN file {path} can't be read ({error.strerror}).") from error


def parse(uri: str) -> Place:
    """An RFC 7512 URI with token, object, module-path and pin-source; KeyPlaceError names what is missing."""
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    pairs = [part.partition("=") for part in (*path.split(";"), *query.split("&")) if part]
    found = {name: unquote(value) for name, _, value in pairs}
    wanted = ("token", "object", "module-path", "pin-source")
    missing = [name for name in wanted if not found.get(name)]
    if not uri.startswith(SCHEME) or missing or set(found) - set(wanted):
        raise KeyPlaceError(f"A key's place is a pkcs11: URI with {', '.join(wanted)} and no more (RFC 7512).")
    return Place(found["token"], found["object"], found["module-path"], found["pin-source"])


class TokenSession:
    """A logged-in session; a session serves one thread at a time, so `use` takes turns."""

    def __init__(self, token: str, session: pkcs11.Session) -> None:
        self._token, self._session = token, session
        self._turn = threading.Lock()

    @contextmanager
    def use(self) -> Iterator[pkcs11.Session]:
        """The session, alone; KeyPlaceError when the token fails."""
        with self._turn:
            try:
                yield self._session
            except PKCS11Error as error:
                raise KeyPlaceError(
                    f"The token {self._token!r} failed ({type(error).__name__}); see that it is plugged in."
                ) from error


@lru_cache
def _opened(module_path: str, token: str, pin: str) -> TokenSession:
    try:
        return TokenSession(token, pkcs11.lib(module_path).get_token(token_label=token).open(rw=True, user_pin=pin))
    except (PKCS11Error, RuntimeError) as error:
        raise KeyPlaceError(
            f"The token {token!r} can't be opened ({type(error).__name__}); check module, label and PIN."
        ) from error


def open_token(place: Place) -> TokenSession:
    """This process's one session at a token, kept to its end: PKCS#11 counts log-ins per process, not per session."""
    return _opened(place.module_path, place.token, place.pin)
