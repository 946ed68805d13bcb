"""The PIN: what spends a try, what doesn't, and how habits word it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.simulators.chips import chip_with, selected, send, verified

RIGHT, WRONG = "0020000306" + b"246810".hex(), "0020000306" + b"000000".hex()


def change(old: bytes, new: bytes) -> str:
    """CHANGE REFERENCE DATA."""
    return f"00240003{len(old + new):02X}{(old + new).hex()}"


def test_wrong_pins_count_down_and_block() -> None:
    chip = selected()
    assert [send(chip, WRONG) for _ in range(4)] == ["63C2", "63C1", "6983", "6983"]
    assert send(chip, RIGHT) == "6983"
    assert chip.tries_left == 0


def test_the_right_pin_fills_the_counter_and_a_reset_forgets_it() -> None:
    chip = selected()
    assert [send(chip, apdu) for apdu in (WRONG, RIGHT, "00200003")] == ["63C2", "9000", "9000"]
    assert chip.tries_left == 3
    chip.reset()
    assert send(chip, "00200003") == "6A88"
    assert send(selected(), "00200003") == "63C3"


def test_tries_survive_a_reset() -> None:
    chip = selected()
    send(chip, WRONG)
    chip.reset()
    assert chip.tries_left == 2


@pytest.mark.parametrize(
    ("habit", "answers"),
    [
        ("blocked-says-63c0", ["63C2", "63C1", "63C0", "6983"]),
        ("blocked-says-6984", ["63C2", "63C1", "6984", "6984"]),
        ("no-tries-query", ["63C2", "63C1", "6983", "6983"]),
    ],
)
def test_makers_word_a_blocked_pin_differently(habit: str, answers: list[str]) -> None:
    chip = selected(habit)
    assert [send(chip, WRONG) for _ in range(4)] == answers


def test_a_card_without_a_tries_query_spends_nothing_on_it() -> None:
    chip = selected("no-tries-query")
    assert send(chip, "00200003") == "6700"
    assert chip.tries_left == 3


def test_a_bcd_card_wants_three_bytes_and_spends_nothing_on_others() -> None:
    chip = selected("bcd-pin")
    assert [send(chip, apdu) for apdu in (RIGHT, WRONG)] == ["6700", "6700"]
    assert chip.tries_left == 3
    assert send(chip, "0020000303000000") == "63C2"
    assert send(chip, "0020000303246810") == "9000"


def test_a_changed_pin_is_the_pin() -> None:
    chip = selected()
    assert send(chip, change(b"246810", b"135790")) == "9000"
    assert send(chip, RIGHT) == "63C2"
    assert send(chip, "0020000306" + b"135790".hex()) == "9000"


def test_a_changed_pin_survives_a_reset() -> None:
    chip = selected()
    send(chip, change(b"246810", b"135790"))
    chip.reset()
    assert send(chip, "00A404000F7378312E73682EC9E7BBE1B1A3D5CF", "0020000306" + b"135790".hex()) == "9000"


def test_a_wrong_old_pin_counts_a_try() -> None:
    chip = verified()
    assert [send(chip, change(b"000000", b"135790")) for _ in range(3)] == ["63C2", "63C1", "6983"]
    assert send(chip, change(b"246810", b"135790")) == "6983"


def test_a_wrong_old_pin_ends_what_the_right_one_opened() -> None:
    chip = verified()
    assert send(chip, change(b"000000", b"135790"), "00200003") == "63C2"


@pytest.mark.parametrize("new", [b"", b"12345", b"1234567", b"12345a", b"\xff" * 6])
def test_a_malformed_new_pin_spends_nothing(new: bytes) -> None:
    chip = selected()
    assert send(chip, change(b"246810", new)) == "6A80"
    assert chip.tries_left == 3


def test_a_bcd_pin_is_changed_in_bcd() -> None:
    chip = selected("bcd-pin")
    assert send(chip, change(b"246810", b"135790")) == "6700"
    assert send(chip, "002400030624681013579A") == "6A80"
    assert send(chip, "0024000306246810135790") == "9000"
    assert send(chip, "0020000303135790") == "9000"


@given(st.binary(max_size=40))
def test_unblocking_is_always_refused(data: bytes) -> None:
    chip = selected(tries=1)
    send(chip, WRONG)
    assert send(chip, f"002C0003{len(data):02X}{data.hex()}") == "6982"
    assert chip.tries_left == 0


def test_the_pin_belongs_to_the_application() -> None:
    assert send(chip_with(), RIGHT) == "6A88"
    assert send(selected(), "0020000106" + b"246810".hex()) == "6A88"
    assert send(selected(), "002401030C" + b"246810135790".hex()) == "6A86"
