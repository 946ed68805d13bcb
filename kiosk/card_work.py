"""What the terminal does with the card: read it, and sign its holder in. Blocking; runs on the card's own thread."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from backend_client.client.central import Central, HolderSession
from card.channel import open_channel
from card.errors import CardError, UnsupportedCard
from card.records import CardData
from card.social_security import change_pin, check_same_card, proof, read_card, verify_pin

TEST_PREFIX, RESERVED = "9901", "99"
GENERATIONS_IN_USE = (2, 3)  # generation 1 has no PIN in use and no key for us (card.md)


class NotAcceptedHere(CardError):
    """A test card on a production terminal, or a real one on a test terminal."""

    def __init__(self) -> None:
        super().__init__("This card belongs to another kind of terminal (test or production); use the other kind.")


@dataclass(frozen=True)
class CardDesk:
    """The reader and the rules of this terminal. `reader()` gives the name of the reader that holds the card."""

    reader: Callable[[], str]
    mode: Literal["test", "production"]
    today: Callable[[], date] = date.today

    def read(self) -> CardData:
        """Read and judge the card. Any CardError of a bad card."""
        with open_channel(self.reader()) as channel:
            data = read_card(channel)
        data.check_valid(self.today())
        self._accept(data)
        return data

    def sign_in(self, data: CardData, pin: bytearray, central: Central, scope: str) -> HolderSession:
        """Verify the PIN, let the card prove itself to central. The PIN is zeroed whatever happens."""
        try:
            with open_channel(self.reader()) as channel:
                check_same_card(channel, data)
                verify_pin(channel, pin)
                return central.sign_in(proof(channel, data), scope)
        finally:
            pin[:] = bytes(len(pin))

    def check_same(self, data: CardData) -> None:
        """SwappedCard unless the card in the reader is the one that was read. Any CardError otherwise."""
        with open_channel(self.reader()) as channel:
            check_same_card(channel, data)

    def change_pin(self, data: CardData, old: bytearray, new: bytearray) -> None:
        """Give the card another PIN; both are zeroed whatever happens. WrongPin, LastTry, BlockedPin, any CardError."""
        try:
            with open_channel(self.reader()) as channel:
                check_same_card(channel, data)
                change_pin(channel, old, new)
        finally:
            for digits in (old, new):
                digits[:] = bytes(len(digits))

    def _accept(self, data: CardData) -> None:
        if data.generation not in GENERATIONS_IN_USE:
            raise UnsupportedCard
        synthetic = data.holder.id_no.startswith(RESERVED)
        fits = data.holder.id_no.startswith(TEST_PREFIX) if self.mode == "test" else not synthetic
        if not fits:
            raise NotAcceptedHere
