"""Tickets for holders who were waiting for a repair and pulled their card: which paper, for which card, until when.

A ticket names nobody: it holds an HMAC of the card identification code under a key that is made at start and never
leaves the memory. One ticket at most; another card that comes drops it.
"""

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.session.state import Place

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ticket:
    """`number` is random and for the log; `mark` is the HMAC of the card; `until` on the monotonic clock."""

    number: str
    mark: bytes = field(repr=False)
    place: Place
    until: float


class Places:
    """The one ticket. Used from the card's thread and from Qt's; each call replaces or takes it whole."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._key, self._clock = secrets.token_bytes(32), clock
        self._ticket: Ticket | None = None

    def keep(self, card_id: str, place: Place, seconds: float) -> None:
        """Keep this place for this card, for so long."""
        self._ticket = Ticket(secrets.token_hex(4), self._mark(card_id), place, self._clock() + seconds)
        log.info("ticket %s: kept for %.0f s", self._ticket.number, seconds)

    def drop(self) -> None:
        """Nobody is expected back."""
        if self._ticket is not None:
            log.info("ticket %s: dropped", self._ticket.number)
        self._ticket = None

    def seen(self, card_id: str) -> None:
        """A card came: one that the ticket is not for drops it, and so does time."""
        ticket = self._ticket
        if ticket is not None and not (self._is_for(ticket, card_id) and self._clock() < ticket.until):
            self.drop()

    def take(self, card_id: str) -> Place | None:
        """The place of this card, once, after its PIN was verified; None for any other card or too late."""
        self.seen(card_id)
        ticket, self._ticket = self._ticket, None
        return None if ticket is None else ticket.place

    def _is_for(self, ticket: Ticket, card_id: str) -> bool:
        return hmac.compare_digest(ticket.mark, self._mark(card_id))

    def _mark(self, card_id: str) -> bytes:
        return hmac.digest(self._key, card_id.encode(), hashlib.sha256)
