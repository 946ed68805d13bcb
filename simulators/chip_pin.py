"""The PIN: VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER (ISO 7816-4, 11.6)."""

from simulators.apdu import OK, Apdu, status
from simulators.chip_state import ChipState

PIN_REFERENCE = 0x03
DIGITS = 6


def _coded(chip: ChipState, digits: bytes) -> bytes:
    """A PIN as this card wants it: ASCII digits or BCD."""
    return bytes.fromhex(digits.decode("ascii")) if chip.has("bcd-pin") else digits


def _refused(chip: ChipState, apdu: Apdu) -> bytes | None:
    """Why the PIN isn't even looked at."""
    if not chip.application or apdu.p2 != PIN_REFERENCE:
        return status(0x6A88)
    if chip.has("select-6283"):
        return status(0x6985)
    if not apdu.data and chip.has("no-tries-query"):
        return status(0x6700)
    return _blocked(chip) if chip.tries_left == 0 else None


def _blocked(chip: ChipState) -> bytes:
    return status(0x6984 if chip.has("blocked-says-6984") else 0x6983)


def _compare(chip: ChipState, given: bytes) -> bytes:
    """9000 and a full counter for the right PIN; a wrong one spends a try."""
    if given == _coded(chip, chip.pin):
        chip.tries_left = chip.card.tries
        return OK
    chip.tries_left, chip.verified = chip.tries_left - 1, False
    if chip.tries_left or chip.has("blocked-says-63c0"):
        return status(0x63C0 | chip.tries_left)
    return _blocked(chip)


def verify(chip: ChipState, apdu: Apdu) -> bytes:
    """Compare the PIN; without data tell the tries left and spend none."""
    refused = _refused(chip, apdu)
    if refused:
        return refused
    if not apdu.data:
        return OK if chip.verified else status(0x63C0 | chip.tries_left)
    if chip.has("bcd-pin") and len(apdu.data) != DIGITS // 2:
        return status(0x6700)
    answer = _compare(chip, apdu.data)
    chip.verified = answer == OK
    return answer


def change(chip: ChipState, apdu: Apdu) -> bytes:
    """Old PIN and new PIN in one command. A malformed new PIN spends no try (reconstructed)."""
    refused = _refused(chip, apdu)
    if refused:
        return refused
    if apdu.p1 != 0x00:
        return status(0x6A86)
    length = DIGITS // 2 if chip.has("bcd-pin") else DIGITS
    old, new = apdu.data[:length], apdu.data[length:]
    if chip.has("bcd-pin") and len(apdu.data) != 2 * length:
        return status(0x6700)
    digits = new.hex().encode() if chip.has("bcd-pin") else new
    if len(digits) != DIGITS or not digits.isdigit():
        return status(0x6A80)
    answer = _compare(chip, old)
    if answer == OK:
        chip.pin = digits
    return answer


def reset_retry_counter(chip: ChipState, apdu: Apdu) -> bytes:
    """Refused whatever is in it: a PIN is unblocked at the counter that issued the card."""
    del chip, apdu
    return status(0x6982)
