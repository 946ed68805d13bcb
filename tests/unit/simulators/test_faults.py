"""Faults by name: what each does to an answer, and the words that each takes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.faults import EFFECTS, WORDS, parse_fault
from simulators.vpcd import Silence
from tests.unit.simulators.chips import selected

READ, VALUE = bytes.fromhex("00B2032C06"), "0304322E30309000"
EXAMPLES = {
    "remove-after": "2",
    "lift-after": "2",
    "silent-after": "2",
    "garbage-after": "2",
    "status": "6581 B2",
    "flip-bit": "03",
    "swap-on-reset": "card.json",
    "latency-jitter": "5",
}


def answers(words: str, *commands: bytes) -> list[object]:
    """What the reader gets; bytes as hex."""
    fault, chip = parse_fault(words.split()), selected()
    said = [fault.exchange(command, chip.process) for command in commands]
    return [answer.hex().upper() if isinstance(answer, bytes) else answer for answer in said]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("none", VALUE),
        ("6f00", "6F00"),
        ("torn-record", "0304322E9000"),
        ("status 6581 B2", "6581"),
        ("status 6581 20", VALUE),
        ("no-status-word", "0304322E3030"),
        ("long-answer", "0304322E3030" + "00" * 16 + "9000"),
        ("flip-bit 03", "0304332E30309000"),
        ("flip-bit 02", VALUE),
        ("mute", VALUE),
        ("latency-jitter 5", VALUE),
    ],
)
def test_a_fault_spoils_a_record(words: str, answer: str) -> None:
    assert answers(words, READ) == [answer]


def test_faults_that_wait_for_their_turn() -> None:
    assert answers("remove-after 2", READ, READ, READ) == [VALUE, VALUE, None]
    assert answers("lift-after 0", READ) == [None]
    assert answers("silent-after 1", READ, READ) == [VALUE, Silence(3.0)]
    assert answers("silent-after 0 0.5", READ) == [Silence(0.5)]
    first, second = answers("garbage-after 1", READ, READ)
    assert first == VALUE
    assert isinstance(second, str) and len(second) >= 4


def test_a_bit_is_flipped_also_when_the_record_comes_by_get_response() -> None:
    announced, record = answers("flip-bit 03", bytes.fromhex("00B2032C"), bytes.fromhex("00C0000006"))
    assert (announced, record) == ("6106", "0304332E30309000")


def test_a_card_whose_answer_is_only_a_status_word_loses_half_of_it() -> None:
    assert answers("no-status-word", bytes.fromhex("00A4000002EF05")) == ["90"]


@pytest.mark.parametrize(
    "words",
    [
        "dance", "remove-after", "remove-after x", "remove-after -1", "remove-after 1 2", "status 90 B2", "status 9000",
        "status 9000 B2B2", "flip-bit", "flip-bit 3", "silent-after 1 2 3", "latency-jitter nan", "latency-jitter -1",
        "none 1",
    ],
)  # fmt: skip
def test_wrong_words_are_refused(words: str) -> None:
    with pytest.raises(ValueError):
        parse_fault(words.split())


def test_every_fault_is_in_the_protocol_and_can_be_switched_on() -> None:
    protocol = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text(encoding="utf-8")
    for name in WORDS:
        assert parse_fault(f"{name} {EXAMPLES.get(name, '')}".split()).name == name
        assert f"| `{name}" in protocol
    assert set(EFFECTS) < set(WORDS)


@given(st.sampled_from(sorted(WORDS)), st.lists(st.binary(max_size=40), max_size=6))
def test_any_bytes_get_an_answer_or_none_or_silence(name: str, commands: list[bytes]) -> None:
    fault, chip = parse_fault(f"{name} {EXAMPLES.get(name, '')}".split()), selected()
    for command in commands:
        answer = fault.exchange(command, chip.process)
        assert answer is None or isinstance(answer, Silence) or len(answer) >= (1 if name == "no-status-word" else 2)
