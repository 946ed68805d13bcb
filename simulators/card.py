"""`simulators card`: a card in a virtual reader of a real pcscd, with presentation, latency and faults by name."""

import random
import time
from collections.abc import Callable

from simulators import contactless
from simulators.control import Answer, Command, say, serve_commands
from simulators.faults import READER_GIVES_UP_SECONDS, Fault, parse_fault
from simulators.plastic import Plastic, plastic
from simulators.vpcd import POWER_OFF, POWER_ON, RESET, Contact, Silence, Slot
from simulators.witness import Tell, Witness

FIRST_PORT = 35963
# vpcd's IFDHPowerICC fails on an ATR longer than 33 bytes without dropping the card: pcscd then reports
# SCARD_STATE_MUTE (measured with pcscd 1.9.9; an empty ATR ejects the card, a wrong one gives a protocol mismatch).
TOO_LONG_ATR = bytes(40)
# The only protocol offered is T=14, which pcscd has no way to speak.
WRONG_PROTOCOL_ATR = bytes.fromhex("3B800E8E")
PRESENTATIONS = ("contact", "contactless")


class Presented:
    """A piece of plastic at a reader: its ATR, and its answers on the way through presentation, witness and fault."""

    def __init__(self, card: Plastic, tell: Tell, *, antenna: bool = False, uid: str = "") -> None:
        self.card = card
        self.fault = Fault()
        self.latency_ms = 0.0
        self.next: Plastic | None = None
        self._witness = Witness(tell)
        self._powering = False
        self.present(antenna or card.at_antenna, uid)

    def present(self, antenna: bool, uid: str) -> None:
        """At the contacts or at the antenna; `uid`: hex, `random`, or empty for the card's own."""
        self.antenna, self._uid_wanted = antenna, uid
        self._uid = contactless.uid(uid, self.card.uid)

    def exchange_card(self, card: Plastic) -> None:
        """Another piece of plastic."""
        self.card, self.next = card, None
        self.present(card.at_antenna or (self.antenna and bool(card.historical)), self._uid_wanted)
        self._witness.reset()

    def atr(self) -> bytes:
        """The answer to reset."""
        powering, self._powering = self._powering, False
        if powering and (self.fault.name == "mute" or not self.card.atr):
            return TOO_LONG_ATR
        if self.fault.name == "wrong-protocol":
            return WRONG_PROTOCOL_ATR
        return contactless.atr(self.card.historical) if self.antenna else self.card.atr or TOO_LONG_ATR

    def line(self, control: int) -> None:
        """Power and reset."""
        if control not in (POWER_OFF, POWER_ON, RESET):
            return
        if control != POWER_ON and self.next:
            self.exchange_card(self.next)
        self._powering = control != POWER_OFF
        self.card.chip.reset()
        self._witness.reset()
        if control == POWER_ON:
            self._uid = contactless.uid(self._uid_wanted, self.card.uid)

    def transmit(self, command: bytes) -> bytes | Silence | None:
        """The answer to one command, after the time it takes; None: pulled in the middle."""
        self._witness.see(command, self.card.chip)
        answer = Silence(READER_GIVES_UP_SECONDS) if self.card.silent else self.fault.exchange(command, self._ask)
        pause = self._milliseconds(len(command) + (len(answer) if isinstance(answer, bytes) else 0))
        if pause:
            time.sleep(pause / 1000)
        return answer

    def _ask(self, command: bytes) -> bytes:
        if self.antenna:
            by_reader = contactless.pseudo_apdu(command, self._uid, self.card.historical)
            if by_reader is not None:
                return by_reader
        return self.card.chip.process(command)

    def _milliseconds(self, count: int) -> float:
        jitter = random.uniform(0, self.fault.words[0]) if self.fault.name == "latency-jitter" else 0.0
        antenna = contactless.FRAME_MS + count * contactless.BYTE_MS if self.antenna else 0.0
        return self.latency_ms + jitter + antenna + count * self.card.byte_ms


class Card:
    """What a hand can do with a card and a reader: one method for each control line."""

    def __init__(self, presented: Presented, port: int) -> None:
        self._presented = presented
        self._slot = Slot(port, Contact(presented.atr, presented.line, presented.transmit))

    def set_fault(self, words: list[str]) -> Answer:
        """Switch a fault on, or all off with `none`."""
        set_fault(self._presented, words)
        return self.status([])

    def set_latency(self, words: list[str]) -> Answer:
        """Milliseconds added to every APDU."""
        self._presented.latency_ms = float(words[0])
        return self.status([])

    def insert(self, _words: list[str]) -> Answer:
        """Put the card in."""
        return {"inside": self._slot.insert()}

    def remove(self, _words: list[str]) -> Answer:
        """Pull the card out, or lift it off."""
        self._slot.remove()
        if self._presented.next:
            self._presented.exchange_card(self._presented.next)
        return {"inside": self._slot.inside}

    def swap(self, words: list[str]) -> Answer:
        """Another card in place of this one; the old one is pulled first."""
        card = plastic(words[0])
        return self._while_outside(lambda: self._presented.exchange_card(card))

    def present(self, words: list[str]) -> Answer:
        """At the contacts or at the antenna (with a UID, if given); a card that is in is taken out for it."""
        antenna = PRESENTATIONS.index(words[0]) == 1
        return self._while_outside(lambda: self._presented.present(antenna, "".join(words[1:])))

    def _while_outside(self, change: Callable[[], None]) -> Answer:
        was_inside = self._slot.inside
        self._slot.remove()
        change()
        return {"inside": self._slot.insert() if was_inside else False}

    def status(self, _words: list[str]) -> Answer:
        """What the card is doing."""
        presented = self._presented
        return {
            "inside": self._slot.inside,
            "fault": presented.fault.name,
            "tries_left": presented.card.chip.tries_left,
            "card": presented.card.name,
            "presentation": PRESENTATIONS[presented.antenna],
        }

    def commands(self) -> dict[str, Command]:
        """The control lines."""
        return {
            "insert": self.insert,
            "remove": self.remove,
            "lift": self.remove,
            "swap": self.swap,
            "present": self.present,
            "fault": self.set_fault,
            "latency": self.set_latency,
            "status": self.status,
        }


def set_fault(presented: Presented, words: list[str]) -> None:
    """Give a card this fault; ValueError or CardFileError says what is wrong with the words."""
    fault = parse_fault(words)
    presented.next = plastic(fault.words[0]) if fault.name == "swap-on-reset" else None
    presented.fault = fault


def _harm(event: dict[str, object]) -> None:
    say(event="harm", **event)


def run_card(card: Plastic, reader: int, latency_ms: float, fault: str, absent: bool, antenna: bool, uid: str) -> None:
    """Serve the card until a signal ends it."""
    presented = Presented(card, _harm, antenna=antenna, uid=uid)
    presented.latency_ms = latency_ms
    set_fault(presented, fault.split())
    hand = Card(presented, FIRST_PORT + reader)
    inside = False if absent else bool(hand.insert([])["inside"])
    say(event="ready", inside=inside)
    try:
        serve_commands(hand.commands())
    finally:
        hand.remove([])
