"""The chip: APDU in, data and status word out (ISO 7816-4). Knows no transport and no clock.

Commands as in docs/protocol.md; how cards of different makers differ: `simulators/habits.py`.
"""

from collections.abc import Callable

from simulators import chip_files, chip_keys, chip_pin
from simulators.apdu import Apdu, parse_apdu, status
from simulators.card_file import CardFile
from simulators.chip_state import ChipState, get_response
from simulators.other_cards import BANK, OtherCard, bank

SELECT, GET_RESPONSE = 0xA4, 0xC0
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
        self._bank = OtherCard(bank) if self.state.has("bank-beside") else None

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
        if self._bank:
            self._bank.reset()

    def process(self, raw: bytes) -> bytes:
        """Answer one command APDU with response data and status word."""
        apdu = parse_apdu(raw, self.state.has("extended-length"))
        if apdu is None:
            return status(0x6700)
        if apdu.cla != 0x00:
            return status(0x6E00)
        if self._bank and self._goes_to_bank(apdu, self._bank):
            return self._bank.process(raw)
        if apdu.ins == GET_RESPONSE:
            return get_response(self.state, apdu.le)
        self.state.pending = b""
        handler = INSTRUCTIONS.get(apdu.ins)
        return handler(self.state, apdu) if handler else status(0x6D00)

    def _goes_to_bank(self, apdu: Apdu, account: OtherCard) -> bool:
        """SELECT by name moves between the applications; everything else goes to the one that is selected."""
        by_name = (apdu.ins, apdu.p1) == (SELECT, chip_files.BY_NAME)
        if by_name and apdu.data in BANK:
            self.state.reset()
        elif by_name and apdu.data == chip_files.AID:
            account.reset()
        return (by_name and apdu.data in BANK) or (bool(account.selected) and not by_name)
