"""The social-security application: read the card, verify the PIN, prove possession. APDUs as in docs/protocol.md."""

from dataclasses import dataclass

from card.channel import Answer, Channel
from card.errors import BlockedPin, CommunicationError, LastTry, MissingRecord, SwappedCard, UnsupportedCard, WrongPin
from card.records import PLACES, CardData, RecordPlace, decode, value_of

SELECT_APPLICATION = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
SELECT_CERTIFICATE = bytes.fromhex("00A4000002EF15")
ASK_TRIES = bytes.fromhex("00200003")
GET_CHALLENGE = bytes.fromhex("0084000008")
INTERNAL_AUTHENTICATE = bytes.fromhex("0088000108")
COMPUTE_SIGNATURE = bytes.fromhex("002A9E9A20")
PIN_LENGTH = 6
SIGNATURE_LENGTH = 64
BLOCK = 240
MAX_CERTIFICATE = 8192

NOT_FOUND, NOT_SUPPORTED, WRONG_CLASS = 0x6A82, 0x6D00, 0x6E00
RECORD_NOT_FOUND, END_OF_FILE, SHORT_BLOCK = 0x6A83, 0x6B00, 0x6282
SHORT_ID_REFUSED = (0x6A86, 0x6A82, 0x6981, 0x6986)
BLOCKED, NO_TRIES = 0x6983, 0x63C0


def _demand(answer: Answer, doing: str) -> bytes:
    if not answer.ok:
        raise CommunicationError(answer.sw, doing)
    return answer.data


def select(channel: Channel) -> None:
    """Select the application; UnsupportedCard when it isn't there."""
    answer = channel.send(SELECT_APPLICATION)
    if answer.sw in (NOT_FOUND, NOT_SUPPORTED, WRONG_CLASS, 0x6A81, 0x6999):
        raise UnsupportedCard
    _demand(answer, "SELECT")


def _read_place(channel: Channel, place: RecordPlace) -> bytes:
    """One record's value; by short file id, or after SELECT EF where the card refuses that."""
    wanted = bytes([place.length + 2])
    answer = channel.send(bytes([0x00, 0xB2, place.number, place.short_id << 3 | 0x04]) + wanted)
    if answer.sw in SHORT_ID_REFUSED:
        _select_file(channel, place.file)
        answer = channel.send(bytes([0x00, 0xB2, place.number, 0x04]) + wanted)
    if answer.sw == RECORD_NOT_FOUND:
        raise MissingRecord(place.tag)
    return value_of(place.tag, _demand(answer, "READ RECORD"))


def _select_file(channel: Channel, file: int) -> None:
    for p1 in (0x00, 0x02):  # some cards want P1 02 (card.md)
        if channel.send(bytes([0x00, 0xA4, p1, 0x00, 0x02]) + file.to_bytes(2, "big")).ok:
            return
    raise UnsupportedCard


def read_card(channel: Channel) -> CardData:
    """Read EF05 and EF06: 15 APDUs on a card that takes short file ids. Raises any CardError of a bad card."""
    select(channel)
    data = decode({place.tag: _read_place(channel, place) for place in PLACES})
    if data.generation == 0:
        raise UnsupportedCard
    return data


def check_same_card(channel: Channel, data: CardData) -> None:
    """Select, and raise SwappedCard unless 卡识别码 is that of `data`."""
    select(channel)
    if _read_place(channel, PLACES[0]).hex().upper() != data.card_id:
        raise SwappedCard


def pin_tries_left(channel: Channel) -> int | None:
    """Tries left without spending one; None when the card doesn't say. Raises BlockedPin at none."""
    answer = channel.send(ASK_TRIES)
    if answer.sw in (BLOCKED, NO_TRIES):
        raise BlockedPin
    return answer.sw & 0x0F if answer.sw >> 4 == 0x63C else None


def verify_pin(channel: Channel, pin: bytearray) -> None:
    """Verify once, never again by itself. `pin`: six ASCII digits, zeroed here whatever happens.

    Raises LastTry before anything is sent when one try is left, WrongPin with the tries left, BlockedPin.
    """
    command = bytearray([0x00, 0x20, 0x00, 0x03, PIN_LENGTH]) + pin
    try:
        if len(pin) != PIN_LENGTH:
            raise CommunicationError(0x6700, "VERIFY")
        if pin_tries_left(channel) == 1:
            raise LastTry
        _judge(channel.send(command))
    finally:
        command[:] = bytes(len(command))
        pin[:] = bytes(len(pin))


def change_pin(channel: Channel, old: bytearray, new: bytearray) -> None:
    """CHANGE REFERENCE DATA (ISO 7816-4, 11.6.7), once. Six ASCII digits each, both zeroed here whatever happens.

    Raises LastTry before anything is sent when one try is left, WrongPin with the tries left, BlockedPin.
    """
    command = bytearray([0x00, 0x24, 0x00, 0x03, 2 * PIN_LENGTH]) + old + new
    try:
        if len(old) != PIN_LENGTH or len(new) != PIN_LENGTH:
            raise CommunicationError(0x6700, "CHANGE REFERENCE DATA")
        if pin_tries_left(channel) == 1:
            raise LastTry
        _judge(channel.send(command))
    finally:
        for digits in (command, old, new):
            digits[:] = bytes(len(digits))


def _judge(answer: Answer) -> None:
    if answer.sw >> 4 == 0x63C and answer.sw & 0x0F:
        raise WrongPin(answer.sw & 0x0F)
    if answer.sw in (BLOCKED, NO_TRIES):
        raise BlockedPin
    _demand(answer, "VERIFY")


@dataclass(frozen=True)
class SigningProof:
    """A generation-3 card after VERIFY: its certificate, and signatures (ECDSA P-256, r‖s) over SHA-256 digests."""

    channel: Channel
    card_id: str
    certificate_chain: tuple[bytes, ...]

    def sign(self, digest: bytes) -> bytes:
        """64 bytes r‖s over a 32-byte digest; CommunicationError when the card refuses."""
        signature = _demand(
            self.channel.send(COMPUTE_SIGNATURE + digest + bytes([SIGNATURE_LENGTH])), "COMPUTE DIGITAL SIGNATURE"
        )
        if len(signature) != SIGNATURE_LENGTH:
            raise CommunicationError(0x6700, "COMPUTE DIGITAL SIGNATURE")
        return signature


@dataclass(frozen=True)
class CryptogramProof:
    """A generation-2 card after VERIFY: its answer to central's random."""

    channel: Channel
    card_id: str

    def cryptogram(self, host_random: bytes) -> tuple[bytes, bytes]:
        """(card random, cryptogram), 8 bytes each, for 8 bytes of central's random."""
        card_random = _demand(self.channel.send(GET_CHALLENGE), "GET CHALLENGE")
        command = INTERNAL_AUTHENTICATE + host_random + b"\x08"
        return card_random, _demand(self.channel.send(command), "INTERNAL AUTHENTICATE")


def proof(channel: Channel, data: CardData) -> SigningProof | CryptogramProof:
    """How this card proves itself, by its generation; the PIN must be verified on this channel.

    UnsupportedCard for generation 1, which has no PIN in use and no keys for us.
    """
    if data.generation == 3:
        return SigningProof(channel, data.card_id, (_read_certificate(channel),))
    if data.generation == 2:
        return CryptogramProof(channel, data.card_id)
    raise UnsupportedCard


def _read_certificate(channel: Channel) -> bytes:
    _demand(channel.send(SELECT_CERTIFICATE), "SELECT EF15")
    certificate = b""
    while len(certificate) < MAX_CERTIFICATE:
        answer = channel.send(b"\x00\xb0" + len(certificate).to_bytes(2, "big") + bytes([BLOCK]))
        if answer.sw not in (0x9000, SHORT_BLOCK, END_OF_FILE):
            raise CommunicationError(answer.sw, "READ BINARY")
        certificate += answer.data
        if answer.sw != 0x9000 or len(answer.data) < BLOCK:
            break
    return certificate
