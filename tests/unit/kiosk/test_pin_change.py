"""The rules for a new PIN, and that its digits are wiped wherever they were."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.pin_change import PinChange, flaw
from kiosk.session.state import PinFlaw

BORN = date(1985, 4, 12)
OLD = b"246813"
CASES = {
    b"111111": PinFlaw.ALL_EQUAL, b"000000": PinFlaw.ALL_EQUAL, b"123456": PinFlaw.RUN, b"654321": PinFlaw.RUN,
    b"456789": PinFlaw.RUN, b"890123": PinFlaw.RUN, b"210987": PinFlaw.RUN, b"850412": PinFlaw.BIRTH_DATE,
    b"120485": PinFlaw.BIRTH_DATE, b"041285": PinFlaw.BIRTH_DATE, b"198504": PinFlaw.BIRTH_DATE,
    OLD: PinFlaw.AS_BEFORE, b"135791": None, b"112233": None, b"246814": None,
}  # fmt: skip


@pytest.mark.parametrize("digits", CASES)
def test_the_rules(digits: bytes) -> None:
    assert flaw(bytearray(digits), bytearray(OLD), BORN) is CASES[digits]


def test_a_card_without_a_birth_date_has_the_other_rules() -> None:
    assert flaw(bytearray(b"850412"), bytearray(OLD), None) is None


def test_a_change_is_judged_confirmed_and_moved_out_once() -> None:
    change = PinChange(old=bytearray(OLD))
    entered, again = bytearray(b"135791"), bytearray(b"135791")
    assert change.judge(entered, BORN) is None
    assert change.confirmed(again)
    assert (entered, again) == (bytearray(), bytearray())
    assert change.take() == (bytearray(OLD), bytearray(b"135791"))
    assert (change.old, change.new) == (bytearray(), bytearray())
    assert not change.confirmed(bytearray(b""))


def test_two_entries_that_differ_forget_the_new_pin_only() -> None:
    change = PinChange(old=bytearray(OLD))
    change.judge(bytearray(b"135791"), BORN)
    assert not change.confirmed(bytearray(b"135792"))
    assert (change.old, change.new) == (bytearray(OLD), bytearray())


def test_a_change_never_prints_its_digits() -> None:
    change = PinChange(old=bytearray(OLD), new=bytearray(b"135791"))
    assert "246813" not in repr(change) and "135791" not in repr(change)


@given(st.binary(min_size=6, max_size=6), st.booleans())
def test_what_was_kept_is_zeroed_in_its_own_place(content: bytes, judged: bool) -> None:
    change = PinChange(old=bytearray(content))
    entered = bytearray(content[::-1])
    view = memoryview(bytes(entered))
    if judged:
        change.judge(entered, None)
    change.clear()
    assert (change.old, change.new) == (bytearray(), bytearray())
    assert not judged or entered == bytearray()
    view.release()
