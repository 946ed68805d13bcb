"""A personalised card on disk (`onecard-card/1`, docs/protocol.md). Reads it; judges nothing about its content."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

FORMAT = "onecard-card/1"


class CardFileError(ValueError):
    """The file is not a personalised card."""


@dataclass(frozen=True)
class CardFile:
    """One card: record values by tag (bytes), PIN as ASCII digits, and the secret of its generation."""

    generation: int
    pin: bytes
    tries: int
    ef05: dict[int, bytes]
    ef06: dict[int, bytes]
    private_key: bytes | None
    certificate: bytes | None
    cryptogram_key: bytes | None


def _records(values: dict[str, str]) -> dict[int, bytes]:
    return {int(tag, 16): bytes.fromhex(value) for tag, value in values.items()}


def load_card(path: Path) -> CardFile:
    """Read a card file; CardFileError says what is wrong with it."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["format"] != FORMAT:
            raise CardFileError(f"{path} has format {raw['format']!r}; this program reads {FORMAT!r}.")
        return CardFile(
            generation=int(raw["generation"]),
            pin=raw["pin"].encode("ascii"),
            tries=int(raw["tries"]),
            ef05=_records(raw["ef05"]),
            ef06=_records(raw["ef06"]),
            private_key=raw["private_key"].encode() if raw["private_key"] else None,
            certificate=base64.b64decode(raw["certificate"]) if raw["certificate"] else None,
            cryptogram_key=bytes.fromhex(raw["cryptogram_key"]) if raw["cryptogram_key"] else None,
        )
    except (OSError, KeyError, ValueError, AttributeError, TypeError) as error:
        if isinstance(error, CardFileError):
            raise
        raise CardFileError(f"{path} is not a card file ({error!r}); write one with `central personalise`.") from error
