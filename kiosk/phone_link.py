"""Linking a phone, carried out at central: which code is out is kept with the visit, its digits are not."""

import time
from collections.abc import Callable

from backend_client.client.account import AccountDesk
from backend_client.client.errors import Busy, Refused, SessionExpired, StepUpNeeded, TooSoon
from backend_client.contract.account import AccountOverview
from kiosk.services.account import SERVICE as ACCOUNT
from kiosk.session import events as e
from kiosk.session.commands import ConfirmCode, SendCode
from kiosk.session.number import LinkTrouble
from kiosk.visit import SentCode, Visit

Post = Callable[[e.Event], None]
A_WHILE = 600.0
"""Seconds: who is asked to wait longer has had the codes of the day."""


def send_code(visit: Visit, wanted: SendCode, post: Post) -> None:
    """A code to this number. Any CentralError but those that say why there is none now."""
    session = visit.session
    if session is None:
        return
    try:
        check = AccountDesk(session).link_phone(wanted.number.value)
    except StepUpNeeded as error:
        raise SessionExpired(error.code) from error  # the same remedy: the PIN once more
    except TooSoon as error:
        late = error.retry_after > A_WHILE
        post(e.NumberRefused(visit.number, LinkTrouble.TOO_MANY if late else LinkTrouble.TOO_SOON))
    except Busy:  # of central or of its gateway: either way nothing was sent
        post(e.NumberRefused(visit.number, LinkTrouble.NO_SMS))
    else:
        visit.expect(SentCode(check, time.monotonic() + check.expires_in))
        post(e.CodeSent(visit.number))


def confirm_code(visit: Visit, wanted: ConfirmCode, post: Post) -> None:
    """Link the number, or tell how often the code may still be tried. Any CentralError."""
    session, sent = visit.session, visit.sent
    if session is None or sent is None:
        return
    if sent.left == 0:
        post(e.CodeRefused(visit.number, 0))
        return
    try:
        AccountDesk(session).confirm_phone(sent.check, wanted.code.value)
    except StepUpNeeded as error:
        raise SessionExpired(error.code) from error
    except Refused as error:
        if error.code != "wrong_code":
            raise
        sent.guess()
        seen = session.account()
        if not _linked(seen):
            post(e.CodeRefused(visit.number, sent.left))
            return
    post(e.RecordLoaded(visit.number, ACCOUNT.id, session.account()))


def _linked(seen: AccountOverview) -> bool:
    """Is a phone linked after all? Then the answer to the right code was lost, and its repetition was refused."""
    return seen.account is not None and seen.account.phone is not None
