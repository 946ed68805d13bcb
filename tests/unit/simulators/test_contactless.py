"""The antenna: ATR from ATS, UID, and what the reader answers itself (PC/SC part 3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators import contactless

UID = bytes.fromhex("3A112233")
HISTORICAL = b"\x80\x73"


@pytest.mark.parametrize(
    ("historical", "atr"),
    [
        ("", "3B80800101"),
        ("804F0CA0000003060300010000000000"[:30], "3B8F8001804F0CA000000306030001000000006A"),
        ("8073802100", "3B858001807380210056"),
    ],
)
def test_the_atr_is_made_as_the_standard_says(historical: str, atr: str) -> None:
    assert contactless.atr(bytes.fromhex(historical)).hex().upper() == atr


@given(st.binary(max_size=15))
def test_the_check_byte_makes_the_sum_zero(historical: bytes) -> None:
    total = 0
    for byte in contactless.atr(historical)[1:]:
        total ^= byte
    assert total == 0


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("FFCA000000", UID.hex() + "9000"),
        ("FFCA000004", UID.hex() + "9000"),
        ("FFCA000007", UID.hex() + "6282"),
        ("FFCA000002", "6c04"),
        ("FFCA010000", "80739000"),
        ("FFCA0000", "6700"),
        ("FFCA020000", "6a81"),
        ("FFB0000410", "6a81"),
        ("FF", "6700"),
    ],
)
def test_the_reader_answers_its_own_class(apdu: str, answer: str) -> None:
    said = contactless.pseudo_apdu(bytes.fromhex(apdu), UID, HISTORICAL)
    assert said is not None
    assert said.hex() == answer


@given(st.binary(max_size=20))
def test_only_class_ff_is_the_readers(raw: bytes) -> None:
    said = contactless.pseudo_apdu(raw, UID, HISTORICAL)
    assert (said is not None) == (raw[:1] == b"\xff")
    assert said is None or len(said) >= 2


def test_a_uid_is_the_cards_own_or_given_or_random() -> None:
    assert contactless.uid("", UID) == UID
    assert contactless.uid("04112233445566", UID) == bytes.fromhex("04112233445566")
    random = {contactless.uid("random", UID) for _ in range(8)}
    assert len(random) > 1
    assert {(uid[0], len(uid)) for uid in random} == {(0x08, 4)}


@pytest.mark.parametrize("wrong", ["0411", "zz", "0"])
def test_a_wrong_uid_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        contactless.uid(wrong, UID)
