"""Digits that a holder types in order to see them: a phone's number, and the code that comes to it.

They stand in states, events and commands of the visit and in nothing that is kept: recordings have neutral ones.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from backend_client.contract.account import PHONE

NUMBER_LENGTH, CODE_LENGTH = 11, 6
GROUPS = {NUMBER_LENGTH: (3, 4, 4), CODE_LENGTH: (3, 3)}
MISSING = "–"


@dataclass(frozen=True, repr=False)
class Digits:
    """What was typed so far; shown on its own screens, in no message and no log."""

    value: str = ""

    def __repr__(self) -> str:
        return f"Digits(<{len(self.value)}>)"

    def __len__(self) -> int:
        return len(self.value)

    @property
    def is_number(self) -> bool:
        """Is this the whole number of a mobile phone, as the contract has it?"""
        return self.value.isascii() and re.fullmatch(PHONE, self.value) is not None

    @property
    def is_code(self) -> bool:
        """Is this a whole code?"""
        return self.fits(CODE_LENGTH) and len(self) == CODE_LENGTH

    def fits(self, length: int) -> bool:
        """Is this the beginning of so many digits?"""
        return re.fullmatch(f"[0-9]{{0,{length}}}", self.value) is not None

    def grouped(self, length: int) -> str:
        """For reading: 138 0000 0000, with a mark for each digit that is missing."""
        whole, begin, groups = self.value.ljust(length, MISSING), 0, []
        for size in GROUPS[length]:
            groups.append(whole[begin : begin + size])
            begin += size
        return " ".join(groups)


class LinkTrouble(StrEnum):
    """Why no code was sent, or why the one that was typed links nothing."""

    NOT_A_NUMBER = "not-a-number"
    TOO_SOON = "too-soon"
    TOO_MANY = "too-many"
    NO_SMS = "no-sms"
    WRONG_CODE = "wrong-code"
    CODE_OVER = "code-over"
