"""The two PINs of a change, between the pad and the card: bytearrays that are zeroed, and the rules for a new PIN.

No `str` of a PIN is ever made. Rules: not all digits equal, no straight run, not the birth date, not as before.
"""

from dataclasses import dataclass, field
from datetime import date
from hmac import compare_digest
from itertools import pairwise

from kiosk.session.state import PinFlaw

BIRTH_DATE_FORMS = ("%y%m%d", "%d%m%y", "%m%d%y", "%Y%m")


def wipe(digits: bytearray) -> None:
    """Zero it, and leave it empty."""
    digits[:] = bytes(len(digits))
    digits.clear()


@dataclass
class PinChange:
    """What a change of PIN has so far: ASCII digits, or nothing."""

    old: bytearray = field(default_factory=bytearray, repr=False)
    new: bytearray = field(default_factory=bytearray, repr=False)

    def clear(self) -> None:
        """Wipe both."""
        wipe(self.old)
        wipe(self.new)

    def judge(self, new: bytearray, birth_date: date | None) -> PinFlaw | None:
        """Keep a new PIN that follows the rules; wipe one that doesn't, and say why."""
        found = flaw(new, self.old, birth_date)
        wipe(self.new)
        if found is None:
            self.new.extend(new)
        wipe(new)
        return found

    def confirmed(self, again: bytearray) -> bool:
        """Is the second entry the same? Wipes it; wipes the new PIN too when it isn't."""
        same = len(self.new) > 0 and compare_digest(again, self.new)
        wipe(again)
        if not same:
            wipe(self.new)
        return same

    def take(self) -> tuple[bytearray, bytearray]:
        """Move both out; the caller must zero what it gets."""
        taken = bytearray(self.old), bytearray(self.new)
        self.clear()
        return taken


def flaw(new: bytearray, old: bytearray, birth_date: date | None) -> PinFlaw | None:
    """The first rule that a new PIN breaks."""
    steps = {(after - before) % 10 for before, after in pairwise(new)}
    if steps == {0}:
        return PinFlaw.ALL_EQUAL
    if steps in ({1}, {9}):
        return PinFlaw.RUN
    dates = [] if birth_date is None else [birth_date.strftime(form).encode() for form in BIRTH_DATE_FORMS]
    if any(compare_digest(new, one) for one in dates):
        return PinFlaw.BIRTH_DATE
    return PinFlaw.AS_BEFORE if compare_digest(new, old) else None
