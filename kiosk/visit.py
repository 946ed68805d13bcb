"""What one visit keeps secret, under its number: card data, session, record, document, which code is out. Gone when

it ends.
"""

import threading
import time
from dataclasses import dataclass, field

from backend_client.client.central import HolderSession
from backend_client.contract.account import PhoneCheck
from backend_client.contract.documents import IssuedDocument, Medium
from backend_client.contract.model import Record
from card.records import CardData
from kiosk.session.state import Acting

GUESSES = 5


@dataclass
class SentCode:
    """A code that central sent to a phone: how to name it, when it is over (monotonic), and the tries it has."""

    check: PhoneCheck
    over_at: float
    guesses: int = GUESSES

    def guess(self) -> None:
        """A wrong one."""
        self.guesses -= 1

    @property
    def left(self) -> int:
        """How often it may still be tried; 0 when it counts no more."""
        return max(0, self.guesses) if time.monotonic() < self.over_at else 0


@dataclass
class Visit:
    """Secrets of one visit. `live` turns False at EndVisit, and then nothing of it is used any more; `over` wakes

    who waits for it. `ward`: for whom its session is, when not for the holder of the card; `own`: then the holder's own
    visit, which waits behind it.
    """

    number: int
    live: bool = True
    card: CardData | None = None
    certificate: bytes | None = None
    session: HolderSession | None = None
    page: Record | None = None
    document: IssuedDocument | None = None
    sent: SentCode | None = None
    ward: Acting | None = None
    own: "Visit | None" = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def person_id_no(self) -> str | None:
        """Whose records and papers these are: the holder's by the card, a ward's by central's word at the sign-in."""
        if self.ward is None:
            return self.card.holder.id_no if self.card is not None else None
        named = self.session.holder if self.session is not None else None
        return named.id_no if named is not None else None

    def for_ward(self, number: int, ward: Acting) -> "Visit":
        """A ward's visit by the same card, not signed in; this one waits behind it."""
        with self.lock:
            return Visit(number, self.live, self.card, self.certificate, ward=ward, own=self)

    def renumbered(self, number: int) -> "Visit":
        """The same visit under another number: what was asked for under this one is not wanted any more."""
        with self.lock:
            after = Visit(number, self.live, self.card, self.certificate, self.session)
            self._forget()
            return after

    def know(self, card: CardData) -> bool:
        """Take what was read, unless the visit is over."""
        with self.lock:
            if self.live:
                self.card = card
            return self.live

    def know_certificate(self, certificate: bytes | None) -> None:
        """Take the card's certificate, unless the visit is over."""
        with self.lock:
            self.certificate = certificate if self.live else None

    def turn_to(self, page: Record | None) -> None:
        """This page is on the screen; the next one is beside it."""
        with self.lock:
            self.page = page if self.live else None

    def keep(self, session: HolderSession) -> bool:
        """Take the session, unless the visit is over: then the caller must revoke it."""
        with self.lock:
            if self.live:
                self.session = session
            return self.live

    def remember(self, document: IssuedDocument) -> None:
        """Take a page that came out, for its copy, unless the visit is over."""
        with self.lock:
            if self.live and document.medium is Medium.A4:
                self.document = document

    def expect(self, sent: SentCode | None) -> None:
        """This code is out, or none, unless the visit is over."""
        with self.lock:
            self.sent = sent if self.live else None

    def close(self) -> HolderSession | None:
        """End the visit; gives the session that must be revoked."""
        with self.lock:
            session = self.session
            self._forget()
            return session

    def _forget(self) -> None:
        self.live, self.card, self.certificate, self.session = False, None, None, None
        self.page, self.document, self.sent = None, None, None
        self.over.set()
