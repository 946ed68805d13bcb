"""One channel to one card. The whole hardware port is `send(apdu) -> Answer`; layers are stacked on it.

Inside: an exclusive transaction. At the end: SCARD_RESET_CARD, so that no PIN state outlives the channel.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from smartcard import scard

from card import pcsc
from card.errors import CardInUse

log = logging.getLogger(__name__)

GET_RESPONSE = bytes.fromhex("00C00000")
MORE_DATA, WRONG_LE = 0x61, 0x6C


@dataclass(frozen=True)
class Answer:
    """Response data and status word of one command."""

    data: bytes
    sw: int

    @property
    def ok(self) -> bool:
        """Status word 9000."""
        return self.sw == 0x9000


class Channel(Protocol):
    """The hardware port: a card, or anything that answers like one."""

    def send(self, apdu: bytes | bytearray) -> Answer:
        """Transmit one command APDU."""
        ...


class PcscChannel:
    """A card handle of PC/SC."""

    def __init__(self, handle: object, protocol: int) -> None:
        self._handle = handle
        self._pci = scard.SCARD_PCI_T1 if protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0

    def send(self, apdu: bytes | bytearray) -> Answer:
        """Transmit; the list that pyscard needs is wiped after use, because it may hold a PIN."""
        command = list(apdu)
        code, response = scard.SCardTransmit(self._handle, self._pci, command)
        command[:] = [0] * len(command)
        pcsc.check(code, f"INS {apdu[1]:02X}")
        return split_response(bytes(response))


def split_response(response: bytes) -> Answer:
    """Data and status word; an answer without status word counts as 0000."""
    if len(response) < 2:
        return Answer(b"", 0)
    return Answer(response[:-2], int.from_bytes(response[-2:], "big"))


@dataclass(frozen=True)
class IsoChannel:
    """GET RESPONSE after 61xx, the same command again with the right Le after 6Cxx (ISO 7816-4, 5.1.3)."""

    port: Channel

    def send(self, apdu: bytes | bytearray) -> Answer:
        """Transmit and follow the card's hints, at most one of each."""
        answer = self.port.send(apdu)
        if answer.sw >> 8 == WRONG_LE and len(apdu) >= 5:
            answer = self.port.send(bytes(apdu[:-1]) + bytes([answer.sw & 0xFF]))
        if answer.sw >> 8 == MORE_DATA:
            answer = self.port.send(GET_RESPONSE + bytes([answer.sw & 0xFF]))
        return answer


@dataclass(frozen=True)
class TracedChannel:
    """Logs instruction and status word at DEBUG; never data, which is personal or a PIN."""

    port: Channel

    def send(self, apdu: bytes | bytearray) -> Answer:
        """Transmit and note."""
        head = bytes(apdu[:4]).hex().upper()
        answer = self.port.send(apdu)
        log.debug("apdu %s Lc/Le hidden -> %04X, %d bytes", head, answer.sw, len(answer.data))
        return answer


@contextmanager
def open_channel(reader: str) -> Iterator[Channel]:
    """Connect to the card in this reader, exclusively, for the length of the block.

    Raises ReaderMissing, ServiceStopped, MuteCard, RemovedCard or CardInUse.
    """
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    pcsc.check(code, "establishing a context")
    try:
        handle, protocol = _connect(context, reader)
        try:
            pcsc.check(scard.SCardBeginTransaction(handle), "beginning a transaction")
            yield IsoChannel(TracedChannel(PcscChannel(handle, protocol)))
        finally:
            scard.SCardEndTransaction(handle, scard.SCARD_RESET_CARD)
            scard.SCardDisconnect(handle, scard.SCARD_RESET_CARD)
    finally:
        scard.SCardReleaseContext(context)


def _connect(context: object, reader: str) -> tuple[object, int]:
    code, handle, protocol = scard.SCardConnect(
        context, reader, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    )
    if pcsc.unsigned(code) == pcsc.SHARING_VIOLATION:
        raise CardInUse
    pcsc.check(code, "connecting")
    return handle, int(protocol)
