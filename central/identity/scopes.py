"""Scopes and the assurance that each one demands (scopes.toml); levels of sign-in in their order."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("scopes.toml")
PREFIX = "urn:onecard:acr:"
ACR_TERMINAL = PREFIX + "terminal"
ACR_PHONE = PREFIX + "phone"
ACR_CRYPTOGRAM = PREFIX + "card-cryptogram"
ACR_SIGNATURE = PREFIX + "card-signature"
LEVELS = (ACR_PHONE, ACR_CRYPTOGRAM, ACR_SIGNATURE)
TERMINAL_SCOPE = "terminal"
STAFF_SCOPE = "attendant"
ACTING_SCOPES = frozenset({"social", "family"})
"""What a guardian may open for a ward."""


@dataclass(frozen=True)
class Need:
    """One scope: its names for people, the weakest `acr`, and the seconds that a PIN entry stays fresh."""

    zh: str
    en: str
    acr: str
    max_age: int | None = None

    @property
    def acr_values(self) -> tuple[str, ...]:
        """Every level that is strong enough, weakest first."""
        return LEVELS[LEVELS.index(self.acr) :]


@lru_cache(maxsize=1)
def needs() -> dict[str, Need]:
    """All scopes that a holder can have."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {name: Need(**{**line, "acr": PREFIX + line["acr"]}) for name, line in table.items()}
