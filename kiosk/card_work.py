"""What the terminal does with the card: read it, and sign its holder in. Blocking; runs on the card's own thread."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from backend_client.client.central import Central, HolderSession
from card.channel import open_channel
from card.errors import CardError, UnsupportedCard
from card.pin import verify_pin
from card.proof import proof
from card.records import CardData
from card.social_security import check_same_card, read_card

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
                application = check_same_card(channel, data)
                verify_pin(application, pin)
                return central.sign_in(proof(application, data.generation), scope)
        finally:
            pin[:] = bytes(len(pin))

    def _accept(self, data: CardData) -> None:
        if data.generation not in GENERATIONS_IN_USE:
            raise UnsupportedCard
        synthetic = data.holder.id_no.startswith(RESERVED)
        fits = data.holder.id_no.startswith(TEST_PREFIX) if self.mode == "test" else not synthetic
        if not fits:
            raise NotAcceptedHere
