"""What the terminal does with the card: read it, and sign its holder in. Blocking; runs on the card's own thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Literal

from backend_client.client.central import Central, HolderSession
from backend_client.crypto import sm2_certificate
from card import pcsc
from card.apdu import Channel
from card.channel import open_channel
from card.errors import CardError, UnsupportedCard
from card.patience import within
from card.pin import DEFAULT_KIND, PinKind, change_pin, verify_pin
from card.proof import Algorithm, proof, read_certificate
from card.records import PLACES, CardData
from card.social_security import Application, check_same_card, open_application, read_data
from city import CARD_GENERATIONS, RESERVED_IDENTITY, TEST_IDENTITY

NEEDED = tuple(place for place in PLACES if place.needed)
CARD_ALGORITHMS: dict[str, Algorithm] = {"international": "ES256", "gm": "SM2"}


class NotAcceptedHere(CardError):
    """A test card on a production terminal, or a real one on a test terminal."""

    def __init__(self) -> None:
        super().__init__("This card belongs to another kind of terminal (test or production); use the other kind.")


@dataclass(frozen=True)
class CardDesk:
    """The reader and the rules of this terminal. `reader()`: the reader that holds the card, "" when it is out by now.

    `read_seconds`: what a card may take to be read. `algorithm`: what a card that signs must sign with here.
    """

    reader: Callable[[], str]
    mode: Literal["test", "production"]
    pin_kind: PinKind = DEFAULT_KIND
    read_seconds: float = 12.0
    algorithm: Algorithm = "ES256"
    today: Callable[[], date] = date.today

    def read(self, seen: Callable[[CardData], None]) -> bytes | None:
        """Read and judge the card, tell what was seen, and read its certificate ahead while the holder thinks.

        Only the records that docs/card-data.md says are needed. Any CardError of a bad card.
        """

        def work() -> bytes | None:
            with self._channel() as channel:
                application = open_application(channel)
                data = read_data(application, NEEDED)
                data.check_valid(self.today())
                self._accept(data)
                certificate = self._certificate_demanded(application, data)
                seen(data)
                return certificate or _certificate_ahead(application, data)

        return within(self.read_seconds, work)

    def sign_in(
        self,
        data: CardData,
        certificate: bytes | None,
        pin: bytearray,
        central: Central,
        scope: str,
        acting_for: str = "",
    ) -> HolderSession:
        """Verify the PIN, let the card prove itself to central. The PIN is zeroed whatever happens.

        `acting_for`: a relation of the holder; the session is then the ward's.
        """
        try:
            with self._channel() as channel:
                application = check_same_card(channel, data)
                verify_pin(application, pin, self.pin_kind)
                proved = proof(application, data.generation, algorithm=self.algorithm, certificate=certificate)
                return central.sign_in(proved, scope, acting_for=acting_for)
        finally:
            pin[:] = bytes(len(pin))

    def check_same(self, data: CardData) -> None:
        """SwappedCard unless the card in the reader is the one that was read. Any CardError otherwise."""
        with self._channel() as channel:
            check_same_card(channel, data)

    def change_pin(self, data: CardData, old: bytearray, new: bytearray) -> None:
        """Give the card another PIN; both are zeroed whatever happens. WrongPin, LastTry, BlockedPin, any CardError."""
        try:
            with self._channel() as channel:
                change_pin(check_same_card(channel, data), old, new, self.pin_kind)
        finally:
            for digits in (old, new):
                digits[:] = bytes(len(digits))

    @contextmanager
    def _channel(self) -> Iterator[Channel]:
        """To the card that is served. PC/SC takes a reader without a name for one that it does not know."""
        reader = self.reader()
        if not reader:
            raise pcsc.error_for(pcsc.NO_CARD, "looking for the card's reader")
        with open_channel(reader) as channel:
            yield channel

    def _accept(self, data: CardData) -> None:
        if data.generation not in CARD_GENERATIONS:
            raise UnsupportedCard
        synthetic = data.holder.id_no.startswith(RESERVED_IDENTITY)
        fits = data.holder.id_no.startswith(TEST_IDENTITY) if self.mode == "test" else not synthetic
        if not fits:
            raise NotAcceptedHere

    def _certificate_demanded(self, application: Application, data: CardData) -> bytes | None:
        """In the gm profile, before anyone enters a PIN: UnsupportedCard for a card that signs but not with SM2."""
        if self.algorithm == "ES256" or data.generation != 3:
            return None
        certificate = read_certificate(application, self.algorithm)
        try:
            sm2_certificate.read_certificate(certificate)
        except ValueError as error:
            raise UnsupportedCard from error
        return certificate


def _certificate_ahead(application: Application, data: CardData) -> bytes | None:
    """The certificate of a card that signs; None when it can't be had now: it is asked for again after the PIN."""
    try:
        return read_certificate(application) if data.generation == 3 else None
    except CardError:
        return None
