"""Linking a phone, step by step: what is sent when, what is said when it fails, and that no digit is left."""

from dataclasses import replace

import pytest

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.number import CODE_LENGTH, NUMBER_LENGTH, Digits, LinkTrouble
from kiosk.session.transition import transition
from tests.samples import CARD, account_overview, contributions
from tests.states import TYPED_CODE, TYPED_NUMBER, linking_screens
from tests.unit.kiosk.session.promises import LINKING, holds

ACCOUNT, LINKED = account_overview(phone=None, others=False), account_overview(others=False)
SCREENS = linking_screens()
FORGET = c.ForgetCode()


def at(screen: s.Screen) -> s.State:
    """In visit 7, signed in."""
    return s.State(screen, visit=7, card_in=True, now=50.0, deadline=90.0, signed_in_at=10.0, ui=s.Ui(s.Language.EN))


def number(digits: Digits = TYPED_NUMBER, **changes: object) -> s.NumberEntry:
    """The number's pad."""
    return replace(s.NumberEntry(CARD, "account", ACCOUNT, digits), **changes)  # type: ignore[arg-type]


def code(digits: Digits = TYPED_CODE, **changes: object) -> s.CodeEntry:
    """The code's pad."""
    return replace(s.CodeEntry(CARD, "account", ACCOUNT, TYPED_NUMBER, digits), **changes)  # type: ignore[arg-type]


def test_from_the_account_to_the_linked_number() -> None:
    state, commands = transition(at(s.Viewing(CARD, "account", ACCOUNT)), e.AccountTouched(s.AccountChange.LINK_PHONE))
    assert (state.screen, commands) == (number(Digits()), ())
    for length in range(1, NUMBER_LENGTH + 1):
        state, commands = transition(state, e.DigitsKeyed(Digits(TYPED_NUMBER.value[:length])))
        assert commands == ()
    state, commands = transition(state, e.DigitsSubmitted())
    assert state.screen == s.SendingCode(CARD, "account", ACCOUNT, TYPED_NUMBER)
    assert commands == (c.SendCode(7, TYPED_NUMBER),)
    state, commands = transition(state, e.CodeSent(7))
    assert (state.screen, commands) == (code(Digits()), ())
    state, commands = transition(state, e.DigitsKeyed(TYPED_CODE))
    state, commands = transition(state, e.DigitsSubmitted())
    assert state.screen == s.CheckingCode(CARD, "account", ACCOUNT, TYPED_NUMBER)
    assert commands == (c.ConfirmCode(7, TYPED_CODE),)
    state, commands = transition(state, e.RecordLoaded(7, "account", LINKED))
    assert (state.screen, commands) == (s.Viewing(CARD, "account", LINKED), (FORGET,))


@pytest.mark.parametrize("typed", ["", "1", "1380000567"])
def test_a_number_that_is_not_whole_goes_nowhere(typed: str) -> None:
    state = at(number(Digits(typed)))
    assert transition(state, e.DigitsSubmitted()) == (state, ())


@pytest.mark.parametrize("typed", ["12800005678", "23800005678", "00000000000", "98012345678"])
def test_what_is_no_mobile_number_is_said_before_anything_is_sent(typed: str) -> None:
    after, commands = transition(at(number(Digits(typed))), e.DigitsSubmitted())
    assert (after.screen, commands) == (number(Digits(typed), trouble=LinkTrouble.NOT_A_NUMBER), ())
    corrected, _ = transition(after, e.DigitsKeyed(TYPED_NUMBER))
    after, commands = transition(corrected, e.DigitsSubmitted())
    assert commands == (c.SendCode(7, TYPED_NUMBER),)


@pytest.mark.parametrize("typed", ["138000056789", "1 8", "１３８", "12a", "-1"])
def test_what_no_pad_types_is_not_taken(typed: str) -> None:
    for state in (at(number()), at(code())):
        assert transition(state, e.DigitsKeyed(Digits(typed))) == (state, ())


def test_a_code_has_six_digits() -> None:
    state = at(code(Digits("24681")))
    assert transition(state, e.DigitsSubmitted()) == (state, ())
    assert transition(state, e.DigitsKeyed(Digits("2468130"))) == (state, ())


@pytest.mark.parametrize("trouble", [LinkTrouble.TOO_SOON, LinkTrouble.TOO_MANY, LinkTrouble.NO_SMS])
def test_a_code_that_can_not_be_sent_leads_back_to_the_number(trouble: LinkTrouble) -> None:
    sending = at(s.SendingCode(CARD, "account", ACCOUNT, TYPED_NUMBER))
    after, commands = transition(sending, e.NumberRefused(7, trouble))
    assert (after.screen, commands) == (number(trouble=trouble), ())


@pytest.mark.parametrize("trouble", [LinkTrouble.TOO_SOON, LinkTrouble.NO_SMS])
def test_where_none_can_be_sent_again_the_first_may_still_be_entered(trouble: LinkTrouble) -> None:
    state, commands = transition(at(code(Digits())), e.CodeWanted())
    assert commands == (c.SendCode(7, TYPED_NUMBER),)
    after, commands = transition(state, e.NumberRefused(7, trouble))
    assert (after.screen, commands) == (code(Digits(), trouble=trouble), ())
    another, _ = transition(state, e.CodeSent(7))
    assert another.screen == code(Digits())


def test_a_wrong_code_is_asked_for_again_and_the_last_one_says_so() -> None:
    checking = at(s.CheckingCode(CARD, "account", ACCOUNT, TYPED_NUMBER))
    for left, trouble in ((4, LinkTrouble.WRONG_CODE), (0, LinkTrouble.CODE_OVER)):
        after, commands = transition(checking, e.CodeRefused(7, left))
        assert (after.screen, commands) == (code(Digits(), trouble=trouble, left=left), ())


def test_another_number_begins_with_the_one_that_was_typed() -> None:
    state, commands = transition(at(code()), e.BackTouched())
    assert (state.screen, commands) == (number(sent=True), ())
    same, _ = transition(state, e.DigitsSubmitted())
    too_soon, _ = transition(same, e.NumberRefused(7, LinkTrouble.TOO_SOON))
    assert isinstance(too_soon.screen, s.CodeEntry), "its code is on its way"
    other = Digits("13800005679")
    changed, _ = transition(state, e.DigitsKeyed(other))
    sending, _ = transition(changed, e.DigitsSubmitted())
    too_soon, _ = transition(sending, e.NumberRefused(7, LinkTrouble.TOO_SOON))
    assert too_soon.screen == number(other, trouble=LinkTrouble.TOO_SOON)


def test_back_leads_to_the_account_as_it_was() -> None:
    after, commands = transition(at(number()), e.BackTouched())
    assert (after.screen, commands) == (s.Viewing(CARD, "account", ACCOUNT), (FORGET,))


@pytest.mark.parametrize("name", ["sending-code", "checking-code"])
def test_a_pin_that_is_not_fresh_is_asked_for_and_the_account_comes_back(name: str) -> None:
    after, commands = transition(at(SCREENS[name]), e.StepFailed(7, Failure.SESSION_EXPIRED))
    assert after.screen == s.PinEntry(CARD, failure=Failure.SESSION_EXPIRED, then=s.Place("account"))
    assert commands == (c.ForgetPin(), FORGET)


@pytest.mark.parametrize("name", ["sending-code", "checking-code"])
def test_central_away_is_told_as_ever(name: str) -> None:
    after, commands = transition(at(SCREENS[name]), e.StepFailed(7, Failure.CENTRAL_UNREACHABLE))
    assert (after.screen, commands) == (s.Failed(Failure.CENTRAL_UNREACHABLE, CARD), (FORGET,))
    after, commands = transition(at(SCREENS[name]), e.StepFailed(7, Failure.TERMINAL_FAULT, fatal=True))
    assert after.screen == s.Failed(Failure.TERMINAL_FAULT) and c.EndVisit(7) in commands


def test_a_code_that_is_being_checked_is_followed_to_its_end() -> None:
    """Central may have linked the number by then: the holder must see it."""
    checking = replace(at(SCREENS["checking-code"]), signed_in_at=0.0, now=899.0, deadline=920.0)
    for event in (e.EndTouched(), e.BackTouched(), e.HomeTouched(), e.DigitsKeyed(TYPED_CODE)):
        assert transition(checking, event) == (checking, ())
    after, _ = transition(checking, e.Tick(901.0))
    assert isinstance(after.screen, s.CheckingCode)


def test_another_record_is_no_answer() -> None:
    checking = at(SCREENS["checking-code"])
    for event in (e.RecordLoaded(7, "contributions", LINKED), e.RecordLoaded(7, "account", contributions())):
        assert transition(checking, event) == (checking, ())


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("event", [e.CardRemoved(), e.EndTouched(), e.HomeTouched(), e.Tick(90.0)])
def test_whoever_leaves_leaves_no_digit(name: str, event: e.Event) -> None:
    after, commands = transition(at(SCREENS[name]), event)
    if isinstance(after.screen, LINKING):
        assert after.screen == at(SCREENS[name]).screen, "what is under way is followed to its end"
        return
    assert not holds(after, (Digits,))
    assert FORGET in commands or c.EndVisit(7) in commands


def test_digits_are_shown_in_groups_and_told_to_nobody() -> None:
    assert TYPED_NUMBER.grouped(NUMBER_LENGTH) == "138 0000 5678"
    assert Digits("1380000").grouped(NUMBER_LENGTH) == "138 0000 ––––"
    assert Digits("24").grouped(CODE_LENGTH) == "24– –––"
    told = repr([e.DigitsKeyed(TYPED_NUMBER), c.SendCode(7, TYPED_NUMBER), c.ConfirmCode(7, TYPED_CODE), at(code())])
    assert TYPED_NUMBER.value not in told and TYPED_CODE.value not in told
