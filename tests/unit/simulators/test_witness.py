"""The witness: every command that could harm a card is told, a visit's own commands are not, no PIN is repeated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.card_os import INSTRUCTIONS, Chip
from simulators.other_cards import KINDS, OtherCard
from simulators.witness import ON_OUR_CARD, Witness
from tests.unit.simulators.chips import SELECT, chip_with, selected

BANK, PSE = "00A4040008A000000333010101", "00A404000E315041592E5359532E4444463031"
VERIFY, CHANGE = "0020000306323436383130", "002400030C323436383130313335373930"


def told(chip: Chip | OtherCard, *apdus: str) -> list[dict[str, object]]:
    """What the witness says of these commands."""
    events: list[dict[str, object]] = []
    witness = Witness(events.append)
    for apdu in apdus:
        witness.see(bytes.fromhex(apdu), chip)
        chip.process(bytes.fromhex(apdu))
    return events


def test_a_whole_visit_is_harmless() -> None:
    reading = [SELECT, "00C0000013", "00B2032C06", "00B2013414", "00A4000002EF05", "00200003"]
    proving = [VERIFY, "0084000008", "0088000108" + "11" * 8, CHANGE, "0084000008", "0082000208" + "11" * 8]
    assert told(chip_with(), *reading, *proving) == []


@pytest.mark.parametrize("apdu", [VERIFY, "00200003", CHANGE, "0082000208" + "11" * 8, "A020000108" + "FF" * 8])
def test_a_secret_before_the_application_is_told(apdu: str) -> None:
    (event,) = told(chip_with(), apdu)
    assert "before the social-security application was selected" in str(event["why"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_pin_on_another_card_is_told(kind: str) -> None:
    assert len(told(OtherCard(KINDS[kind].answer), SELECT, VERIFY)) == 1


@pytest.mark.parametrize(
    "apdu", ["002C000306323436383130", "00D6000001AA", "00DC010401AA", "000E0000", "00DA000001AA", "FFD6000401AA"]
)
def test_what_changes_a_card_is_told_even_on_ours(apdu: str) -> None:
    (event,) = told(selected(), apdu)
    assert str(event["why"]).endswith("changes a card.")


@pytest.mark.parametrize("name", [BANK, PSE, "00A404000E325041592E5359532E4444463031", "00A4040007A0000000031010"])
def test_a_bank_application_is_told_on_any_card(name: str) -> None:
    assert [event["why"] for event in told(chip_with(), name)] == ["SELECT of a bank application."]


def test_every_read_of_a_bank_application_is_told_until_another_is_selected() -> None:
    whys = [event["why"] for event in told(chip_with(), BANK, "00B2010C00", "80CA9F7900", SELECT, "00B2013414")]
    assert whys == ["SELECT of a bank application."] + ["READ from a bank application."] * 2


def test_a_reset_leaves_the_bank_application() -> None:
    events: list[dict[str, object]] = []
    witness, chip = Witness(events.append), chip_with()
    witness.see(bytes.fromhex(BANK), chip)
    witness.reset()
    witness.see(bytes.fromhex("00B2010C00"), chip)
    assert len(events) == 1


def test_the_last_try_is_told_and_the_query_is_not() -> None:
    chip = selected(tries=1)
    assert told(chip, "00200003") == []
    (event,) = told(chip, VERIFY)
    assert "last try" in str(event["why"])


@given(st.sampled_from(["0020000306", "0020000006", "002400030C", "002C00030C"]), st.binary(min_size=6, max_size=12))
def test_a_pin_is_never_repeated(header: str, pin: bytes) -> None:
    (event,) = told(OtherCard(KINDS["bank"].answer), header + pin.hex())
    assert event["apdu"] == header + "…"


@given(st.binary(max_size=60))
def test_any_bytes_are_witnessed_and_reading_is_free(raw: bytes) -> None:
    harmless = len(raw) < 2 or raw[1] in set(INSTRUCTIONS) - set(ON_OUR_CARD) - {0xA4, 0x2C}
    assert not (harmless and told(chip_with(), raw.hex()))
