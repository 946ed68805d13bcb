"""Waiting for a repair, coming back to it, a forgotten card, another PIN: each on the real parts."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.checks import leaks, live_tokens
from demo.driver import Driver
from demo.parts.process import ROOT, environment
from demo.street import Street
from demo.visits import Visit
from kiosk.failures import Failure
from kiosk.session import state as s
from tests.parts import calm, visitor

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.expected_log("kiosk.(runtime|workers): |token not revoked|printing."),
]


def wait_for_paper(visit: Visit) -> None:
    """Sign in, lose a slip to an empty roll, and wait for the attendant."""
    visit.sign_in()
    visit.open_record()
    visit.ask_paper()
    visit.street.thermal.ask("out-after 400")
    visit.driver.touch("paper_slip")
    state = visit.driver.until(s.Done, 30)
    assert isinstance(state.screen, s.Done)
    assert state.screen.ended[0].failure is Failure.SLIP_PAPER_OUT
    visit.driver.touch("wait")
    visit.driver.until(s.AwaitingRepair, 5)


def steps(driver: Driver) -> list[str]:
    """The journal's ends, oldest first."""
    driver.terminal.runtime.settle()
    return [entry.step.value for entry in driver.terminal.journal.entries()]


def test_the_same_card_goes_on_when_the_paper_is_back(driver: Driver, street: Street) -> None:
    visit, before, whole = visitor(driver, street), len(steps(driver)), len(street.thermal.slips)
    wait_for_paper(visit)
    street.thermal.ask("paper ok")
    state = driver.until(s.Done, 40)
    assert isinstance(state.screen, s.Done)
    assert [(end.medium.value, end.failure) for end in state.screen.ended] == [("slip", None)]
    visit.leave()
    assert steps(driver)[before:] == ["voided", "confirmed"]
    assert [slip["complete"] for slip in street.thermal.slips[whole:]] == [False, True]
    assert driver.terminal.journal.verify() == []


def test_the_same_card_finds_its_place_again_after_the_pin(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street)
    wait_for_paper(visit)
    visit.pull()
    driver.terminal.runtime.settle()
    state = driver.state
    assert state == s.State(
        screen=s.Welcome(), paper=state.paper, visit=state.visit, now=state.now, deadline=state.deadline
    )
    assert live_tokens(visit) == 0
    assert leaks(visit) == []
    street.thermal.ask("paper ok")
    visit.begin()
    driver.enter_pin(visit.pin)
    driver.until(s.ChoosePaper, 20, lambda state: state.paper.slip is None)
    driver.touch("paper_slip")
    state = driver.until(s.Done, 30)
    assert isinstance(state.screen, s.Done)
    assert state.screen.ended[0].failure is None
    visit.leave()
    visit.sign_in()  # the place was taken once
    visit.leave()


def test_another_card_drops_the_place(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street)
    wait_for_paper(visit)
    visit.pull()
    street.thermal.ask("paper ok")
    other = visitor(driver, street, 128)
    other.sign_in()
    other.leave()
    visit.sign_in()
    visit.leave()


def test_the_visits_were_recorded_and_replay(driver: Driver, street: Street, tmp_path: Path) -> None:
    visit = visitor(driver, street)
    wait_for_paper(visit)
    visit.pull()
    newest = sorted((street.data / "visits").glob("*.jsonl"))[-1]
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "replay", str(newest), "--out", str(tmp_path)],
        cwd=ROOT, env=environment({"QT_QPA_PLATFORM": "offscreen"}), capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "The same screens as recorded.\n"), done.stderr
    pictures = [path.stem.split("-")[1] for path in sorted(tmp_path.glob("*.png"))]
    assert pictures[0] == "reading" and pictures[-2:] == ["awaitingrepair", "welcome"]


@pytest.fixture
def impatient(street: Street, qapp: object) -> Iterator[Driver]:
    """A terminal that gives up on a card within seconds."""
    del qapp
    calm(street)
    street.pcscd.start()
    path = street.folder / "impatient.toml"
    times = "[timing]\nreminder = 1\nforgotten = 2\nforgotten_reminder = 1\nforgotten_report = 3\n"
    path.write_text(street.config_path.read_text(encoding="utf-8") + times, encoding="utf-8")
    hands = Driver(path)
    yield hands
    calm(street)
    hands.stop()


def test_a_forgotten_card_shows_nothing_and_is_reported(
    impatient: Driver, street: Street, caplog: pytest.LogCaptureFixture
) -> None:
    visit = visitor(impatient, street)
    visit.sign_in()
    visit.open_record()
    impatient.touch("end")
    impatient.until(s.TakeCard, 5)
    impatient.until(s.CardForgotten, 10, lambda state: getattr(state.screen, "reported", False))
    impatient.terminal.runtime.settle()
    assert live_tokens(visit) == 0
    assert "CARD_FORGOTTEN (T5)" in caplog.text
    impatient.touch("card_forgotten")
    impatient.until(s.TakeCard, 5)
    visit.pull()
    visit.sign_in()
    visit.leave()


def test_a_wrong_old_pin_costs_one_try_and_begins_again(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street)
    visit.sign_in()
    driver.touch("change_pin")
    driver.enter_pin("000001")
    for _ in range(2):
        driver.until(s.ChangePin, 5, lambda state: getattr(state.screen, "length", 6) == 0)
        driver.enter_pin("135791")
    state = driver.until(s.ChangePin, 10, lambda state: getattr(state.screen, "tries_left", None) is not None)
    assert isinstance(state.screen, s.ChangePin)
    assert state.screen.tries_left == 2
    visit.pull()
    assert street.card.ask("status")["tries_left"] == 2
