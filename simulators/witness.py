"""The witness: says so when a command could harm a card or reads what is not ours. Never repeats a PIN."""

from collections.abc import Callable
from typing import Protocol

from simulators.apdu import parse_apdu

VERIFY, CHANGE = 0x20, 0x24
ON_OUR_CARD = {VERIFY: "VERIFY", CHANGE: "CHANGE REFERENCE DATA", 0x82: "EXTERNAL AUTHENTICATE"}
"""Harmless after our application was selected, harmful anywhere else."""
NEVER = {
    0x2C: "RESET RETRY COUNTER",
    0x0C: "ERASE RECORD",
    0x0E: "ERASE BINARY",
    0x0F: "ERASE BINARY",
    0xD0: "WRITE BINARY",
    0xD1: "WRITE BINARY",
    0xD2: "WRITE RECORD",
    0xD6: "UPDATE BINARY",
    0xD7: "UPDATE BINARY",
    0xDC: "UPDATE RECORD",
    0xDD: "UPDATE RECORD",
    0xE2: "APPEND RECORD",
    0xDA: "PUT DATA",
    0xDB: "PUT DATA",
    0xE0: "CREATE FILE",
    0xE4: "DELETE FILE",
    0x04: "DEACTIVATE FILE",
    0xE6: "TERMINATE DF",
    0xE8: "TERMINATE EF",
    0xFE: "TERMINATE CARD USAGE",
    0x16: "CARD BLOCK",
    0x1E: "APPLICATION BLOCK",
}
"""ISO 7816-4 and -9; the last two are EMV's (PBOC)."""
READS = {0xB0, 0xB1, 0xB2, 0xB3, 0xCA, 0xCB, 0xA8}
SELECT, BY_NAME = 0xA4, 0x04
PIN_COMMANDS = {VERIFY, CHANGE, 0x2C}
DIRECTORIES = (b"1PAY.SYS.DDF01", b"2PAY.SYS.DDF01")
BANK_NAMES = (*DIRECTORIES, *(bytes.fromhex(rid) for rid in ("A000000003", "A000000004", "A000000333")))
"""Directories of payment applications, and what the names of Visa, Mastercard and PBOC applications begin with."""

Tell = Callable[[dict[str, object]], None]


class AnyChip(Protocol):
    """What answers APDUs in a reader."""

    @property
    def application(self) -> bool:
        """Is the social-security application selected?"""

    @property
    def tries_left(self) -> int | None:
        """PIN tries left; None on a card without a PIN of ours."""

    def reset(self) -> None:
        """Warm or cold reset."""

    def process(self, raw: bytes) -> bytes:
        """Answer one command."""


class Witness:
    """Sees every command before the chip does. An event: `{"apdu": "0020000306…", "why": "…"}`."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._bank = False

    def reset(self) -> None:
        """Nothing is selected any more."""
        self._bank = False

    def see(self, raw: bytes, chip: AnyChip) -> None:
        """Tell when this command, to this chip as it stands, could do harm."""
        why = self._why(raw, chip)
        if why:
            self._tell({"apdu": _masked(raw), "why": why})

    def _why(self, raw: bytes, chip: AnyChip) -> str | None:
        ins = raw[1] if len(raw) > 1 else -1
        if ins in NEVER:
            return f"{NEVER[ins]} changes a card."
        if ins in ON_OUR_CARD and not chip.application:
            return f"{ON_OUR_CARD[ins]} before the social-security application was selected."
        if ins in PIN_COMMANDS and len(raw) > 5 and chip.tries_left == 1:
            return f"{ON_OUR_CARD[ins]} on the last try; a wrong PIN would block the card."
        return self._bank_touched(raw, ins)

    def _bank_touched(self, raw: bytes, ins: int) -> str | None:
        apdu = parse_apdu(raw, extended=True)
        if apdu is not None and (ins, apdu.p1) == (SELECT, BY_NAME):
            self._bank = apdu.data.startswith(BANK_NAMES)
            return "SELECT of a bank application." if self._bank else None
        return "READ from a bank application." if self._bank and ins in READS else None


def _masked(raw: bytes) -> str:
    """Hex of the command; of one that carries a PIN only header and length."""
    if len(raw) > 1 and raw[1] in PIN_COMMANDS and len(raw) > 5:
        return raw[:5].hex().upper() + "…"
    return raw.hex().upper()
