"""A slice of the fuzz run (`python -m benchmarks.fuzz_cards`), and that the run would find what it looks for."""

from collections import Counter

import pytest

from benchmarks import card_oracle, fuzz_cards
from benchmarks.fuzz_material import cards
from card import id_number
from tests.unit.card.records_of import GOOD

RECORDS = {tag: bytes([tag, len(value)]) + value for tag, value in GOOD.items()}
SLICE = 20_000


@pytest.mark.parametrize("chunk", range(SLICE // fuzz_cards.CHUNK))
def test_fuzzed_cards(chunk: int) -> None:
    tally = fuzz_cards.run_chunk((7, chunk))
    assert tally.findings == []
    assert sum(tally.outcomes.values()) == fuzz_cards.CHUNK
    assert min(tally.outcomes[name] for name in ("accepted", "TornRecord", "ContradictoryCard", "WrongCheckDigit")) > 50


def test_the_same_chunk_is_the_same_cards() -> None:
    assert list(cards(3, 1, 50)) == list(cards(3, 1, 50)) != list(cards(3, 2, 50))


def test_the_oracle_knows_a_good_card() -> None:
    assert card_oracle.judge(RECORDS) == card_oracle.Expected(
        "990106198504120014", "1985-04-12", "1", "01", "990106", 3, converted=False
    )


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (0x01, b"\x44" * 16), (0x08, b"990106198504120015"), (0x08, b"990106198504120022"), (0x0A, b"2"),
        (0x0D, bytes.fromhex("19850413")), (0x06, bytes.fromhex("20150301")), (0x09, "王\u202e三".encode("gb18030")),
        (0x0D, bytes.fromhex("19850230")), (0x09, b"\xcd"),
    ],
)  # fmt: skip
def test_the_oracle_refuses(tag: int, value: bytes) -> None:
    with pytest.raises(card_oracle.Refuse):
        card_oracle.judge({**RECORDS, tag: bytes([tag, len(value)]) + value})


def test_a_decoder_that_checks_no_digit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(id_number, "calc_check_digit", lambda number: number[-1])
    found = Counter(what.split(":")[0] for what, _ in fuzz_cards.run_chunk((7, 0)).findings)
    assert found["wrong accept"] > 50


def test_a_crash_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(id_number, "CENTURY", None)
    assert any(what.startswith("crash") or "refusal" in what for what, _ in fuzz_cards.run_chunk((7, 0)).findings)
