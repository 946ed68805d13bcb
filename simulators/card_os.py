"""The chip: APDU in, data and status word out (ISO 7816-4). Knows no transport and no clock.

Commands as in docs/protocol.md; how cards of different makers differ: `simulators/habits.py`.
"""

from collections.abc import Callable

from simulators import chip_files, chip_keys, chip_pin
from simulators.apdu import Apdu, parse_apdu, status
from simulators.card_file import CardFile
from simulators.chip_state import ChipState, get_response

GET_RESPONSE = 0xC0
INSTRUCTIONS: dict[int, Callable[[ChipState, Apdu], bytes]] = {
    0xA4: chip_files.select,
    0xB2: chip_files.read_record,
    0xB0: chip_files.read_binary,
    0x20: chip_pin.verify,
    0x24: chip_pin.change,
    0x2C: chip_pin.reset_retry_counter,
    0x84: chip_keys.challenge,
    0x88: chip_keys.internal_authenticate,
    0x82: chip_keys.external_authenticate,
    0x22: chip_keys.manage_security_environment,
    0x2A: chip_keys.sign,
}


class Chip:
    """One social-security card."""

    def __init__(self, card: CardFile) -> None:
        self.state = ChipState(card)

    @property
    def tries_left(self) -> int:
        """PIN tries left."""
        return self.state.tries_left

    @property
    def application(self) -> bool:
        """Is the social-security application selected?"""
        return self.state.application

    def reset(self) -> None:
        """Warm or cold reset."""
        self.state.reset()

    def process(self, raw: bytes) -> bytes:
        """Answer one command APDU with response data and status word."""
        apdu = parse_apdu(raw, self.state.has("extended-length"))
        if apdu is None:
            return status(0x6700)
        if apdu.cla != 0x00:
            return status(0x6E00)
        if apdu.ins == GET_RESPONSE:
            return get_response(self.state, apdu.le)
        self.state.pending = b""
        handler = INSTRUCTIONS.get(apdu.ins)
        return handler(self.state, apdu) if handler else status(0x6D00)
