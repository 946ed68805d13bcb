"""A personalised card on disk (`onecard-card/1`, docs/protocol.md). Reads it; judges nothing about its content."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulators.habits import check_habits

FORMAT = "onecard-card/1"
CIPHERS = ("AES", "SM4")


class CardFileError(ValueError):
    """The file is not a personalised card."""


@dataclass(frozen=True)
class CardFile:
    """One card: record values by tag (bytes), PIN as ASCII digits, the secrets of its generation, and its habits."""

    generation: int
    pin: bytes
    tries: int
    ef05: dict[int, bytes]
    ef06: dict[int, bytes]
    private_key: bytes | None
    certificate: bytes | None
    cryptogram_key: bytes | None
    cryptogram_cipher: str = "AES"
    external_key: bytes | None = None
    sm2_private_key: bytes | None = None
    sm2_certificate: bytes | None = None
    habits: frozenset[str] = frozenset()


def _records(values: dict[str, str]) -> dict[int, bytes]:
    return {int(tag, 16): bytes.fromhex(value) for tag, value in values.items()}


def _key(raw: dict[str, Any], name: str, length: int) -> bytes | None:
    """An optional key in hex; ValueError when it has another length."""
    if not raw.get(name):
        return None
    key = bytes.fromhex(raw[name])
    if len(key) != length:
        raise ValueError(f"{name} has {len(key)} bytes, not {length}")
    return key


def _certificate(raw: dict[str, Any], name: str) -> bytes | None:
    return base64.b64decode(raw[name]) if raw.get(name) else None


def _card(raw: dict[str, Any]) -> CardFile:
    return CardFile(
        generation=int(raw["generation"]),
        pin=_pin(raw["pin"]),
        tries=int(raw["tries"]),
        ef05=_records(raw["ef05"]),
        ef06=_records(raw["ef06"]),
        private_key=raw["private_key"].encode() if raw["private_key"] else None,
        certificate=_certificate(raw, "certificate"),
        cryptogram_key=_key(raw, "cryptogram_key", 16),
        cryptogram_cipher=_cipher(raw.get("cryptogram_cipher") or "AES"),
        external_key=_key(raw, "external_key", 16),
        sm2_private_key=_key(raw, "sm2_private_key", 32),
        sm2_certificate=_certificate(raw, "sm2_certificate"),
        habits=check_habits(raw.get("habits") or ()),
    )


def _cipher(name: str) -> str:
    if name not in CIPHERS:
        raise ValueError(f"the cipher is none of {', '.join(CIPHERS)}")
    return name


def _pin(text: str) -> bytes:
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        raise ValueError("the PIN is not 6 digits")
    return text.encode("ascii")


def load_card(path: Path) -> CardFile:
    """Read a card file; CardFileError says what is wrong with it."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["format"] != FORMAT:
            raise CardFileError(f"{path} has format {raw['format']!r}; this program reads {FORMAT!r}.")
        return _card(raw)
    except (OSError, KeyError, ValueError, AttributeError, TypeError) as error:
        if isinstance(error, CardFileError):
            raise
        raise CardFileError(f"{path} is not a card file ({error!r}); write one with `central personalise`.") from error
