"""Layers between the application and the port, each a Channel on a Channel. A PIN passes through without a copy."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from card.apdu import SHORT_LC, Answer, Channel, body_of, command, with_le
from card.errors import SilentCard
from card.status_words import MORE_DATA, WRONG_LE, StatusWord, meaning

log = logging.getLogger(__name__)

GET_RESPONSE = 0xC0
CHAINING = 0x10
OK = int(StatusWord.OK)
MAX_ROUNDS = 512
"""GET RESPONSE at most this often for one command: 128 KiB, more than any file of a card."""


@dataclass(frozen=True)
class ResponseChaining:
    """GET RESPONSE after 61xx until all is there; the same command once more after 6Cxx (ISO 7816-4, 5.3.4).

    A command without Le is never sent twice, whatever the card answers: it may be a PIN.
    """

    port: Channel

    def send(self, apdu: bytes | bytearray) -> Answer:
        """Transmit and follow the card's hints."""
        answer = self.port.send(apdu)
        if answer.sw == OK:
            return answer
        if answer.sw >> 8 == WRONG_LE and body_of(apdu).le is not None:
            answer = self.port.send(with_le(apdu, answer.sw & 0xFF))
        return self._collected(answer) if answer.sw >> 8 == MORE_DATA else answer

    def _collected(self, answer: Answer) -> Answer:
        data = answer.data
        for _ in range(MAX_ROUNDS):
            answer = self.port.send(command(0x00, GET_RESPONSE, 0, 0, le=answer.sw & 0xFF))
            if answer.sw >> 8 == WRONG_LE:
                continue
            data += answer.data
            if answer.sw >> 8 != MORE_DATA:
                break
        return Answer(data, answer.sw)


@dataclass(frozen=True)
class CommandChaining:
    """Extended commands as chains of short ones (ISO 7816-4, 5.3.3), for a card or reader without extended length."""

    port: Channel

    def send(self, apdu: bytes | bytearray) -> Answer:
        """Transmit; all but the last link carry CLA bit 5 and must be answered 9000."""
        if len(apdu) <= 5 or apdu[4]:
            return self.port.send(apdu)
        body = body_of(apdu)
        data = bytes(apdu[body.start : body.start + body.lc])
        links = [data[at : at + SHORT_LC] for at in range(0, len(data), SHORT_LC)] or [b""]
        for link in links[:-1]:
            answer = self.port.send(command(apdu[0] | CHAINING, apdu[1], apdu[2], apdu[3], link))
            if not answer.ok:
                return answer
        le = None if body.le is None else min(body.le, 256)
        return self.port.send(command(apdu[0], apdu[1], apdu[2], apdu[3], links[-1], le))


@dataclass(frozen=True)
class TimeLimit:
    """An answer that comes later than `seconds` is not taken: SilentCard.

    A driver that never comes back holds its thread all the same; `card.patience.within` leaves such a thread behind.
    """

    port: Channel
    seconds: float
    clock: Callable[[], float] = time.monotonic

    def send(self, apdu: bytes | bytearray) -> Answer:
        """Transmit and look at the clock."""
        started = self.clock()
        answer = self.port.send(apdu)
        if self.clock() - started > self.seconds:
            raise SilentCard(f"INS {apdu[1]:02X}")
        return answer


def trace_wanted() -> bool:
    """Does anyone read the trace?"""
    return log.isEnabledFor(logging.DEBUG)


@dataclass(frozen=True)
class MaskedTrace:
    """Logs header and status word at DEBUG; never data, which is personal or a PIN."""

    port: Channel

    def send(self, apdu: bytes | bytearray) -> Answer:
        """Transmit and note."""
        answer = self.port.send(apdu)
        head = " ".join(f"{byte:02X}" for byte in apdu[:4])
        log.debug("apdu %s -> %04X (%s), %d bytes", head, answer.sw, meaning(answer.sw), len(answer.data))
        return answer


def is_warning_with_data(answer: Answer) -> bool:
    """9000, or 6282 with data: the card gave what it has."""
    return answer.sw == OK or (answer.sw == StatusWord.END_OF_FILE_REACHED and bool(answer.data))
