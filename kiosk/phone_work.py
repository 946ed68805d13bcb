"""Signing in by phone, on its own thread: the codes, then a question to central at its interval until it is answered.

The device code lives in this thread's `follow` and nowhere else; the end of the visit wakes and ends it at once.
"""

import logging
import math
from collections.abc import Callable

from backend_client.client.central import Central, HolderSession
from backend_client.client.errors import Nonsense, SessionExpired, SignInRefused, StepUpNeeded
from backend_client.client.phone_sign_in import PhoneSignIn
from backend_client.contract.masking import masked_id, masked_name
from kiosk.failures import Failure
from kiosk.session import events as e
from kiosk.session.state import ByPhone, PhoneCodes
from kiosk.visit import Visit

log = logging.getLogger(__name__)


def follow(central: Central, scope: str, visit: Visit, post: Callable[[e.Event], None]) -> None:
    """One attempt, to its end. Raises CentralError; a refusal and the end of the code's time are told as such.

    A poll that gets no answer ends nothing: the next one comes, later each time.
    """
    try:
        _follow(central, scope, visit, post)
    except SignInRefused:
        _failed(visit, post, Failure.PHONE_REFUSED)
    except SessionExpired:
        _failed(visit, post, Failure.PHONE_OVER)


def _follow(central: Central, scope: str, visit: Visit, post: Callable[[e.Event], None]) -> None:
    attempt = PhoneSignIn(central, scope)
    post(e.PhoneAsked(visit.number, PhoneCodes(attempt.qr, attempt.address, attempt.user_code)))
    while not visit.over.wait(attempt.interval):
        session = attempt.poll()
        if session is not None:
            _approved(session, visit, post)
            return


def _approved(session: HolderSession, visit: Visit, post: Callable[[e.Event], None]) -> None:
    """Central's yes; one that comes after the visit's end opens nothing and is revoked on the spot."""
    holder = session.holder
    if holder is None or not visit.keep(session):
        session.revoke()
        if holder is None:
            raise Nonsense("Token: no holder")
        return
    who = ByPhone(masked_name(holder.name), masked_id(holder.id_no))
    post(e.PhoneSignedIn(visit.number, who, math.floor(session.seconds_left)))


def demand_scope(session: HolderSession, scope: str) -> None:
    """StepUpNeeded for what this session was never asked to open: a phone's covers less than a card's."""
    if scope not in session.scope.split():
        raise StepUpNeeded("insufficient_scope")


def _failed(visit: Visit, post: Callable[[e.Event], None], failure: Failure) -> None:
    log.info("%s (%s)", failure.name, failure.value)
    post(e.StepFailed(visit.number, failure))
