"""Files of the chip: what public code sends to real cards, and how each habit answers it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.apdu import parse_apdu
from simulators.card_os import INSTRUCTIONS
from simulators.habits import HABITS
from tests.unit.simulators.chips import EF05, EF06, SELECT, chip_with, selected, send

ID = "0812" + EF06[8].hex().upper()
VERSION = "0304" + EF05[3].hex().upper()
CARD_ID = "0110" + EF05[1].hex().upper()


def test_the_application_answers_as_t0_cards_do() -> None:
    chip = chip_with()
    assert send(chip, SELECT) == "6113"
    assert send(chip, "00C0000013") == "6F11840F7378312E73682EC9E7BBE1B1A3D5CF9000"
    assert send(chip, "00C0000013") == "6985"
    assert send(chip, "00A4040004DEADBEEF") == "6A82"


@pytest.mark.parametrize(
    ("apdus", "answer"),
    [
        (["00A4000002EF06", "00B2010414"], ID),
        (["00A4020002EF06", "00B2010414"], ID),
        (["00B2013414"], ID),
        (["00B2032C06"], VERSION),
        (["00B2072C0B"], "0709" + EF05[7].hex().upper()),
    ],
)
def test_records_are_read_as_public_code_does(apdus: list[str], answer: str) -> None:
    assert send(selected(), *apdus) == answer + "9000"


def test_a_wrong_le_is_told_the_right_one_as_before() -> None:
    chip = selected()
    assert send(chip, "00B2013400") == "6C14"
    assert send(chip, "00B20134") == "6114"
    assert send(chip, "00C0000010") == "6C14"
    assert send(chip, "00C0000014") == ID + "9000"


def test_response_data_lives_until_the_next_command() -> None:
    assert send(selected(), "00B20134", "00A4000002EF05", "00C0000014") == "6985"


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("00B2003414", "6A83"),
        ("00B2073414", "6A83"),
        ("00B2013514", "6A86"),
        ("00B2014414", "6A82"),
        ("00B20104", "6986"),
    ],
)
def test_a_record_that_is_not_there_is_named(apdu: str, answer: str) -> None:
    assert send(selected(), apdu) == answer


def test_nothing_is_read_before_the_application_is_selected() -> None:
    assert send(chip_with(), "00B2013414") == "6982"
    assert send(chip_with(certificate=b"x"), "00B0950000") == "6982"
    assert send(chip_with(), "00A4000002EF05") == "6A82"


HABIT_ANSWERS = [
    ("select-p1-02-only", ["00A4000002EF05"], "6A86"),
    ("select-p1-02-only", ["00A4020002EF05", "00B2030406"], VERSION + "9000"),
    ("select-p1-04", ["00A4040002EF05", "00B2030406"], VERSION + "9000"),
    ("select-p1-04", ["00A4020002EF05"], "6A86"),
    ("no-le-in-select", [SELECT + "00"], "6700"),
    ("no-fci", [SELECT], "9000"),
    ("ef-fci", ["00A4000002EF05", "00C0000006"], "6F048302EF059000"),
    ("ef-fci", ["00A4000002EF05", "00B2030406"], VERSION + "9000"),
    ("select-6283", [SELECT], "6283"),
    ("select-6283", ["00B2032C06"], VERSION + "9000"),
    ("select-6283", ["0020000306323436383130"], "6985"),
    ("no-short-ids", ["00B2032C06"], "6A82"),
    ("no-short-ids", ["00A4000002EF05", "00B2030406"], VERSION + "9000"),
    ("short-ids-only", ["00A4000002EF05"], "6A81"),
    ("short-ids-only", ["00B2032C06"], VERSION + "9000"),
    ("t0", ["00B2032C00"], "6C06"),
    ("t1", [SELECT], "9000"),
    ("t1", [SELECT + "00"], "6F11840F7378312E73682EC9E7BBE1B1A3D5CF9000"),
    ("t1", ["00B2032C00"], VERSION + "9000"),
    ("t1", ["00B2032C07"], "6C06"),
    ("t1", ["00B2032C"], "6700"),
    ("wrong-le-6700", ["00B2032C07"], "6700"),
    ("le-too-long-warns", ["00B2032C07"], VERSION + "6282"),
    ("le-too-long-warns", ["00B2032C05"], "6C06"),
    ("chained-responses", ["00B2013414"], ID[:32] + "6104"),
    ("chained-responses", ["00B2013414", "00C0000004"], ID[32:] + "9000"),
    ("chained-responses", ["00B20134", "00C0000004"], ID[:8] + "6110"),
    ("extended-length", ["00B2032C000006"], VERSION + "9000"),
    ("padded-records", ["00B2032C30"], VERSION + "FF" * 42 + "9000"),
    ("padded-records-nul", ["00B2032C30"], VERSION + "00" * 42 + "9000"),
    ("padded-records", ["00B2032C06"], "6C30"),
    ("records-need-pin", ["00B2013414"], "6982"),
    ("records-need-pin", ["0020000306323436383130", "00B2013414"], ID + "9000"),
]


@pytest.mark.parametrize(("habit", "apdus", "answer"), HABIT_ANSWERS)
def test_a_habit_changes_the_answer(habit: str, apdus: list[str], answer: str) -> None:
    chip = selected(habit)
    assert send(chip, *apdus) == answer


def test_a_bank_application_beside_ours_is_another_world() -> None:
    chip = selected("bank-beside")
    assert send(chip, "00B2032C06") == VERSION + "9000"
    assert send(chip, "00A4040008A000000333010101") == "611D"
    assert not chip.application
    assert send(chip, "00B2032C06") == "6A83"
    assert send(chip, "0020000306323436383130") == "63C2"
    assert send(chip, SELECT, "00B2032C06") == VERSION + "9000"
    assert chip.tries_left == 3
    assert send(selected(), "00A4040008A000000333010101") == "6A82"


def test_a_name_takes_three_blocks_from_a_card_that_chains() -> None:
    chip = selected("chained-responses", "padded-records")
    assert send(chip, "00B2023430")[-4:] == "6120"
    assert send(chip, "00C0000010")[-4:] == "6110"
    assert send(chip, "00C0000000")[-4:] == "9000"
    assert send(chip, "00C0000010") == "6985"


def test_the_certificates_are_read_in_blocks_and_by_short_id() -> None:
    chip = selected(certificate=bytes(range(200)), sm2_certificate=b"sm2")
    assert send(chip, "00A4000002EF15", "00B0000004") == "000102039000"
    assert send(chip, "00B000C000") == bytes(range(192, 200)).hex().upper() + "6282"
    assert send(chip, "00B000C800") == "6B00"
    assert send(chip, "00A4000002EF16", "00B0000003") == b"sm2".hex().upper() + "9000"
    assert send(chip, "00B0950A02") == "0A0B9000"
    assert send(chip, "00B0960003") == b"sm2".hex().upper() + "9000"
    assert send(chip, "00B0970003") == "6A82"


def test_a_card_without_certificates_has_no_such_files() -> None:
    assert send(selected(), "00A4000002EF15") == "6A82"
    assert send(selected(), "00B0960003") == "6A82"
    assert send(selected(), "00A4000002EF05", "00B0000003") == "6986"


def test_an_extended_le_reads_a_whole_certificate() -> None:
    chip = selected("extended-length", "t1", certificate=bytes(1000))
    assert send(chip, "00A4000002EF15", "00B000000003E8") == "00" * 1000 + "9000"
    assert send(chip, "00B00000000000") == "00" * 1000 + "6282"


def encoded(data: bytes, le: int | None, width: int) -> bytes:
    """A command APDU in short (width 1) or extended form (2)."""
    prefix = b"\0" if width == 2 and (data or le is not None) else b""
    lc = len(data).to_bytes(width, "big") if data else b""
    return b"\x00\xb2\x01\x04" + prefix + lc + data + (b"" if le is None else le.to_bytes(width, "big"))


@given(st.binary(max_size=255), st.none() | st.integers(0, 255), st.sampled_from([1, 2]))
def test_an_apdu_is_taken_apart_into_what_went_in(data: bytes, le: int | None, width: int) -> None:
    apdu = parse_apdu(encoded(data, le, width), extended=width == 2)
    assert apdu is not None
    assert (apdu.cla, apdu.ins, apdu.p1p2, apdu.data, apdu.le) == (0, 0xB2, 0x0104, data, le)


@pytest.mark.parametrize("raw", ["", "00B201", "00B2010405AA", "00B2010401AABBCC", "00B20104000006"])
def test_lengths_that_do_not_fit_are_refused(raw: str) -> None:
    assert parse_apdu(bytes.fromhex(raw)) is None


COMMANDS = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda ins, rest: bytes([0, ins]) + rest, st.sampled_from([0xC0, *INSTRUCTIONS]), st.binary(max_size=40)),
    st.sampled_from([bytes.fromhex(SELECT), bytes.fromhex("0020000306323436383130"), bytes.fromhex("0084000008")]),
)


@given(st.lists(COMMANDS, max_size=12), st.sets(st.sampled_from(sorted(HABITS))))
@settings(max_examples=800, deadline=None)
def test_any_bytes_get_a_status_word(commands: list[bytes], habits: set[str]) -> None:
    chip = chip_with(*habits, certificate=bytes(300), sm2_certificate=b"")
    for command in commands:
        answer = chip.process(command)
        assert len(answer) >= 2
        assert answer[-2] in (0x61, 0x62, 0x63, 0x67, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x90)
