"""A phone's number and its code: typed, sent, asked for again; nowhere in the recording, which replays all the same."""

from pathlib import Path

import pytest

from kiosk.recording.mask import masked_command, masked_event, shown
from kiosk.recording.replay import read_recording, replay
from kiosk.recording.tape import VisitTapes
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.number import Digits, LinkTrouble
from kiosk.session.transition import transition
from tests.samples import CARD, account_overview
from tests.states import TYPED_CODE, TYPED_NUMBER
from tests.unit.kiosk.recording.traces import forms

BAD, OTHER = "12800005678", "13800005679"


@pytest.mark.parametrize("typed", ["", "1", "138000", "246813", TYPED_NUMBER.value, "99012345678"])
def test_digits_become_nobodys(typed: str) -> None:
    event = masked_event(e.DigitsKeyed(Digits(typed)))
    assert isinstance(event, e.DigitsKeyed) and event.digits.value == "99000000000"[: len(typed)]
    assert masked_event(event) == event
    for command in (c.SendCode(7, Digits(typed)), c.ConfirmCode(7, Digits(typed))):
        assert typed not in repr(vars(masked_command(command))) or len(typed) < 2


def test_what_is_no_number_stays_none() -> None:
    event = masked_event(e.DigitsKeyed(Digits(BAD)))
    assert event == e.DigitsKeyed(Digits("0" * 11)) == masked_event(event)


def linking() -> list[e.Event]:
    """Somebody who mistypes the number, asks twice for the code, mistypes it too, and links the phone."""
    keyed = [e.DigitsKeyed(Digits(typed[:length])) for typed in (BAD, OTHER) for length in range(1, 12)]
    code = [e.DigitsKeyed(Digits(TYPED_CODE.value[:length])) for length in range(1, 7)]
    submitted, account = e.DigitsSubmitted(), account_overview(phone=None, others=False)
    return [
        e.CardInserted(), e.CardRead(1, CARD), e.PinChanged(6), e.PinSubmitted(), e.SignedIn(1),
        e.ServiceChosen("account"), e.RecordLoaded(1, "account", account),
        e.AccountTouched(s.AccountChange.LINK_PHONE), *keyed[:11], submitted, *keyed[11:], submitted, e.CodeSent(1),
        e.BackTouched(), e.DigitsKeyed(TYPED_NUMBER), submitted, e.NumberRefused(1, LinkTrouble.TOO_SOON), submitted,
        e.CodeSent(1), e.CodeWanted(), e.NumberRefused(1, LinkTrouble.NO_SMS), *code, submitted, e.CodeRefused(1, 4),
        *code, submitted, e.RecordLoaded(1, "account", account_overview(phone="138****5678", others=False)),
        e.EndTouched(), e.CardRemoved(),
    ]  # fmt: skip


def test_a_linked_phone_is_recorded_without_its_number_and_replays(tmp_path: Path) -> None:
    tapes, state, kinds = VisitTapes(tmp_path, 5, ("account",)), s.State(), set()
    for event in linking():
        after, commands = transition(state, event)
        tapes.note(event, state, after, commands)
        kinds.add(type(after.screen))
        state = after
    assert {s.NumberEntry, s.SendingCode, s.CodeEntry, s.CheckingCode, s.Viewing, s.Welcome} <= kinds
    (path,) = tmp_path.glob("*.jsonl")
    content = path.read_bytes()
    for secret in (BAD[:5], OTHER[:5], TYPED_NUMBER.value, TYPED_CODE.value[:4], "5678", "5679"):
        assert not any(form in content for form in forms(secret)), secret
    assert [difference for _, _, difference in replay(read_recording(path)) if difference] == []
    assert b'"SendCode","visit":1,"number":{"type":"Digits","value":"99000000000"}' in content


def test_what_stands_on_the_screens_is_not_what_is_recorded_of_them() -> None:
    record = account_overview(phone=None)
    for screen in (
        s.NumberEntry(CARD, "account", record, TYPED_NUMBER),
        s.SendingCode(CARD, "account", record, TYPED_NUMBER),
        s.CodeEntry(CARD, "account", record, TYPED_NUMBER, TYPED_CODE),
        s.CheckingCode(CARD, "account", record, TYPED_NUMBER),
    ):
        told = str(shown(s.State(screen)))
        assert TYPED_NUMBER.value not in told and TYPED_CODE.value not in told and "99000000000" in told
