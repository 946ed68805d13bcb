"""The chip: APDU in, data and status word out (ISO 7816-4). Knows no transport and no clock.

Commands as in docs/protocol.md; answers `6C`/`61` as T=0 cards do.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from simulators.card_file import CardFile

AID = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")
FCI = b"\x6f\x11\x84\x0f" + AID
EF05, EF06, EF15 = 0xEF05, 0xEF06, 0xEF15
SHORT_IDS = {5: EF05, 6: EF06}
OK = b"\x90\x00"


def status(word: int) -> bytes:
    """Two bytes of a status word."""
    return word.to_bytes(2, "big")


@dataclass(frozen=True)
class Apdu:
    """A short command APDU taken apart; `le` None = no Le field, 0 means 256."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes
    le: int | None


def parse_apdu(raw: bytes) -> Apdu | None:
    """Cases 1-4 of ISO 7816-4, short form; None when the length doesn't fit."""
    if len(raw) < 4:
        return None
    (cla, ins, p1, p2), body = raw[:4], raw[4:]
    if not body:
        return Apdu(cla, ins, p1, p2, b"", None)
    if len(body) == 1:
        return Apdu(cla, ins, p1, p2, b"", body[0])
    data, rest = body[1 : 1 + body[0]], body[1 + body[0] :]
    if len(data) != body[0] or len(rest) > 1:
        return None
    return Apdu(cla, ins, p1, p2, data, rest[0] if rest else None)


@dataclass
class Chip:
    """State of one card. `tries_left` survives resets; everything else is volatile."""

    card: CardFile
    tries_left: int = field(init=False)
    application: bool = field(default=False, init=False)
    selected: int | None = field(default=None, init=False)
    verified: bool = field(default=False, init=False)
    card_random: bytes | None = field(default=None, init=False)
    pending: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        self.tries_left = self.card.tries

    def reset(self) -> None:
        """Warm or cold reset: nothing selected, nothing verified."""
        self.application, self.selected, self.verified = False, None, False
        self.card_random, self.pending = None, b""

    def process(self, raw: bytes) -> bytes:
        """Answer one command APDU with response data and status word."""
        apdu = parse_apdu(raw)
        if apdu is None:
            return status(0x6700)
        if apdu.cla != 0x00:
            return status(0x6E00)
        handler = INSTRUCTIONS.get(apdu.ins)
        return handler(self, apdu) if handler else status(0x6D00)

    def _give(self, data: bytes, le: int | None) -> bytes:
        if le is None:
            self.pending = data
            return bytes([0x61, len(data) & 0xFF])
        if le != len(data):
            return bytes([0x6C, len(data) & 0xFF])
        return data + OK

    def _select(self, apdu: Apdu) -> bytes:
        if apdu.p1 == 0x04:
            if apdu.data != AID:
                return status(0x6A82)
            self.application, self.selected, self.verified = True, None, False
            return self._give(FCI, apdu.le if apdu.le else None)
        if apdu.p1 not in (0x00, 0x02) or not self.application:
            return status(0x6A82)
        wanted = int.from_bytes(apdu.data, "big")
        known = wanted in (EF05, EF06) or (wanted == EF15 and self.card.certificate is not None)
        if not known:
            return status(0x6A82)
        self.selected = wanted
        return OK

    def _get_response(self, apdu: Apdu) -> bytes:
        data, self.pending = self.pending, b""
        return self._give(data, apdu.le or len(data)) if data else status(0x6985)

    def _read_record(self, apdu: Apdu) -> bytes:
        short_id, mode = apdu.p2 >> 3, apdu.p2 & 0x07
        if not self.application or mode != 0x04:
            return status(0x6982 if not self.application else 0x6A86)
        if short_id:
            if short_id not in SHORT_IDS:
                return status(0x6A82)
            self.selected = SHORT_IDS[short_id]
        if self.selected not in (EF05, EF06):
            return status(0x6986)
        records = self.card.ef05 if self.selected == EF05 else self.card.ef06
        first = 0x01 if self.selected == EF05 else 0x08
        tag = first + apdu.p1 - 1
        if apdu.p1 == 0 or tag not in records:
            return status(0x6A83)
        value = records[tag]
        return self._give(bytes([tag, len(value)]) + value, apdu.le)

    def _read_binary(self, apdu: Apdu) -> bytes:
        if self.selected != EF15 or self.card.certificate is None:
            return status(0x6986)
        offset, certificate = apdu.p1 << 8 | apdu.p2, self.card.certificate
        if offset >= len(certificate):
            return status(0x6B00)
        length = apdu.le or 256
        block = certificate[offset : offset + length]
        return block + (OK if len(block) == length else status(0x6282))

    def _verify(self, apdu: Apdu) -> bytes:
        if not self.application or apdu.p2 != 0x03:
            return status(0x6A88)
        if self.tries_left == 0:
            return status(0x6983)
        if not apdu.data:
            return OK if self.verified else status(0x63C0 | self.tries_left)
        if apdu.data == self.card.pin:
            self.tries_left, self.verified = self.card.tries, True
            return OK
        self.tries_left, self.verified = self.tries_left - 1, False
        return status(0x63C0 | self.tries_left) if self.tries_left else status(0x6983)

    def _challenge(self, apdu: Apdu) -> bytes:
        if (apdu.le or 0) != 8:
            return status(0x6C08)
        self.card_random = os.urandom(8)
        return self.card_random + OK

    def _internal_authenticate(self, apdu: Apdu) -> bytes:
        if self.card.cryptogram_key is None or apdu.p2 != 0x01:
            return status(0x6A88)
        if not self.verified:
            return status(0x6982)
        if self.card_random is None or len(apdu.data) != 8:
            return status(0x6985)
        mac = CMAC(AES(self.card.cryptogram_key))
        mac.update(apdu.data + self.card_random)
        self.card_random = None
        return self._give(mac.finalize()[:8], apdu.le or 8)

    def _sign(self, apdu: Apdu) -> bytes:
        if self.card.private_key is None or (apdu.p1, apdu.p2) != (0x9E, 0x9A):
            return status(0x6A88)
        if not self.verified:
            return status(0x6982)
        if len(apdu.data) != 32:
            return status(0x6700)
        key = serialization.load_pem_private_key(self.card.private_key, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            return status(0x6A88)
        r, s = decode_dss_signature(key.sign(apdu.data, ec.ECDSA(Prehashed(hashes.SHA256()))))
        return self._give(r.to_bytes(32, "big") + s.to_bytes(32, "big"), apdu.le or 64)


INSTRUCTIONS: dict[int, Callable[[Chip, Apdu], bytes]] = {
    0xA4: Chip._select,
    0xC0: Chip._get_response,
    0xB2: Chip._read_record,
    0xB0: Chip._read_binary,
    0x20: Chip._verify,
    0x84: Chip._challenge,
    0x88: Chip._internal_authenticate,
    0x2A: Chip._sign,
}
