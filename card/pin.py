"""The holder's PIN: tries left, VERIFY, CHANGE REFERENCE DATA. Sent once, never again by itself, always zeroed.

RESET RETRY COUNTER is not here and never sent: unblocking takes the holder's identity card and a counter.
"""

from collections.abc import Callable
from dataclasses import dataclass

from card.apdu import Answer
from card.errors import BlockedPin, CommunicationError, LastTry, PinNotChanged, UnusablePin, WrongPin
from card.social_security import Application
from card.status_words import NOT_VERIFIED, StatusWord, tries_in
from city import CARD_PIN

VERIFY, CHANGE = 0x20, 0x24
PIN_LENGTH = 6
UNKNOWN_IS_LAST = 1
"""Tries of a card that refused a PIN and never says how many are left: nobody is asked to spend another."""
NOT_OF_THIS_KIND = (
    StatusWord.WRONG_LENGTH, StatusWord.WRONG_DATA, StatusWord.REFERENCE_DATA_UNUSABLE,
    StatusWord.REFERENCE_DATA_NOT_FOUND, StatusWord.WRONG_P1_P2, StatusWord.INSTRUCTION_UNKNOWN,
)  # fmt: skip


@dataclass(frozen=True)
class PinKind:
    """How a card takes its PIN: key reference (P2), and six ASCII digits as bytes of the command."""

    reference: int
    encode: Callable[[bytearray], bytearray]


def _ascii(digits: bytearray) -> bytearray:
    return bytearray(digits)


def _packed(digits: bytearray) -> bytearray:
    coded = bytearray(len(digits) // 2)
    for index in range(len(coded)):
        coded[index] = (digits[2 * index] & 0x0F) << 4 | digits[2 * index + 1] & 0x0F
    return coded


PIN_KINDS = {
    "ascii": PinKind(0x03, _ascii),  # card.md: reference 03; the coding is not public
    "bcd": PinKind(0x03, _packed),
    "bcd-00": PinKind(0x00, _packed),  # seen in public readers' code: 00 20 00 00 03 and three bytes of packed digits
}
DEFAULT_KIND = PIN_KINDS[CARD_PIN]


def tries_left(application: Application, kind: PinKind = DEFAULT_KIND) -> int | None:
    """Tries left without spending one (ISO 7816-4, 7.5.6); None when the card doesn't say. BlockedPin at none."""
    answer = application.channel.send(bytes([0x00, VERIFY, 0x00, kind.reference]))
    tries = tries_in(answer.sw)
    if answer.sw == StatusWord.BLOCKED or tries == 0:
        raise BlockedPin
    return tries


def verify_pin(application: Application, pin: bytearray, kind: PinKind = DEFAULT_KIND) -> None:
    """Verify once. `pin`: six ASCII digits, zeroed here whatever happens.

    Raises LastTry before anything is sent when one try is left; WrongPin, BlockedPin, UnusablePin.
    """
    _judge(application, kind, _send(application, VERIFY, kind, pin), "VERIFY")


def change_pin(application: Application, old: bytearray, new: bytearray, kind: PinKind = DEFAULT_KIND) -> None:
    """Change the PIN. Both zeroed here whatever happens. Raises as `verify_pin`, and PinNotChanged for the new one."""
    answer = _send(application, CHANGE, kind, old, new)
    if answer.sw == StatusWord.WRONG_DATA:
        raise PinNotChanged(answer.sw)
    _judge(application, kind, answer, "CHANGE REFERENCE DATA")


def _send(application: Application, instruction: int, kind: PinKind, *pins: bytearray) -> Answer:
    """One command with these PINs, unless only one try is left; every buffer is zeroed."""
    buffers = list(pins)
    try:
        if any(len(pin) != PIN_LENGTH for pin in pins):
            raise CommunicationError(StatusWord.WRONG_LENGTH, "a PIN that is not six digits; nothing was sent")
        if tries_left(application, kind) == 1:
            raise LastTry
        coded = [kind.encode(pin) for pin in pins]
        buffers += coded
        command = _command(instruction, kind.reference, coded)
        buffers.append(command)
        return application.channel.send(command)
    finally:
        for buffer in buffers:
            buffer[:] = bytes(len(buffer))


def _command(instruction: int, reference: int, coded: list[bytearray]) -> bytearray:
    """Header, Lc and data in one buffer that never grows: a grown bytearray leaves its old place unwiped."""
    length = sum(map(len, coded))
    command = bytearray(5 + length)
    command[:5] = bytes([0x00, instruction, 0x00, reference, length])
    position = 5
    for part in coded:
        command[position : position + len(part)] = part
        position += len(part)
    return command


def _judge(application: Application, kind: PinKind, answer: Answer, doing: str) -> None:
    tries = tries_in(answer.sw)
    if tries is None and answer.sw >> 8 == NOT_VERIFIED:  # 6300: wrong, and not a word on how many tries are left
        tries = tries_left(application, kind) or UNKNOWN_IS_LAST
    if tries:
        raise WrongPin(tries)
    if answer.sw == StatusWord.BLOCKED or tries == 0:
        raise BlockedPin
    if answer.sw in NOT_OF_THIS_KIND:
        raise UnusablePin(answer.sw)
    if not answer.ok:
        raise CommunicationError(answer.sw, doing)
