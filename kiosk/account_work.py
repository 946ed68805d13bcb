"""What the holder decided about the account, carried out at central."""

from collections.abc import Callable

from backend_client.client.account import AccountDesk
from backend_client.client.central import HolderSession
from backend_client.client.errors import Refused, SessionExpired, StepUpNeeded
from backend_client.contract.account import AccountOverview
from kiosk.services.account import SERVICE as ACCOUNT
from kiosk.session import events as e
from kiosk.session.commands import ChangeAccount
from kiosk.session.state import AccountChange
from kiosk.visit import Visit

LOOK_AGAIN = frozenset({"old_notice", "account_exists", "no_account"})
"""Refusals that the account as it is now explains better than any sentence."""
LEAVES = frozenset({AccountChange.CLOSE, AccountChange.FREEZE})


def _end_others(desk: AccountDesk) -> None:
    for session in desk.sessions().sessions:
        if not session.current:
            desk.end_session(session.sid)


CHANGES: dict[AccountChange, Callable[[AccountDesk, ChangeAccount], object]] = {
    AccountChange.OPEN: lambda desk, wanted: desk.consent(wanted.version, wanted.digest),
    AccountChange.UNLINK_PHONE: lambda desk, _wanted: desk.unlink_phone(),
    AccountChange.CLOSE: lambda desk, _wanted: desk.close(),
    AccountChange.END_OTHERS: lambda desk, _wanted: _end_others(desk),
    AccountChange.FREEZE: lambda desk, _wanted: desk.freeze(),
}


def carry_out(visit: Visit, wanted: ChangeAccount, post: Callable[[e.Event], None]) -> None:
    """Do it for this visit, and tell how the account is then. Any CentralError."""
    if visit.session is None:
        return
    record = change_account(visit.session, wanted)
    post(e.AccountLeft(visit.number) if record is None else e.RecordLoaded(visit.number, ACCOUNT.id, record))


def change_account(session: HolderSession, wanted: ChangeAccount) -> AccountOverview | None:
    """The account as it is then; None when the session ended with it. Any CentralError."""
    try:
        CHANGES[wanted.change](AccountDesk(session), wanted)
    except StepUpNeeded as error:
        raise SessionExpired(error.code) from error  # the same remedy: the PIN once more
    except Refused as error:
        if error.code not in LOOK_AGAIN:
            raise
        return session.account()
    return None if wanted.change in LEAVES else session.account()
