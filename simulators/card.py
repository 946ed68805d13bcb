"""`simulators card`: a personalised social-security card in a virtual reader, with latency and faults by name."""

import time
from pathlib import Path

from simulators.card_file import CardFile, load_card
from simulators.card_os import Chip
from simulators.control import Answer, say, serve_commands
from simulators.vpcd import POWER_OFF, POWER_ON, RESET, Contact, Slot

FIRST_PORT = 35963
# T=1 only, no historical bytes that name a vendor.
ATR = bytes.fromhex("3B8001") + bytes.fromhex("81")
# vpcd's IFDHPowerICC fails on an ATR longer than 33 bytes without dropping the card: pcscd then reports
# SCARD_STATE_MUTE (measured with pcscd 1.9.9; an empty ATR ejects the card, a wrong one gives a protocol mismatch).
TOO_LONG_ATR = bytes(40)
READ_RECORD = 0xB2
FAULTS = ("none", "mute", "torn-record", "6f00", "remove-after")


class Card:
    """A chip with its faults, in a slot."""

    def __init__(self, file: CardFile, port: int, latency_ms: float, fault: list[str]) -> None:
        self._chip = Chip(file)
        self._latency = latency_ms / 1000
        self._fault, self._left = "none", 0
        self._powering = False
        self.set_fault(fault)
        self._slot = Slot(port, Contact(self._atr, self._line, self._transmit))

    def set_fault(self, words: list[str]) -> Answer:
        """Switch a fault on, or all off with `none`."""
        name = words[0]
        if name not in FAULTS:
            raise ValueError(f"unknown fault; known: {', '.join(FAULTS)}")
        self._left = int(words[1]) if name == "remove-after" else 0
        self._fault = name
        return self.status([])

    def set_latency(self, words: list[str]) -> Answer:
        """Milliseconds added to every APDU."""
        self._latency = float(words[0]) / 1000
        return self.status([])

    def insert(self, _words: list[str]) -> Answer:
        """Put the card in."""
        return {"inside": self._slot.insert()}

    def remove(self, _words: list[str]) -> Answer:
        """Pull the card out."""
        self._slot.remove()
        return {"inside": self._slot.inside}

    def swap(self, words: list[str]) -> Answer:
        """Another card in place of this one; the old one is pulled first."""
        file = load_card(Path(words[0]))
        was_inside = self._slot.inside
        self._slot.remove()
        self._chip = Chip(file)
        return {"inside": self._slot.insert() if was_inside else False}

    def status(self, _words: list[str]) -> Answer:
        """What the card is doing."""
        inside = self._slot.inside if hasattr(self, "_slot") else False
        return {"inside": inside, "fault": self._fault, "tries_left": self._chip.tries_left}

    def _atr(self) -> bytes:
        if self._fault == "mute" and self._powering:
            self._powering = False
            return TOO_LONG_ATR
        return ATR

    def _line(self, control: int) -> None:
        if control in (POWER_OFF, POWER_ON, RESET):
            self._chip.reset()
            self._powering = control != POWER_OFF

    def _transmit(self, command: bytes) -> bytes | None:
        if self._latency:
            time.sleep(self._latency)
        if self._fault == "remove-after":
            if self._left == 0:
                return None
            self._left -= 1
        answer = self._chip.process(command)
        if len(command) > 1 and command[1] == READ_RECORD and answer[-2:] == b"\x90\x00":
            return self._spoil(answer)
        return answer

    def _spoil(self, answer: bytes) -> bytes:
        if self._fault == "6f00":
            return b"\x6f\x00"
        if self._fault == "torn-record":
            return answer[: len(answer) // 2] + b"\x90\x00"
        return answer


def run_card(file: Path, reader: int, latency_ms: float, fault: str, absent: bool) -> None:
    """Serve the card until a signal ends it."""
    card = Card(load_card(file), FIRST_PORT + reader, latency_ms, fault.split())
    inside = False if absent else bool(card.insert([])["inside"])
    say(event="ready", inside=inside)
    serve_commands(
        {
            "insert": card.insert,
            "remove": card.remove,
            "swap": card.swap,
            "fault": card.set_fault,
            "latency": card.set_latency,
            "status": card.status,
        }
    )
