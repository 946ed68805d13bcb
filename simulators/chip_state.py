"""What a chip remembers, and how it hands response data over (61xx, 6Cxx, blocks: ISO 7816-4, 5.3.4)."""

from dataclasses import dataclass, field

from simulators.apdu import OK, status
from simulators.card_file import CardFile

BLOCK = 16
EXTERNAL_TRIES = 5
ES256, SM2 = 1, 2


@dataclass
class ChipState:
    """One card. PIN and try counters survive resets; everything else is volatile."""

    card: CardFile
    pin: bytes = field(init=False)
    tries_left: int = field(init=False)
    external_tries: int = EXTERNAL_TRIES
    application: bool = False
    selected: int | None = None
    verified: bool = False
    algorithm: int = ES256
    card_random: bytes | None = None
    pending: bytes = b""

    def __post_init__(self) -> None:
        self.pin, self.tries_left = self.card.pin, self.card.tries

    def reset(self) -> None:
        """Warm or cold reset: nothing selected, nothing verified."""
        self.leave()
        self.application, self.card_random, self.pending = False, None, b""

    def leave(self) -> None:
        """What SELECT of an application forgets."""
        self.selected, self.verified, self.algorithm = None, False, ES256

    def has(self, habit: str) -> bool:
        """Is this one of the card's habits?"""
        return habit in self.card.habits


def _count(data: bytes) -> int:
    """SW2 of 61xx and 6Cxx: 00 means 256 or more."""
    return len(data) if len(data) < 256 else 0


def in_blocks(chip: ChipState, data: bytes, size: int = BLOCK) -> bytes:
    """All data with 9000; a card that chains gives the first block and keeps the rest for GET RESPONSE."""
    chip.pending = b""
    if not chip.has("chained-responses") or len(data) <= size:
        return data + OK
    chip.pending = data[size:]
    return data[:size] + bytes([0x61, _count(chip.pending)])


def give(chip: ChipState, data: bytes, le: int | None) -> bytes:
    """Response data for an Le field: 61xx without one, 6Cxx for a wrong one, or as the card's habits say."""
    if le is None:
        return _without_le(chip, data)
    if le == len(data) or (le == 0 and chip.has("t1")):
        return in_blocks(chip, data)
    if le > len(data) and chip.has("le-too-long-warns"):
        return data + status(0x6282)
    return status(0x6700) if chip.has("wrong-le-6700") else bytes([0x6C, _count(data)])


def _without_le(chip: ChipState, data: bytes) -> bytes:
    if chip.has("t1"):
        return status(0x6700)
    chip.pending = data
    return bytes([0x61, _count(data)])


def get_response(chip: ChipState, le: int | None) -> bytes:
    """What a 61xx announced; a wrong Le keeps it."""
    data = chip.pending
    if not data:
        return status(0x6985)
    if chip.has("chained-responses"):
        return in_blocks(chip, data, min(le or BLOCK, BLOCK))
    wanted = le or len(data)
    if wanted == len(data):
        chip.pending = b""
        return data + OK
    return bytes([0x6C, _count(data)])
