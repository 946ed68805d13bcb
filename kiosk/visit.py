"""What one visit keeps secret, under its number: card data, session, record, document. Gone when it ends."""

import threading
from dataclasses import dataclass, field

from backend_client.client.central import HolderSession
from backend_client.contract.documents import IssuedDocument, Medium
from backend_client.contract.model import Record
from card.records import CardData


@dataclass
class Visit:
    """Secrets of one visit. `live` turns False at EndVisit, and then nothing of it is used any more; `over` wakes

    who waits for it.
    """

    number: int
    live: bool = True
    card: CardData | None = None
    certificate: bytes | None = None
    session: HolderSession | None = None
    page: Record | None = None
    document: IssuedDocument | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

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

    def close(self) -> HolderSession | None:
        """End the visit; gives the session that must be revoked."""
        with self.lock:
            session, self.session = self.session, None
            self.live, self.card, self.certificate, self.page, self.document = False, None, None, None, None
            self.over.set()
            return session
