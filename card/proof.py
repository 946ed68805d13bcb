"""How a card proves itself, by its generation, and central to the card. After VERIFY, on one channel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from card.apdu import SHORT_LE, Answer, command
from card.errors import CommunicationError, UnsupportedCard
from card.layers import is_warning_with_data
from card.social_security import Application, select_file
from card.status_words import StatusWord
from card.tlv import SEQUENCE, header
from city import CARD_ES256, CARD_EXTERNAL_KEY, CARD_INTERNAL_KEY, CARD_SM2

MANAGE_SECURITY, COMPUTE, GET_CHALLENGE, INTERNAL, EXTERNAL, READ_BINARY = 0x22, 0x2A, 0x84, 0x88, 0x82, 0xB0
DIGEST_LENGTH, SIGNATURE_LENGTH, RANDOM_LENGTH = 32, 64, 8
FIRST_BLOCK, MAX_CERTIFICATE = 240, 8192

Algorithm = Literal["ES256", "SM2"]


@dataclass(frozen=True)
class KeyPlace:
    """Where a signing key lives: MSE's algorithm and key reference, and the file of its certificate."""

    algorithm_reference: int
    key_reference: int
    certificate_file: int


KEYS: dict[Algorithm, KeyPlace] = {"ES256": KeyPlace(*CARD_ES256), "SM2": KeyPlace(*CARD_SM2)}


def _demand(answer: Answer, doing: str) -> bytes:
    if not answer.ok:
        raise CommunicationError(answer.sw, doing)
    return answer.data


@dataclass(frozen=True)
class SigningProof:
    """A generation-3 card after VERIFY: its certificate (DER, leaf first), and signatures r‖s over digests."""

    application: Application
    certificate_chain: tuple[bytes, ...]
    algorithm: Algorithm = "ES256"

    @property
    def card_id(self) -> str:
        """卡识别码, 32 upper-case hex digits."""
        return self.application.card_id

    def sign(self, digest: bytes) -> bytes:
        """64 bytes r‖s over a 32-byte digest: SHA-256, or for SM2 e = SM3(ZA‖M) (GM/T 0009, 8.1)."""
        doing = "COMPUTE DIGITAL SIGNATURE"
        answer = self.application.channel.send(command(0x00, COMPUTE, 0x9E, 0x9A, digest, SIGNATURE_LENGTH))
        signature = _demand(answer, doing)
        if len(digest) != DIGEST_LENGTH or len(signature) != SIGNATURE_LENGTH:
            raise CommunicationError(StatusWord.WRONG_LENGTH, doing)
        return signature


@dataclass(frozen=True)
class CryptogramProof:
    """A generation-2 card after VERIFY: its answer to central's random."""

    application: Application

    @property
    def card_id(self) -> str:
        """卡识别码, 32 upper-case hex digits."""
        return self.application.card_id

    def cryptogram(self, host_random: bytes) -> tuple[bytes, bytes]:
        """(card random, cryptogram), 8 bytes each, for 8 bytes of central's random."""
        card_random = get_challenge(self.application)
        answer = self.application.channel.send(
            command(0x00, INTERNAL, 0x00, CARD_INTERNAL_KEY, host_random, RANDOM_LENGTH)
        )
        return card_random, _demand(answer, "INTERNAL AUTHENTICATE")


def proof(
    application: Application, generation: int, *, algorithm: Algorithm = "ES256", certificate: bytes | None = None
) -> SigningProof | CryptogramProof:
    """How this card proves itself; the PIN must be verified on its channel. `certificate`: when it was read ahead.

    UnsupportedCard for generation 1, which has no PIN in use and no keys for us.
    """
    if generation == 3:
        chain = (certificate or read_certificate(application, algorithm),)
        if algorithm != "ES256":
            _choose_key(application, KEYS[algorithm])
        return SigningProof(application, chain, algorithm)
    if generation == 2:
        return CryptogramProof(application)
    raise UnsupportedCard


def get_challenge(application: Application) -> bytes:
    """8 random bytes of the card, good for one use."""
    data = _demand(application.channel.send(command(0x00, GET_CHALLENGE, 0, 0, le=RANDOM_LENGTH)), "GET CHALLENGE")
    if len(data) != RANDOM_LENGTH:
        raise CommunicationError(StatusWord.WRONG_LENGTH, "GET CHALLENGE")
    return data


def external_authenticate(application: Application, cryptogram_for: Callable[[bytes], bytes]) -> None:
    """Let central prove itself: `cryptogram_for(card random)` gives the 8 bytes that its HSM computed.

    CommunicationError when the card refuses; 63Cx counts the tries of this key, not those of the PIN.
    """
    cryptogram = cryptogram_for(get_challenge(application))
    answer = application.channel.send(command(0x00, EXTERNAL, 0x00, CARD_EXTERNAL_KEY, cryptogram))
    _demand(answer, "EXTERNAL AUTHENTICATE")


def _choose_key(application: Application, key: KeyPlace) -> None:
    """MANAGE SECURITY ENVIRONMENT, SET for digital signature (ISO 7816-4, 7.5.11): 80 algorithm, 84 key."""
    template = bytes([0x80, 0x01, key.algorithm_reference, 0x84, 0x01, key.key_reference])
    _demand(application.channel.send(command(0x00, MANAGE_SECURITY, 0x41, 0xB6, template)), "MSE SET")


def read_certificate(application: Application, algorithm: Algorithm = "ES256") -> bytes:
    """The certificate of a key (DER), which any terminal may read without PIN. UnsupportedCard when none is whole."""
    file = KEYS[algorithm].certificate_file
    answer = _read(application, 0x80 | file & 0x1F, 0, FIRST_BLOCK)
    if not is_warning_with_data(answer):
        select_file(application.channel, file)
        answer = _read(application, 0, 0, FIRST_BLOCK)
    certificate = _block(answer)
    size = _size(certificate)
    while len(certificate) < size:
        answer = _read(application, len(certificate) >> 8, len(certificate) & 0xFF, size - len(certificate))
        certificate += _block(answer)
    return certificate[:size]


def _block(answer: Answer) -> bytes:
    if answer.data and is_warning_with_data(answer):
        return answer.data
    if answer.ok or answer.sw == StatusWord.OFFSET_OUTSIDE:  # the file ends before the certificate does
        raise UnsupportedCard
    raise CommunicationError(answer.sw, "READ BINARY")


def _size(certificate: bytes) -> int:
    """Its length by its own DER header (X.690, 8.1.3): what lies behind it in the file is not its own."""
    head = header(certificate)
    if head is None or head.tag != SEQUENCE or head.end > MAX_CERTIFICATE:
        raise UnsupportedCard
    return head.end


def _read(application: Application, p1: int, p2: int, wanted: int) -> Answer:
    """READ BINARY at an offset, or by short file id at its beginning (ISO 7816-4, 7.2.3).

    A long rest is one command on a card with extended length; elsewhere the layers cut it to 256 bytes. Asked again for
    a short block where the card dislikes our length: extended ones are the reader's business too.
    """
    answer = application.channel.send(command(0x00, READ_BINARY, p1, p2, le=wanted))
    if answer.sw == StatusWord.WRONG_LENGTH:
        answer = application.channel.send(command(0x00, READ_BINARY, p1, p2, le=SHORT_LE))
    return answer
