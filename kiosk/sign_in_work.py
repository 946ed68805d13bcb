"""Signing in at central with the card that is in the reader: for its holder, or for a ward by a relation of the holder.

Blocking; runs on the card's own thread.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from backend_client.client.central import Central, HolderSession
from backend_client.client.errors import Nonsense, NotAGuardian, SessionExpired
from backend_client.contract.masking import masked_id, masked_name
from card.errors import WrongPin
from kiosk.card_work import CardDesk
from kiosk.failures import Failure
from kiosk.places import Places
from kiosk.services.service import Service
from kiosk.session import events as e
from kiosk.session.state import Acting
from kiosk.visit import Visit

NEARLY_OVER = 20.0
"""Seconds: a token that central refuses in its last moments has run out, whatever our clock says."""


def scope_of(visit: Visit, services: Iterable[Service], *more: str) -> str:
    """All that this visit may open, and `more`; for a ward the records that a guardian may see, and nothing else."""
    own = visit.ward is None
    wanted = [service for service in services if own or service.for_wards]
    scopes = {one for service in wanted for one in (service.scope, *service.more_scopes)}
    return " ".join(sorted(scopes.union(more if own else ())))


def sign_in(
    visit: Visit, pin: bytearray, cards: CardDesk, central: Central, scope: str, places: Places,
    post: Callable[[e.Event], None],
) -> None:  # fmt: skip
    """Answers SignedIn or PinRejected, or nothing to a visit that is over; any CardError and CentralError."""
    data, ward = visit.card, visit.ward
    if data is None:
        pin[:] = bytes(len(pin))
        return
    relation = ward.relation if ward is not None else ""
    try:
        session = cards.sign_in(data, visit.certificate, pin, central, scope, relation)
    except WrongPin as error:
        post(e.PinRejected(visit.number, error.tries_left))
        return
    if ward is not None and not _is_of(session, ward):
        session.revoke()
        raise Nonsense("Token: another person than was chosen")
    if not visit.keep(session):
        session.revoke()
        return
    post(e.SignedIn(visit.number, places.take(data.card_id) if ward is None else None))


def _is_of(session: HolderSession, ward: Acting) -> bool:
    named = session.holder
    shown = (ward.masked_name, ward.masked_id_no)
    return named is not None and (masked_name(named.name), masked_id(named.id_no)) == shown


def ended_early(visit: Visit) -> bool:
    """Did central end a ward's session before its time, because the relation does not hold any more?"""
    session = visit.session
    return visit.ward is not None and session is not None and session.seconds_left > NEARLY_OVER


@contextmanager
def as_guardian(visit: Visit) -> Iterator[None]:
    """A ward's session that central ended is no token that ran out: asking for the PIN would not help."""
    try:
        yield
    except SessionExpired as error:
        if ended_early(visit):
            raise NotAGuardian(error.code) from error
        raise


def told(visit: Visit, failure: Failure | None) -> Failure | None:
    """The same for a document's end."""
    return Failure.ACTING_OVER if failure is Failure.SESSION_EXPIRED and ended_early(visit) else failure
