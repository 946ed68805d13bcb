"""The integrator's test credentials, from a TOML file."""

import base64
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from central.conformance.profile import GM, INTERNATIONAL, PROFILES, Profile, sm2_signer
from central.conformance.signing import CardInHand, es256

KNOWN = {
    "terminal", "terminal_key", "card", "other_terminal", "other_terminal_key", "ca_file", "certificate",
    "certificate_key", "pin_fresh_seconds", "profile",
}  # fmt: skip


class CredentialsError(ValueError):
    """The file can't be used; the message says what to put right."""


@dataclass(frozen=True)
class Terminal:
    """A registered terminal and its key."""

    client_id: str
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Credentials:
    """Who the suite is. `other`: a second terminal, for what must be kept apart; None leaves those checks out.

    `tls`: certificate and key files of mTLS. `pin_fresh_seconds`: the `max_age` of scope `guardian`. The card's
    profile is that of the platform.
    """

    terminal: Terminal
    card: CardInHand
    other: Terminal | None = None
    ca_file: str | None = None
    tls: tuple[str, str] | None = None
    pin_fresh_seconds: int = 300


def _key(raw: bytes, what: str) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(raw, None)
    except (ValueError, TypeError) as error:
        raise CredentialsError(f"{what} is not a PEM key without a password ({error}).") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CredentialsError(f"{what} is not a key on P-256.")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CredentialsError(f"{path} can't be read ({error.strerror}).") from error


def _card(path: Path, profile: Profile) -> CardInHand:
    """A card file as `central personalise` writes it (docs/protocol.md, A card on disk)."""
    try:
        file = json.loads(_read(path))
        card_id = str(file["ef05"]["01"])
        if file["generation"] == 3 and profile is GM:
            sign = sm2_signer(bytes.fromhex(file["sm2_private_key"]), base64.b64decode(file["sm2_certificate"]))
            return CardInHand(card_id, (file["sm2_certificate"],), sign, profile=profile)
        if file["generation"] == 3:
            return CardInHand(card_id, (file["certificate"],), es256(_key(file["private_key"].encode(), str(path))))
        return CardInHand(card_id, key=bytes.fromhex(file["cryptogram_key"]), profile=profile)
    except CredentialsError:
        raise
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        what = f"a card file of generation 2 or 3 in the {profile.name} profile"
        raise CredentialsError(f"{path} is not {what} ({error!r}).") from error


def load(path: Path) -> Credentials:
    """Read and check the file; relative paths start at its folder. CredentialsError."""
    folder = path.resolve().parent
    try:
        given: dict[str, Any] = tomllib.loads(_read(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CredentialsError(f"{path} is not TOML: {error}.") from error
    unknown = sorted(given.keys() - KNOWN)
    missing = [name for name in ("terminal", "terminal_key", "card") if name not in given]
    if unknown or missing:
        raise CredentialsError(f"{path}: unknown {unknown}, missing {missing}; known: {', '.join(sorted(KNOWN))}.")

    profile = PROFILES.get(str(given.get("profile", INTERNATIONAL.name)))
    if profile is None:
        raise CredentialsError(f"{path}: there is no such profile; take {' or '.join(PROFILES)}.")

    def place(name: str) -> str:
        return str(folder / given[name])

    def terminal(name: str) -> Terminal:
        key = Path(place(f"{name}_key"))
        return Terminal(str(given[name]), _key(_read(key), str(key)))

    return Credentials(
        terminal=terminal("terminal"),
        card=_card(Path(place("card")), profile),
        other=terminal("other_terminal") if "other_terminal" in given else None,
        ca_file=place("ca_file") if "ca_file" in given else None,
        tls=(place("certificate"), place("certificate_key")) if "certificate" in given else None,
        pin_fresh_seconds=int(given.get("pin_fresh_seconds", 300)),
    )
