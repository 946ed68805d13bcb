"""Whole visits with cards of other kinds: strangers' cards, cards at the antenna, cards that contradict themselves."""

import json
import subprocess
from pathlib import Path

import pytest

from demo.driver import Driver
from demo.parts.process import ROOT
from demo.street import Street
from kiosk.failures import Failure
from kiosk.session import state as s
from tests.parts import visitor, with_card

pytestmark = [pytest.mark.timeout(120), pytest.mark.expected_log("kiosk.(runtime|workers): ")]

STRANGERS = {
    "bank": {Failure.CARD_UNSUPPORTED},
    "transport": {Failure.CARD_UNSUPPORTED},
    "memory": {Failure.CARD_UNSUPPORTED},
    "empty-atr": {Failure.CARD_MUTE, Failure.CARD_UNSUPPORTED},
    "nonsense-atr": {Failure.CARD_PROTOCOL, Failure.CARD_MUTE, Failure.CARD_UNSUPPORTED},
}


@pytest.mark.parametrize("kind", STRANGERS)
def test_a_strangers_card_is_refused_and_unharmed(driver: Driver, street: Street, kind: str) -> None:
    driver.until(s.Welcome, 15)
    before = len(street.card.harm)
    street.card.insert(kind)
    state = driver.until(s.Failed, 30)
    assert isinstance(state.screen, s.Failed)
    assert state.screen.failure in STRANGERS[kind]
    assert state.screen.card is None
    assert len(street.card.harm) == before
    street.card.remove()
    driver.until(s.Welcome, 10)


def test_a_card_that_the_reader_gives_up_leads_home_and_the_next_one_is_served(driver: Driver, street: Street) -> None:
    """With this reader's driver a silent card is gone when it is given up; its failure is in the hardware tests."""
    visit = visitor(driver, street)
    driver.until(s.Welcome, 15)
    before = driver.state.visit
    street.card.insert("silent")
    driver.until(s.Welcome, 30, lambda state: state.visit > before and not state.card_in)
    visit.sign_in()
    visit.leave()


def test_a_visit_with_a_card_at_the_antenna(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street)
    street.card.ask(f"swap {visit.card}")
    street.card.present("contactless", "random")
    visit.sign_in()
    visit.open_record()
    visit.leave()
    street.card.present("contact")


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"0D": "19000101"}, Failure.CARD_CONTRADICTORY),
        ({"08": b"990106198504120015".hex()}, Failure.CARD_CHECK_DIGIT),
        ({"05": "20300101", "06": "20290101"}, Failure.CARD_CONTRADICTORY),
    ],
)  # fmt: skip
def test_a_card_that_can_not_be_true_is_not_trusted(
    driver: Driver, street: Street, tmp_path: Path, changes: dict[str, str], failure: Failure
) -> None:
    visit = with_card(visitor(driver, street), tmp_path / "card.json", **changes)
    driver.until(s.Welcome, 15)
    street.card.insert(visit.card)
    visit.fails_with(failure)
    visit.pull()


def kiosk(*arguments: str) -> subprocess.CompletedProcess[str]:
    """One command of `bin/kiosk`."""
    return subprocess.run([ROOT / "bin/kiosk", *arguments], capture_output=True, text=True, check=False, timeout=60)


def test_a_trace_is_masked_and_replays(driver: Driver, street: Street, tmp_path: Path) -> None:
    """What support gets: no name, no number, and the same card for a test."""
    visit = visitor(driver, street)
    driver.until(s.Welcome, 15)
    street.card.insert(visit.card)
    driver.until(s.PinEntry, 15)
    out = tmp_path / "card.jsonl"
    traced = kiosk("card", "trace", "--reader", street.slot.reader, "--out", str(out))
    assert traced.returncode == 0, traced.stderr
    text, card = out.read_text(encoding="utf-8"), json.loads(visit.card.read_text(encoding="utf-8"))
    assert card["ef06"]["08"].upper() not in text
    assert card["ef06"]["09"].upper().rstrip("0") not in text
    read = kiosk("card", "read", "--from", str(out), "--json")
    assert json.loads(read.stdout)["id_no"].startswith("9901")
    visit.pull()


def test_a_trace_of_an_empty_reader_says_so(driver: Driver, street: Street, tmp_path: Path) -> None:
    driver.until(s.Welcome, 15)
    out = tmp_path / "empty.jsonl"
    traced = kiosk("card", "trace", "--reader", street.slot.reader, "--out", str(out))
    assert "C11 CARD_REMOVED" in traced.stdout
    replayed = kiosk("card", "read", "--from", str(out))
    assert replayed.returncode == 1
    assert replayed.stderr.startswith("The card was taken out")
