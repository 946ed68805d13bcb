"""The PIN's only home between the pad and the card: a bytearray of ASCII digits that is zeroed after use.

Not for showing or storing: no `str` of the PIN is ever made (a `str` can't be wiped).
"""

PIN_LENGTH = 6


class PinBuffer:
    """Up to six digits; every way out wipes them here."""

    def __init__(self) -> None:
        self._digits = bytearray(PIN_LENGTH)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, digit: int) -> None:
        """Add one digit 0-9; a seventh is ignored."""
        if self._length < PIN_LENGTH:
            self._digits[self._length] = 0x30 + digit
            self._length += 1

    def delete(self) -> None:
        """Wipe the last digit."""
        if self._length:
            self._length -= 1
            self._digits[self._length] = 0

    def clear(self) -> None:
        """Wipe all digits."""
        self._digits[:] = bytes(PIN_LENGTH)
        self._length = 0

    def take(self) -> bytearray:
        """Move the digits out; the caller must zero what it gets."""
        taken = bytearray(self._length)
        for index in range(self._length):
            taken[index] = self._digits[index]
        self.clear()
        return taken
