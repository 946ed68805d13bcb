"""How a contactless card looks through a PC/SC reader (PC/SC part 3, 3.1.3.2.3.1 and 3.2.2.1.3)."""

import os
from functools import reduce
from operator import xor

from simulators.apdu import OK, Apdu, parse_apdu, status

HISTORICAL = bytes.fromhex("8073802100")
"""Of our card (reconstructed): ISO 7816-4, 12.1.1: category 80, card capabilities, no vendor's name."""
READER_CLASS, GET_DATA = 0xFF, 0xCA
BYTE_MS, FRAME_MS = 0.085, 5.0
"""106 kbit/s with 9 bits a byte (ISO 14443-3); a frame's waiting time on top."""


def atr(historical: bytes) -> bytes:
    """ATR that a reader makes from an ATS: 3B 8n 80 01, historical bytes, TCK."""
    body = bytes([0x80 | len(historical), 0x80, 0x01]) + historical
    return b"\x3b" + body + bytes([reduce(xor, body)])


def uid(text: str, own: bytes) -> bytes:
    """The UID on the air: hex as given, the card's own for '', or a new random one (ISO 14443-3: 08 and 3 bytes)."""
    if text == "random":
        return b"\x08" + os.urandom(3)
    chosen = bytes.fromhex(text) or own
    if len(chosen) not in (4, 7, 10):
        raise ValueError(f"a UID has 4, 7 or 10 bytes, not {len(chosen)}")
    return chosen


def pseudo_apdu(raw: bytes, card_uid: bytes, historical: bytes) -> bytes | None:
    """The reader's own answer to class FF; None for a command that goes to the card."""
    if not raw or raw[0] != READER_CLASS:
        return None
    apdu = parse_apdu(raw)
    if apdu is None:
        return status(0x6700)
    if apdu.ins != GET_DATA or apdu.p1 not in (0, 1) or apdu.p2 != 0:
        return status(0x6A81)
    return _data(apdu, (card_uid, historical)[apdu.p1])


def _data(apdu: Apdu, data: bytes) -> bytes:
    if apdu.le is None or apdu.data:
        return status(0x6700)
    if apdu.le in (0, len(data)):
        return data + OK
    return data + status(0x6282) if apdu.le > len(data) else bytes([0x6C, len(data)])
