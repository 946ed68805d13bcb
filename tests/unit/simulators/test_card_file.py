"""A card on disk: what it may say, and one sentence for what it may not."""

import json
from pathlib import Path

import pytest

from demo.parts.card_file import write_card
from simulators.card_file import CardFileError, load_card
from simulators.habits import HABITS


def changed(tmp_path: Path, **changes: object) -> Path:
    """A valid card file with some fields changed."""
    path = write_card(tmp_path / "card.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}), encoding="utf-8")
    return path


def test_a_card_without_the_new_fields_is_as_before(tmp_path: Path) -> None:
    card = load_card(write_card(tmp_path / "card.json", generation=2))
    assert (card.habits, card.external_key, card.sm2_private_key, card.sm2_certificate) == (
        frozenset(),
        None,
        None,
        None,
    )


def test_habits_and_keys_are_read(tmp_path: Path) -> None:
    path = changed(
        tmp_path, habits=["t1", "slow"], external_key="00" * 16, sm2_private_key="11" * 32, sm2_certificate="AAAA"
    )
    card = load_card(path)
    assert card.habits == {"t1", "slow"}
    assert (card.external_key, card.sm2_private_key, card.sm2_certificate) == (bytes(16), b"\x11" * 32, bytes(3))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"habits": ["t2"]}, "unknown habit 't2'"),
        ({"habits": ["t0", "t1"]}, "t0 and t1 exclude each other"),
        ({"external_key": "00"}, "external_key has 1 bytes, not 16"),
        ({"cryptogram_cipher": "DES"}, "AES, SM4"),
        ({"sm2_private_key": "zz"}, "not a card file"),
        ({"pin": "12345"}, "not 6 digits"),
        ({"format": "onecard-card/9"}, "has format"),
        ({"ef05": None}, "not a card file"),
    ],
)
def test_a_wrong_card_file_is_named(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    with pytest.raises(CardFileError, match=words):
        load_card(changed(tmp_path, **changes))


def test_every_habit_is_in_the_protocol() -> None:
    protocol = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text(encoding="utf-8")
    assert [f"| `{name}` | {meaning} |" in protocol for name, meaning in HABITS.items()] == [True] * len(HABITS)
