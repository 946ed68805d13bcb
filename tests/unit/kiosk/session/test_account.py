"""The account in a visit: a question before each change, consent for the words on the screen, no trace afterwards."""

from dataclasses import replace

import pytest

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.account_steps import offered, shown_digest
from kiosk.session.transition import transition
from tests.samples import CARD, account_notice, account_overview, contributions

NONE, SOME = account_overview(opened=False, others=False), account_overview()
NO_PHONE = account_overview(phone=None, others=False)
CHANGE = s.AccountChange


def at(screen: s.Screen) -> s.State:
    """In visit 7, signed in."""
    return s.State(screen, visit=7, card_in=True, now=50.0, signed_in_at=10.0, ui=s.Ui(s.Language.EN))


def viewing(record: object = SOME) -> s.State:
    """The account on the screen."""
    return at(s.Viewing(CARD, "account", record))  # type: ignore[arg-type]


def test_what_is_offered_fits_the_account() -> None:
    assert offered(NONE) == (CHANGE.OPEN,)
    assert offered(SOME) == (CHANGE.UNLINK_PHONE, CHANGE.END_OTHERS, CHANGE.FREEZE, CHANGE.CLOSE)
    assert offered(account_overview(others=False)) == (CHANGE.UNLINK_PHONE, CHANGE.FREEZE, CHANGE.CLOSE)
    assert offered(NO_PHONE) == (CHANGE.LINK_PHONE, CHANGE.FREEZE, CHANGE.CLOSE)
    assert offered(contributions()) == ()


@pytest.mark.parametrize("record", [NONE, SOME, NO_PHONE, contributions()])
@pytest.mark.parametrize("change", CHANGE)
def test_what_is_not_offered_is_not_asked(record: object, change: s.AccountChange) -> None:
    after, commands = transition(viewing(record), e.AccountTouched(change))
    assert commands == ()
    asked = isinstance(after.screen, s.NumberEntry if change is CHANGE.LINK_PHONE else s.AccountQuestion)
    assert asked == (change in offered(record))  # type: ignore[arg-type]


def test_consent_goes_with_the_digest_of_what_was_shown() -> None:
    state, _ = transition(viewing(NONE), e.AccountTouched(CHANGE.OPEN))
    assert state.screen == s.AccountQuestion(CARD, "account", NONE, CHANGE.OPEN)
    state, commands = transition(state, e.AccountConfirmed())
    assert state.screen == s.ChangingAccount(CARD, "account", CHANGE.OPEN)
    notice = NONE.notice
    assert notice is not None and shown_digest(notice) != notice.digest
    assert commands == (c.ChangeAccount(7, CHANGE.OPEN, notice.version, shown_digest(notice)),)
    state, _ = transition(state, e.RecordLoaded(7, "account", SOME))
    assert state.screen == s.Viewing(CARD, "account", SOME)


def test_no_is_no() -> None:
    state, _ = transition(viewing(NONE), e.AccountTouched(CHANGE.OPEN))
    after, commands = transition(state, e.BackTouched())
    assert (after.screen, commands) == (s.Viewing(CARD, "account", NONE), ())


def test_a_notice_that_changed_is_shown_again() -> None:
    newer = NONE.model_copy(update={"notice": account_notice("2016-12-31")})
    state, _ = transition(at(s.ChangingAccount(CARD, "account", CHANGE.OPEN)), e.RecordLoaded(7, "account", newer))
    assert state.screen == s.AccountQuestion(CARD, "account", newer, CHANGE.OPEN, renewed=True)


@pytest.mark.parametrize("change", [CHANGE.CLOSE, CHANGE.FREEZE])
def test_what_ends_the_session_ends_the_visit(change: s.AccountChange) -> None:
    after, commands = transition(at(s.ChangingAccount(CARD, "account", change)), e.AccountLeft(7))
    assert after.screen == s.AccountOver(change)
    assert (after.signed_in_at, after.ui.language) == (None, s.Language.EN)
    assert c.EndVisit(7) in commands


def test_a_pin_that_is_not_fresh_is_asked_for_and_the_account_comes_back() -> None:
    changing = at(s.ChangingAccount(CARD, "account", CHANGE.OPEN))
    after, commands = transition(changing, e.StepFailed(7, Failure.SESSION_EXPIRED))
    assert after.screen == s.PinEntry(CARD, failure=Failure.SESSION_EXPIRED, then=s.Place("account"))
    assert commands == (c.ForgetPin(),)
    after, _ = transition(changing, e.StepFailed(7, Failure.CENTRAL_BUSY))
    assert after.screen == s.Failed(Failure.CENTRAL_BUSY, CARD)
    after, _ = transition(changing, e.StepFailed(7, Failure.TERMINAL_FAULT, fatal=True))
    assert after.screen == s.Failed(Failure.TERMINAL_FAULT)


def test_a_change_under_way_is_followed_to_its_end_also_when_the_session_is_over() -> None:
    changing = replace(at(s.ChangingAccount(CARD, "account", CHANGE.OPEN)), signed_in_at=0.0, now=899.0, deadline=920.0)
    after, _ = transition(changing, e.Tick(901.0))
    assert isinstance(after.screen, s.ChangingAccount)
    after, _ = transition(after, e.Tick(921.0))
    assert after.screen == s.Failed(Failure.CENTRAL_SLOW)


def test_another_record_is_no_answer() -> None:
    changing = at(s.ChangingAccount(CARD, "account", CHANGE.OPEN))
    for event in (e.RecordLoaded(7, "contributions", SOME), e.RecordLoaded(7, "account", contributions())):
        assert transition(changing, event) == (changing, ())
