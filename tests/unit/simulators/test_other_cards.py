"""Other people's cards: each answers as its kind does, to any bytes, and none accepts our application."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.other_cards import KINDS, PAN, OtherCard
from tests.unit.simulators.chips import SELECT

COMMANDS = st.one_of(
    st.binary(max_size=300),
    st.builds(
        lambda cla, ins, rest: bytes([cla, ins]) + rest,
        st.sampled_from([0x00, 0x80, 0xA0, 0xFF]),
        st.sampled_from([0xA4, 0xB2, 0xC0, 0x20]),
        st.binary(max_size=30),
    ),
    st.sampled_from([bytes.fromhex("00A4040008A000000333010101"), bytes.fromhex("A0A40000023F00")]),
)


def send(kind: str, *apdus: str) -> list[str]:
    """Answers in hex of a fresh card of this kind."""
    card = OtherCard(KINDS[kind].answer)
    return [card.process(bytes.fromhex(apdu)).hex().upper() for apdu in apdus]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("bank", "6A82"), ("transport", "6A82"), ("sim", "6E00"), ("memory", "6D00"), ("nonsense-atr", "6D00")],
)
def test_none_is_ours(kind: str, answer: str) -> None:
    assert send(kind, SELECT) == [answer]


def whole(card: OtherCard, apdu: str) -> str:
    """The answer as a reader at T=0 gets it: 61xx is fetched, 6Cxx sent again."""
    answer = card.process(bytes.fromhex(apdu))
    if answer[-2] == 0x61:
        return whole(card, f"00C00000{answer[-1]:02X}")
    return whole(card, apdu[:8] + f"{answer[-1]:02X}") if answer[-2] == 0x6C else answer.hex().upper()


def test_a_bank_card_can_be_read_by_those_who_may() -> None:
    card = OtherCard(KINDS["bank"].answer)
    assert whole(card, "00A404000E315041592E5359532E4444463031").startswith("6F")
    assert "A000000333010101" in whole(card, "00B2010C00")
    assert whole(card, "00A4040008A000000333010101").endswith("9000")
    assert PAN in whole(card, "00B2010C00")
    assert whole(card, "00B2020C00") == "6A83"


def test_a_bank_card_counts_wrong_pins() -> None:
    answers = send("bank", "00A4040008A000000333010101", *["0020008008241234FFFFFFFFFF"] * 4)
    assert answers[1:] == ["63C2", "63C1", "6983", "6983"]


def test_a_transport_card_has_its_application() -> None:
    assert send("transport", "00A4040008A000000632010105")[0].startswith("61")


def test_a_sim_speaks_class_a0() -> None:
    assert send("sim", "A0A40000023F00", "A0C0000016")[1].endswith("9000")
    assert send("sim", "A0A40000021234") == ["9404"]
    assert send("sim", *["A020000108" + "FF" * 8] * 3) == ["9804", "9804", "9840"]


def test_a_storage_card_has_no_commands() -> None:
    assert send("memory", "FFB0000410", "00B0000010") == ["6A81", "6D00"]


@pytest.mark.parametrize("kind", KINDS)
@given(commands=st.lists(COMMANDS, max_size=12))
@settings(max_examples=200, deadline=None)
def test_any_bytes_get_a_status_word(kind: str, commands: list[bytes]) -> None:
    card = OtherCard(KINDS[kind].answer)
    for command in commands:
        answer = card.process(command)
        assert len(answer) >= 2
        assert answer[-2] & 0xF0 in (0x60, 0x90)
