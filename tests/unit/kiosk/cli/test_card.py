"""`kiosk card`: the reader by a part of its name, values by name, and a trace that may leave the house."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from smartcard import scard

from card import transcript
from card.apdu import Channel
from card.atr import Atr
from card.errors import CardError, PcscError
from card.failures import CardFailure
from card.replay import RecordedCard
from kiosk.cli import card
from tests.unit.card.ports import ChipPort, chip

CARDS = Path(__file__).resolve().parents[3] / "corpus/cards"
READERS = ["Virtual PCD 00 00", "ACME Reader 01 00"]
OK = scard.SCARD_S_SUCCESS


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """PC/SC with two readers; the contexts that were given back."""
    given: list[int] = []
    monkeypatch.setattr(scard, "SCardEstablishContext", lambda _scope: (OK, 7))
    monkeypatch.setattr(scard, "SCardListReaders", lambda _context, _groups: (OK, READERS))
    monkeypatch.setattr(scard, "SCardReleaseContext", given.append)
    return given


@pytest.mark.parametrize(("part", "name"), [("", READERS[0]), ("ACME", READERS[1]), ("01 00", READERS[1])])
def test_a_reader_is_found_by_a_part_of_its_name(released: list[int], part: str, name: str) -> None:
    assert card.reader_named(part) == name
    assert released == [7]


def test_a_reader_that_is_not_there_is_said_by_what_was_looked_for(released: list[int]) -> None:
    with pytest.raises(PcscError, match="looking for 'Other'") as raised:
        card.reader_named("Other")
    assert raised.value.failure is CardFailure.READER_ABSENT
    assert released == [7]


def test_the_context_is_given_back_when_the_readers_cannot_be_listed(
    released: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scard, "SCardListReaders", lambda *_: (scard.SCARD_E_NO_SERVICE, []))
    with pytest.raises(PcscError) as raised:
        card.reader_named("")
    assert raised.value.failure is CardFailure.PCSC_DOWN
    assert released == [7]


@pytest.mark.parametrize("generation", [2, 3])
def test_a_recorded_card_is_told_flat_by_name(generation: int) -> None:
    values = card.replayed_values(CARDS / f"good-generation-{generation}.jsonl")
    assert values["generation"] == generation
    assert {"name", "id_no", "card_id", "expires", "birth_date"} <= values.keys() and "holder" not in values
    assert all(isinstance(date.fromisoformat(str(values[name])), date) for name in ("birth_date", "expires"))


def test_a_recorded_failure_is_raised_again() -> None:
    with pytest.raises(CardError) as raised:
        card.replayed_values(CARDS / "C18-card-protected.jsonl")
    assert raised.value.failure is CardFailure.CARD_PROTECTED


def port(monkeypatch: pytest.MonkeyPatch, found: Channel | PcscError) -> None:
    """What lies in the reader."""

    @contextmanager
    def opened(_reader: str) -> Iterator[tuple[Channel, Atr | None]]:
        if isinstance(found, PcscError):
            raise found
        yield found, None

    for module in ("kiosk.cli.card.open_port", "card.channel.open_port"):
        monkeypatch.setattr(module, opened)


@pytest.mark.usefixtures("released")
def test_a_trace_names_nobody_and_replays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "card.jsonl"
    port(monkeypatch, ChipPort(chip()))
    real, said = card.read_values("Virtual"), card.trace("Virtual", out)
    assert said.startswith(f"{out}: ") and said.endswith("card read; names and numbers are masked.")
    shown = card.replayed_values(out)
    for name in ("name", "id_no", "card_id", "card_no"):
        assert real[name] and shown[name] != real[name], name
    assert shown["generation"] == real["generation"]


@pytest.mark.usefixtures("released")
def test_a_trace_of_a_card_that_fails_says_where_it_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port(monkeypatch, RecordedCard(transcript.load(CARDS / "C18-card-protected.jsonl")))
    assert "C18 CARD_PROTECTED" in card.trace("", tmp_path / "card.jsonl")
    with pytest.raises(CardError) as raised:
        card.replayed_values(tmp_path / "card.jsonl")
    assert raised.value.failure is CardFailure.CARD_PROTECTED


@pytest.mark.usefixtures("released")
def test_a_trace_of_a_reader_that_refuses_keeps_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port(monkeypatch, PcscError(CardFailure.CARD_MUTE, 0x80100066, "connecting"))
    said = card.trace("", tmp_path / "card.jsonl")
    assert "0 exchanges, C1 CARD_MUTE" in said
    assert transcript.load(tmp_path / "card.jsonl").connect == 0x80100066
