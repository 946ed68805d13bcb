"""The account at a real central: opened with what was shown, ended elsewhere, closed, frozen."""

from collections.abc import Iterator
from itertools import count

import pytest

from backend_client.client import errors
from backend_client.client.account import AccountDesk
from backend_client.client.central import Central, HolderSession
from kiosk.account_work import change_account
from kiosk.services.account import SERVICE
from kiosk.session.account_steps import shown_digest
from kiosk.session.commands import ChangeAccount
from kiosk.session.state import AccountChange
from tests.city import City

PERSONS = count(2_000)
"""Somebody else for every test: what one does to an account stays."""


@pytest.fixture
def person() -> int:
    """Who comes."""
    return next(PERSONS)


@pytest.fixture
def session(city: City, central: Central, person: int) -> Iterator[HolderSession]:
    """Somebody signed in at the terminal."""
    made = central.sign_in(city.card(person), " ".join((SERVICE.scope, *SERVICE.more_scopes)))
    yield made
    made.revoke()


def opening(session: HolderSession) -> ChangeAccount:
    """What the session core sends for the notice that is shown now."""
    notice = session.account().notice
    assert notice is not None
    return ChangeAccount(1, AccountChange.OPEN, notice.version, shown_digest(notice))


def test_the_digest_of_what_is_shown_is_the_one_central_takes(session: HolderSession) -> None:
    before = session.account()
    assert before.account is None and before.notice is not None
    assert shown_digest(before.notice) == before.notice.digest
    after = change_account(session, opening(session))
    assert after is not None and after.account is not None and after.notice is None
    assert after.account.notice_version == before.notice.version
    assert [one.current for one in after.sessions] == [True]


def test_other_words_open_nothing_and_show_the_new_notice(session: HolderSession) -> None:
    after = change_account(session, ChangeAccount(1, AccountChange.OPEN, "2016-01-01", "0" * 64))
    assert after is not None and after.account is None and after.notice is not None


def test_who_has_an_account_sees_it(session: HolderSession) -> None:
    wanted = opening(session)
    change_account(session, wanted)
    after = change_account(session, wanted)
    assert after is not None and after.account is not None


def test_only_other_sessions_end(city: City, central: Central, person: int, session: HolderSession) -> None:
    other = central.sign_in(city.card(person), "account")
    after = change_account(session, ChangeAccount(1, AccountChange.END_OTHERS))
    assert after is not None and [one.current for one in after.sessions] == [True]
    with pytest.raises(errors.SessionExpired):
        other.account()


def test_a_removed_phone_is_gone_from_the_account(city: City, session: HolderSession, person: int) -> None:
    change_account(session, opening(session))
    desk = AccountDesk(session)
    desk.confirm_phone(desk.link_phone(f"990{person:08}"), city.sms.code())
    before = session.account().account
    assert before is not None and before.phone is not None
    after = change_account(session, ChangeAccount(1, AccountChange.UNLINK_PHONE))
    assert after is not None and after.account is not None and after.account.phone is None


@pytest.mark.parametrize("change", [AccountChange.CLOSE, AccountChange.FREEZE])
def test_close_and_freeze_end_this_session_too(session: HolderSession, change: AccountChange) -> None:
    change_account(session, opening(session))
    assert change_account(session, ChangeAccount(1, change)) is None
    with pytest.raises(errors.SessionExpired):
        session.account()


def test_what_is_closed_elsewhere_is_seen(session: HolderSession) -> None:
    after = change_account(session, ChangeAccount(1, AccountChange.CLOSE))
    assert after is not None and after.account is None


def test_a_pin_that_is_not_fresh_is_asked_for_again(session: HolderSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def stale(*_: object) -> None:
        raise errors.StepUpNeeded("insufficient_user_authentication", max_age=300)

    wanted = opening(session)
    monkeypatch.setattr(session, "call", stale)
    with pytest.raises(errors.SessionExpired):
        change_account(session, wanted)
