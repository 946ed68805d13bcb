"""What a terminal does with a card, by the name that a transcript of the corpus carries in its first line."""

from collections.abc import Callable
from datetime import date

from card.apdu import Channel
from card.channel import with_layers
from card.pin import change_pin, tries_left, verify_pin
from card.proof import CryptogramProof, SigningProof, proof, read_certificate
from card.social_security import check_same_card, open_application, read_card, read_data

DAY = date(2026, 11, 25)
OLD, NEW, WRONG = b"246810", b"135790", b"000000"


def look(channel: Channel) -> None:
    """As `kiosk card trace`."""
    application = open_application(channel)
    data = read_data(application)
    tries_left(application)
    if data.generation == 3:
        read_certificate(application)
    data.check_valid(DAY)


def verify(channel: Channel) -> None:
    """The right PIN."""
    verify_pin(open_application(channel), bytearray(OLD))


def verify_wrong(channel: Channel) -> None:
    """A wrong PIN."""
    verify_pin(open_application(channel), bytearray(WRONG))


def change(channel: Channel) -> None:
    """Another PIN, and the new one verified."""
    application = open_application(channel)
    change_pin(application, bytearray(OLD), bytearray(NEW))
    verify_pin(application, bytearray(NEW))


def prove(channel: Channel) -> None:
    """PIN, then signature or cryptogram."""
    application = open_application(channel)
    data = read_data(application)
    verify_pin(application, bytearray(OLD))
    possession = proof(application, data.generation)
    if isinstance(possession, SigningProof):
        possession.sign(bytes(32))
    if isinstance(possession, CryptogramProof):
        possession.cryptogram(bytes(8))


def same(channel: Channel) -> None:
    """The same card twice."""
    check_same_card(channel, read_card(channel))


WORK: dict[str, Callable[[Channel], None]] = {
    "look": look, "verify": verify, "verify-wrong": verify_wrong, "change": change, "prove": prove, "same": same,
}  # fmt: skip


def do(work: str, port: Channel) -> None:
    """The work on a bare port, through the layers."""
    WORK[work](with_layers(port))
