"""Other people's cards: what a holder may put in by mistake. Each answers as its kind does, and none is ours.

Bank: PBOC 3.0 (EMV book 1, 11.3 and 12); transport: JT/T 978 (T-Union); SIM: GSM 11.11; storage card: PC/SC part 3,
3.1.3.2.3.2. All numbers on them are synthetic.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulators import contactless
from simulators.apdu import OK, Apdu, parse_apdu, status

BANK_AID = bytes.fromhex("A000000333010101")
TRANSPORT_AID = bytes.fromhex("A000000632010105")
PAN = "6299010000000000019F"
"""Never to be read: the witness says so when someone does."""


def tlv(tag: str, *content: bytes) -> bytes:
    """One BER-TLV object; content shorter than 128 bytes."""
    joined = b"".join(content)
    return bytes.fromhex(tag) + bytes([len(joined)]) + joined


@dataclass(frozen=True)
class Application:
    """File control information, and records by (short id, number)."""

    fci: bytes
    records: Mapping[tuple[int, int], bytes] = field(default_factory=dict)


PSE = b"1PAY.SYS.DDF01"
BANK = {
    PSE: Application(
        tlv("6F", tlv("84", PSE), tlv("A5", tlv("88", b"\x01"))),
        {(1, 1): tlv("70", tlv("61", tlv("4F", BANK_AID), tlv("50", b"PBOC DEBIT")))},
    ),
    BANK_AID: Application(
        tlv("6F", tlv("84", BANK_AID), tlv("A5", tlv("50", b"PBOC DEBIT"), tlv("87", b"\x01"))),
        {(1, 1): tlv("70", tlv("5A", bytes.fromhex(PAN)), tlv("5F24", bytes.fromhex("301231")))},
    ),
}
TRANSPORT = {
    TRANSPORT_AID: Application(tlv("6F", tlv("84", TRANSPORT_AID), tlv("A5", tlv("9F0C", bytes(30))))),
}


class OtherCard:
    """A chip that is not ours; `answer` decides, this class remembers."""

    application = False
    tries_left: int | None = None

    def __init__(self, answer: Callable[["OtherCard", Apdu], bytes]) -> None:
        self._answer = answer
        self.selected = b""
        self.pending = b""
        self.pin_tries = 3

    def reset(self) -> None:
        """Warm or cold reset."""
        self.selected, self.pending = b"", b""

    def process(self, raw: bytes) -> bytes:
        """Answer one command APDU."""
        apdu = parse_apdu(raw)
        return self._answer(self, apdu) if apdu else status(0x6700)


def _emv(applications: Mapping[bytes, Application], card: OtherCard, apdu: Apdu) -> bytes:
    """A card with applications chosen by name and a PIN with tries (EMV commands at T=0)."""
    if apdu.cla not in (0x00, 0x80):
        return status(0x6E00)
    if apdu.ins == 0xA4:
        return _select(applications, card, apdu)
    if apdu.ins == 0xC0 and card.pending:
        return _fetch(card, apdu, 0x6C)
    if apdu.ins == 0xB2:
        return _record(applications, card, apdu)
    if apdu.ins == 0x20 and card.selected:
        card.pin_tries = max(card.pin_tries - 1, 0)
        return status(0x63C0 | card.pin_tries if card.pin_tries else 0x6983)
    return status(0x6D00)


def _select(applications: Mapping[bytes, Application], card: OtherCard, apdu: Apdu) -> bytes:
    if apdu.p1 != 0x04 or apdu.data not in applications:
        return status(0x6A82)
    card.selected, card.pending = apdu.data, applications[apdu.data].fci
    return bytes([0x61, len(card.pending)])


def _fetch(card: OtherCard, apdu: Apdu, wrong: int) -> bytes:
    if (apdu.le or len(card.pending)) != len(card.pending):
        return bytes([wrong, len(card.pending)])
    data, card.pending = card.pending, b""
    return data + OK


def _record(applications: Mapping[bytes, Application], card: OtherCard, apdu: Apdu) -> bytes:
    if card.selected not in applications:
        return status(0x6985)
    record = applications[card.selected].records.get((apdu.p2 >> 3, apdu.p1))
    if record is None:
        return status(0x6A83)
    return record + OK if apdu.le in (len(record), None) else bytes([0x6C, len(record)])


def bank(card: OtherCard, apdu: Apdu) -> bytes:
    """A PBOC debit card."""
    return _emv(BANK, card, apdu)


def transport(card: OtherCard, apdu: Apdu) -> bytes:
    """A T-Union purse."""
    return _emv(TRANSPORT, card, apdu)


def sim(card: OtherCard, apdu: Apdu) -> bytes:
    """A GSM SIM: class A0 only; file information comes with 9Fxx (GSM 11.11, 9.4)."""
    if apdu.cla != 0xA0:
        return status(0x6E00)
    if apdu.ins == 0xA4 and apdu.data in (b"\x3f\x00", b"\x7f\x10", b"\x7f\x20", b"\x2f\xe2"):
        card.pending = bytes(2) + b"\x01\x00" + apdu.data + bytes(16)
        return bytes([0x9F, len(card.pending)])
    if apdu.ins == 0xA4:
        return status(0x9404)
    if apdu.ins == 0xC0 and card.pending:
        return _fetch(card, apdu, 0x67)
    if apdu.ins == 0x20:
        card.pin_tries = max(card.pin_tries - 1, 0)
        return status(0x9804 if card.pin_tries else 0x9840)
    return status(0x6D00)


def memory(_card: OtherCard, apdu: Apdu) -> bytes:
    """A storage card has no commands; the reader answers for it, also that it can't."""
    return status(0x6A81 if apdu.cla == 0xFF else 0x6D00)


def nothing(_card: OtherCard, apdu: Apdu) -> bytes:
    """A card that knows no command at all."""
    return status(0x6E00 if apdu.cla else 0x6D00)


@dataclass(frozen=True)
class Kind:
    """One kind of card: its answers, its ATR at contact, its historical bytes at the antenna, whether it answers."""

    answer: Callable[[OtherCard, Apdu], bytes]
    atr: bytes
    historical: bytes | None = None
    silent: bool = False


STORAGE = bytes.fromhex("804F0CA000000306030001") + bytes(4)
"""RID of the PC/SC workgroup, standard 03 (ISO 14443 A part 3), card name 0001; with it the ATR has 20 bytes."""
KINDS = {
    "bank": Kind(bank, bytes.fromhex("3B600000")),
    "transport": Kind(transport, bytes.fromhex("3B00"), historical=b""),
    "sim": Kind(sim, bytes.fromhex("3B1696") + b"SIM-2G"),
    "memory": Kind(memory, contactless.atr(STORAGE), historical=STORAGE),
    "empty-atr": Kind(nothing, b""),
    "nonsense-atr": Kind(nothing, bytes.fromhex("00DEADBEEF")),
    "silent": Kind(nothing, bytes.fromhex("3B800181"), silent=True),
}
