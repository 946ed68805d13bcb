"""A piece of plastic: a chip and how it shows itself at contacts and at an antenna."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from simulators import contactless
from simulators.card_file import CardFile, load_card
from simulators.card_os import Chip
from simulators.other_cards import KINDS, OtherCard
from simulators.witness import AnyChip

ATR = bytes.fromhex("3B800181")
"""T=1 only, no historical bytes that name a vendor."""
ATR_T0 = bytes.fromhex("3B00")
BYTE_MS_AT_9600_BAUD = 1.25
KIND = "kind:"


@dataclass(frozen=True)
class Plastic:
    """What one holds in the hand. `historical` and `uid` are for the antenna; `at_antenna`: it has no contacts;
    `silent`: it answers a reset and nothing else.
    """

    name: str
    chip: AnyChip
    atr: bytes
    historical: bytes
    uid: bytes
    at_antenna: bool = False
    byte_ms: float = 0.0
    silent: bool = False


def _uid_of(what: bytes) -> bytes:
    """A UID that stays the same; 3A is neither a random number's (08) nor a cascade mark (88)."""
    return b"\x3a" + sha256(what).digest()[:3]


def social_security(file: CardFile) -> Plastic:
    """One of our cards."""
    return Plastic(
        name="social-security",
        chip=Chip(file),
        atr=ATR_T0 if "t0" in file.habits else ATR,
        historical=contactless.HISTORICAL,
        uid=_uid_of(file.ef05.get(1, b"")),
        byte_ms=BYTE_MS_AT_9600_BAUD if "slow" in file.habits else 0.0,
    )


def other(name: str) -> Plastic:
    """Somebody's other card; ValueError names the known kinds."""
    if name not in KINDS:
        raise ValueError(f"unknown kind {name!r}; known: {', '.join(KINDS)}")
    kind = KINDS[name]
    antenna = kind.historical is not None
    historical = kind.historical or b""
    chip = OtherCard(kind.answer)
    return Plastic(name, chip, kind.atr, historical, _uid_of(name.encode()), antenna, silent=kind.silent)


def plastic(text: str) -> Plastic:
    """A card from a control line: a card file, or `kind:NAME`."""
    if text.startswith(KIND):
        return other(text.removeprefix(KIND))
    return social_security(load_card(Path(text)))
