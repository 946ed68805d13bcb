"""The bad input of the street, each on the real parts: the holder's sentence, the cause in the log, nothing lost."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.checks import live_tokens
from demo.driver import Driver
from demo.parts.card_file import write_card
from demo.street import Street
from demo.visits import Visit
from kiosk.failures import Failure
from kiosk.session import state as s
from tests.parts import visitor, with_card

pytestmark = pytest.mark.timeout(120)
CARD_WARNING = pytest.mark.expected_log("kiosk.(runtime|workers): (CARD|PIN)_")
CENTRAL_WARNING = pytest.mark.expected_log("kiosk.(runtime|workers): |token not revoked")
NOT_GBK = "81FF81FF".ljust(60, "0")


def insert(visit: Visit) -> None:
    """Put the card in while the terminal waits."""
    visit.driver.until(s.Welcome, 15)
    visit.street.card.insert(visit.card)


CARDS: dict[str, tuple[dict[str, str | None], Failure]] = {
    "torn-id": ({"08": "39393031"}, Failure.CARD_TORN_RECORD),
    "empty-name": ({"09": "FF" * 30}, Failure.CARD_EMPTY_RECORD),
    "missing-name": ({"09": None}, Failure.CARD_EMPTY_RECORD),
    "not-gbk": ({"09": NOT_GBK}, Failure.CARD_NOT_GBK),
    "impossible-date": ({"0D": "19851399"}, Failure.CARD_TORN_RECORD),
    "expired": ({"05": "20100301", "06": "20200301"}, Failure.CARD_EXPIRED),
    "generation-1": ({"03": "312E3030"}, Failure.CARD_UNSUPPORTED),
    "real-person": (
        {"08": b"11010519491231002X".hex(), "0A": "32", "0D": "19491231"},
        Failure.CARD_NOT_ACCEPTED_HERE,
    ),  # the example of GB 11643
}


@pytest.mark.expected_log("kiosk.(runtime|workers): CARD_|screen")
@pytest.mark.parametrize("name", CARDS)
def test_a_bad_card_is_named(
    driver: Driver, street: Street, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    changes, failure = CARDS[name]
    visit = with_card(visitor(driver, street), tmp_path / "bad.json", **changes)
    insert(visit)
    visit.fails_with(failure)
    assert failure.name in caplog.text
    assert not re.search(r"(?<!\d)990\d{14}[\dX]", caplog.text)
    visit.pull()


FAULTS = {
    "mute": Failure.CARD_MUTE,
    "torn-record": Failure.CARD_TORN_RECORD,
    "6f00": Failure.CARD_COMMUNICATION,
}


@CARD_WARNING
@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_card_is_named(driver: Driver, street: Street, fault: str) -> None:
    visit = visitor(driver, street)
    street.card.ask(f"swap {visit.card}")
    street.card.ask(f"fault {fault}")
    driver.until(s.Welcome, 15)
    street.card.insert()
    visit.fails_with(FAULTS[fault])
    street.card.ask("fault none")
    visit.pull()
    visit.sign_in()
    visit.leave()


@CARD_WARNING
@pytest.mark.parametrize("apdus", [0, 3, 6, 9])
def test_a_card_pulled_in_mid_read_leads_home(driver: Driver, street: Street, apdus: int) -> None:
    visit = visitor(driver, street)
    driver.until(s.Welcome, 15)
    street.card.ask(f"swap {visit.card}")
    street.card.ask(f"fault remove-after {apdus}")
    street.card.ask("insert")
    driver.until(s.Welcome, 10, lambda state: state.visit > 0 and not state.card_in)
    street.card.ask("fault none")
    visit.sign_in()
    visit.leave()


@CARD_WARNING
def test_a_blocked_pin_is_explained(driver: Driver, street: Street, tmp_path: Path) -> None:
    visit = visitor(driver, street)
    blocked = tmp_path / "blocked.json"
    blocked.write_text(visit.card.read_text(encoding="utf-8").replace('"tries": 3', '"tries": 0'), encoding="utf-8")
    driver.until(s.Welcome, 15)
    street.card.insert(blocked)
    driver.until(s.PinEntry, 10)
    driver.enter_pin("123456")
    visit.fails_with(Failure.PIN_BLOCKED)
    visit.pull()


def signing_in_fails(visit: Visit, failure: Failure) -> None:
    """PIN right, central wrong: the failure, and no token left."""
    visit.begin()
    visit.driver.enter_pin(visit.pin)
    visit.fails_with(failure)
    visit.pull()
    visit.driver.terminal.runtime.settle()


CENTRALS = {
    "down": Failure.CENTRAL_UNREACHABLE,
    "slow 7": Failure.CENTRAL_SLOW,
    "nonsense": Failure.CENTRAL_NONSENSE,
    "wrong-json": Failure.CENTRAL_NONSENSE,
    "clock 3600": Failure.CENTRAL_CLOCK,
    "clock -3600": Failure.CENTRAL_CLOCK,
    "status 503": Failure.CENTRAL_BUSY,
    "status 418": Failure.CENTRAL_NONSENSE,
}


@CENTRAL_WARNING
@pytest.mark.parametrize("mode", CENTRALS)
def test_a_bad_central_is_named_and_nothing_is_lost(driver: Driver, street: Street, mode: str) -> None:
    visit = visitor(driver, street)
    driver.until(s.Welcome, 15)
    street.proxy.ask(mode)
    signing_in_fails(visit, CENTRALS[mode])
    street.proxy.ask("ok")
    visit.sign_in()
    visit.leave()


@CENTRAL_WARNING
def test_a_lost_card_is_refused(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street, 77)
    street.central.run("lost", "--person", "77")
    signing_in_fails(visit, Failure.SIGN_IN_REFUSED)


@CENTRAL_WARNING
def test_central_lost_while_the_record_is_fetched(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street)
    visit.sign_in()
    street.proxy.ask("down")
    driver.touch("service_contributions")
    visit.fails_with(Failure.CENTRAL_UNREACHABLE)
    street.proxy.ask("ok")
    driver.touch("home")
    driver.until(s.Menu, 5)
    visit.open_record()
    visit.leave()


def printing(visit: Visit, target: str) -> s.Printed:
    """Ask for one paper and give its end."""
    visit.driver.touch(target)
    state = visit.driver.until(s.Done, 60)
    assert isinstance(state.screen, s.Done)
    return state.screen.ended[0]


def ready_to_print(visit: Visit) -> None:
    """Signed in, record open, paper about to be chosen."""
    visit.sign_in()
    visit.open_record()
    visit.ask_paper()


Trouble = Callable[[Street], object]
PAPERS: dict[str, tuple[Trouble, str, Failure]] = {
    "slip-out-mid-print": (lambda street: street.thermal.ask("out-after 300"), "paper_slip", Failure.SLIP_PAPER_OUT),
    "slip-cut-off": (lambda street: street.thermal.ask("cut-off-after 900"), "paper_slip", Failure.PRINT_UNKNOWN),
    "a4-out": (lambda street: street.a4.ask("paper out"), "paper_a4", Failure.A4_PAPER_OUT),
    "a4-jam": (lambda street: street.a4.ask("jam"), "paper_a4", Failure.A4_JAM),
    "a4-abort": (lambda street: street.a4.ask("abort-next"), "paper_a4", Failure.A4_ABORTED),
}


@pytest.mark.expected_log("printing.")
@pytest.mark.parametrize("name", PAPERS)
def test_a_printer_in_trouble_is_named_and_its_number_accounted_for(driver: Driver, street: Street, name: str) -> None:
    trouble, target, failure = PAPERS[name]
    visit = visitor(driver, street)
    ready_to_print(visit)
    trouble(street)
    assert printing(visit, target).failure is failure
    visit.leave()
    driver.terminal.runtime.settle()
    steps = {entry.step.value for entry in driver.terminal.journal.entries()[-1:]}
    assert steps == ({"unknown"} if failure is Failure.PRINT_UNKNOWN else {"voided"})
    assert driver.terminal.journal.verify() == []


def test_an_empty_slip_printer_is_known_before_the_card_is_read(driver: Driver, street: Street) -> None:
    street.thermal.ask("paper out")
    driver.until(s.Welcome, 30, lambda state: state.paper.slip is Failure.SLIP_PAPER_OUT)
    visit = visitor(driver, street)
    ready_to_print(visit)
    driver.touch("paper_a4")
    state = driver.until(s.Done, 30)
    assert isinstance(state.screen, s.Done)
    assert state.screen.ended[0].failure is None
    visit.leave()


@pytest.mark.expected_log("kiosk.(runtime|workers): |token not revoked")
def test_a_lost_answer_to_an_issue_never_gives_two_numbers(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street)
    ready_to_print(visit)
    street.proxy.ask("drop-answer 1")
    assert printing(visit, "paper_slip").failure is None
    visit.leave()
    driver.terminal.runtime.settle()
    assert all(entry.ended or entry.step.value == "unknown" for entry in driver.terminal.journal.entries())


@pytest.mark.expected_log("kiosk.(runtime|workers): ")
def test_pcscd_killed_in_a_visit_ends_it_and_service_comes_back(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street)
    visit.sign_in()
    street.pcscd.kill()
    driver.until(s.OutOfService, 5)
    driver.terminal.runtime.settle()
    assert live_tokens(visit) == 0
    street.card.remove()
    street.pcscd.start()
    driver.until(s.Welcome, 10)
    visit.sign_in()
    visit.leave()


def test_a_card_left_inside_at_start_is_read(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street)
    driver.stop()
    street.card.insert(visit.card)
    again = Driver(street.config_path)
    again.until(s.PinEntry, 15)
    street.card.remove()
    again.until(s.Welcome, 5)
    driver.terminal = again.terminal


@CENTRAL_WARNING
def test_a_card_of_nobody_is_refused_by_central(driver: Driver, street: Street, tmp_path: Path) -> None:
    """A card of nobody: its certificate is not from the card CA."""
    path = write_card(tmp_path / "nobody.json")
    driver.until(s.Welcome, 15)
    street.card.insert(path)
    driver.until(s.PinEntry, 10)
    driver.enter_pin("246810")
    state = driver.until(s.Failed, 20)
    assert isinstance(state.screen, s.Failed)
    assert state.screen.failure is Failure.SIGN_IN_REFUSED
