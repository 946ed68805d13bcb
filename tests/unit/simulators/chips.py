"""Chips for the tests of this room: made in memory, with the values that each test needs."""

from dataclasses import replace

from simulators.card_file import CardFile
from simulators.card_os import Chip

PIN = b"246810"
SELECT = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
NAME = b"\x41\x42".ljust(30, b"\0")
EF05 = {1: bytes(range(16)), 2: b"3", 3: b"2.00", 4: bytes(12), 5: bytes(4), 6: bytes(4), 7: b"T00000001"}
EF06 = {8: b"990106198504120014", 9: NAME, 10: b"1", 11: b"\x01", 12: bytes(3), 13: bytes(4)}
CARD = CardFile(2, PIN, 3, EF05, EF06, None, None, bytes(16), external_key=bytes(range(16)))


def chip_with(*habits: str, **changes: object) -> Chip:
    """A chip whose application is not selected yet."""
    return Chip(replace(CARD, habits=frozenset(habits), **changes))  # type: ignore[arg-type]


def send(chip: Chip, *apdus: str) -> str:
    """Send APDUs in hex; the last answer in hex."""
    answers = [chip.process(bytes.fromhex(apdu)) for apdu in apdus]
    return answers[-1].hex().upper()


def selected(*habits: str, **changes: object) -> Chip:
    """A chip whose application is selected."""
    chip = chip_with(*habits, **changes)
    assert send(chip, SELECT)[-4:] in ("9000", "6111", "6113", "6110", "6283")
    return chip


def verified(*habits: str, **changes: object) -> Chip:
    """A chip whose PIN is verified."""
    chip = selected(*habits, **changes)
    pin = PIN.decode() if "bcd-pin" in habits else PIN.hex()
    assert send(chip, f"00200003{len(pin) // 2:02X}{pin}") == "9000"
    return chip
