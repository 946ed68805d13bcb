"""A card at a reader: presentation, resets, swaps and the witness, without a reader."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.parts.card_file import write_card
from simulators.card import TOO_LONG_ATR, WRONG_PROTOCOL_ATR, Presented, set_fault
from simulators.card_file import CardFileError
from simulators.faults import WORDS
from simulators.habits import HABITS
from simulators.other_cards import KINDS
from simulators.plastic import Plastic, other, plastic, social_security
from simulators.vpcd import POWER_OFF, POWER_ON, RESET, Silence
from tests.unit.simulators.chips import CARD, SELECT
from tests.unit.simulators.test_faults import EXAMPLES

UID, ATS = bytes.fromhex("FFCA000000"), bytes.fromhex("FFCA010000")
CARD_ID = bytes.fromhex("00B2012C12")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A generation-3 card."""
    return write_card(tmp_path / "card.json")


def presented(what: object, *, antenna: bool = False, uid: str = "", fault: str = "none") -> Presented:
    """A powered card; its harm events are in `harm`."""
    card = Presented(plastic(str(what)), harm.append, antenna=antenna, uid=uid)
    set_fault(card, fault.split())
    card.line(POWER_ON)
    return card


harm: list[dict[str, object]] = []


@pytest.fixture(autouse=True)
def no_harm_yet() -> None:
    """A fresh list for each test."""
    harm.clear()


def test_at_the_contacts_a_card_is_as_before(file: Path) -> None:
    card = presented(file)
    assert card.atr().hex().upper() == "3B800181"
    assert [card.transmit(apdu) for apdu in (UID, ATS)] == [b"\x6e\x00"] * 2


def test_a_t0_card_offers_t0(tmp_path: Path) -> None:
    assert presented(write_card(tmp_path / "t0.json", habits=["t0"])).atr().hex().upper() == "3B00"


def test_at_the_antenna_it_has_an_atr_from_its_ats_and_a_uid(file: Path) -> None:
    card = presented(file, antenna=True)
    assert card.atr().hex().upper() == "3B858001807380210056"
    uid = card.transmit(UID)
    assert isinstance(uid, bytes) and len(uid) == 6
    assert card.transmit(UID) == uid
    assert card.transmit(ATS) == bytes.fromhex("80738021009000")
    assert card.transmit(bytes.fromhex(SELECT)) == bytes.fromhex("6113")


def test_a_random_uid_changes_when_the_field_does(file: Path) -> None:
    card = presented(file, antenna=True, uid="random")
    first = card.transmit(UID)
    card.line(RESET)
    assert card.transmit(UID) == first
    card.line(POWER_OFF)
    card.line(POWER_ON)
    assert card.transmit(UID) != first


@pytest.mark.parametrize("kind", ["transport", "memory"])
def test_cards_without_contacts_are_at_the_antenna(kind: str) -> None:
    card = presented(f"kind:{kind}")
    assert card.antenna
    answer = card.transmit(UID)
    assert isinstance(answer, bytes) and answer[-2:] == b"\x90\x00"


def test_a_mute_and_an_empty_atr_fail_at_power_up_only(file: Path) -> None:
    for card in (presented(file, fault="mute"), presented("kind:empty-atr")):
        assert [card.atr(), card.atr()][0] == TOO_LONG_ATR
        assert card.atr()


def test_a_protocol_that_cannot_be_offered(file: Path) -> None:
    assert presented(file, fault="wrong-protocol").atr() == WRONG_PROTOCOL_ATR


def test_a_silent_card_answers_a_reset_and_nothing_else() -> None:
    card = presented("kind:silent")
    assert card.atr().hex().upper() == "3B800181"
    assert isinstance(card.transmit(bytes.fromhex(SELECT)), Silence)


@pytest.mark.parametrize("control", [RESET, POWER_OFF])
def test_another_card_lies_there_after_a_reset(file: Path, tmp_path: Path, control: int) -> None:
    other = write_card(tmp_path / "other.json", changes={"01": "44" * 16})
    card = presented(file, fault=f"swap-on-reset {other}")
    card.transmit(bytes.fromhex(SELECT))
    first = card.transmit(CARD_ID)
    card.line(control)
    card.line(POWER_ON)
    card.transmit(bytes.fromhex(SELECT))
    assert card.transmit(CARD_ID) == bytes.fromhex("0110" + "44" * 16 + "9000") != first


def test_a_missing_file_is_said_when_the_fault_is_set(file: Path) -> None:
    with pytest.raises(CardFileError):
        presented(file, fault="swap-on-reset nothing.json")


def test_an_unknown_kind_is_said() -> None:
    with pytest.raises(ValueError, match="bank, transport"):
        plastic("kind:library")


def test_harm_is_told_even_when_a_fault_answers(file: Path) -> None:
    card = presented(file, fault="status 6700 20")
    card.transmit(bytes.fromhex("0020000306323436383130"))
    assert [event["apdu"] for event in harm] == ["0020000306…"]


def test_a_reset_forgets_the_pin(file: Path) -> None:
    card = presented(file)
    verify = bytes.fromhex("0020000306323436383130")
    assert [card.transmit(apdu) for apdu in (bytes.fromhex(SELECT), verify)][1] == b"\x90\x00"
    card.line(RESET)
    assert card.transmit(bytes.fromhex("00200003")) == b"\x6a\x88"


def test_a_slow_card_takes_its_time_by_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("simulators.card.time.sleep", slept.append)
    card = presented(write_card(tmp_path / "slow.json", habits=["slow"]))
    card.transmit(bytes.fromhex(SELECT))
    card.latency_ms = 100
    card.transmit(bytes.fromhex("00200003"))
    assert slept == [pytest.approx((20 + 2) * 0.00125), pytest.approx(0.1 + (4 + 2) * 0.00125)]


def test_jitter_stays_below_its_limit(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("simulators.card.time.sleep", slept.append)
    card = presented(file, fault="latency-jitter 20")
    for _ in range(50):
        card.transmit(CARD_ID)
    assert 0 < min(slept) < max(slept) <= 0.020
    assert len(set(slept)) > 1


CARDS = st.one_of(
    st.builds(other, st.sampled_from(sorted(KINDS))),
    st.builds(lambda habit: social_security(replace(CARD, habits=frozenset({habit}))), st.sampled_from(sorted(HABITS))),
)
FAULTS = st.sampled_from(sorted(set(WORDS) - {"swap-on-reset", "latency-jitter"}))
LINES = st.sampled_from([POWER_OFF, POWER_ON, RESET, 3, 200])


def check_answer(answer: bytes | Silence | None, least: int) -> None:
    """Pulled, silent, or so many bytes at least."""
    assert answer is None or isinstance(answer, Silence) or len(answer) >= least


@given(CARDS, st.booleans(), FAULTS, st.lists(st.one_of(st.binary(max_size=60), LINES), max_size=8))
@settings(max_examples=400, deadline=None)
def test_any_bytes_get_an_answer_or_none_or_silence(
    piece: Plastic, antenna: bool, fault: str, messages: list[bytes | int]
) -> None:
    card = Presented(replace(piece, byte_ms=0), harm.append, antenna=antenna)
    set_fault(card, f"{fault} {EXAMPLES.get(fault, '')}".split())
    with patch("simulators.card.time.sleep"):
        for message in messages:
            if isinstance(message, int):
                card.line(message)
            else:
                check_answer(card.transmit(message), 1 if fault == "no-status-word" else 2)
            assert card.atr()


def test_every_kind_is_in_the_protocol_and_in_the_help() -> None:
    root = Path(__file__).parents[3]
    protocol = (root / "docs" / "protocol.md").read_text(encoding="utf-8")
    program = (root / "simulators" / "__main__.py").read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"`{kind}`" not in protocol] == []
    assert f"card: {', '.join(KINDS)}." in program
