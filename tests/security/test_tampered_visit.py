"""The same lies told to the whole terminal, card and screens and all: the right sentence, no paper, no trace."""

from collections.abc import Iterator

import pytest

from demo.checks import leaks
from demo.driver import Driver
from demo.street import Street
from demo.visits import Visit
from kiosk.failures import Failure
from kiosk.session import state as s
from tests.parts import calm, visitor
from tests.security.tamper import LIES, Liar, Lie, changed, field_changed

pytestmark = [pytest.mark.timeout(120), pytest.mark.expected_log("kiosk|token not revoked")]


@pytest.fixture
def liar(street: Street) -> Iterator[Liar]:
    """Between the street's terminal and its central."""
    made = Liar(street.central.url)
    yield made
    made.close()


@pytest.fixture
def hands(street: Street, liar: Liar, qapp: object) -> Iterator[Driver]:
    """A terminal that reaches central through the liar."""
    del qapp
    calm(street)
    street.pcscd.start()
    config = street.folder / "tampered.toml"
    text = street.config_path.read_text(encoding="utf-8").replace(street.proxy.url, liar.url)
    config.write_text(text, encoding="utf-8")
    made = Driver(config)
    yield made
    calm(street)
    made.stop()


def printed(visit: Visit) -> list[Failure | None]:
    """Ask for a slip; what became of it."""
    visit.ask_paper()
    visit.driver.touch("paper_slip")
    visit.driver.until(s.Printing, 5)
    screen = visit.driver.until(s.Done, 60).screen
    return [one.failure for one in screen.ended] if isinstance(screen, s.Done) else []


SIGN_IN: dict[str, tuple[str, Lie, Failure]] = {
    "a token that is no JSON": ("token", LIES["no JSON"], Failure.CENTRAL_NONSENSE),
    "another nonce": ("challenge", field_changed(("nonce",)), Failure.SIGN_IN_REFUSED),
    "a challenge cut in half": ("challenge", LIES["half the body"], Failure.CENTRAL_UNREACHABLE),
    "a refusal": ("token", changed(status=400, body=b'{"error": "invalid_grant"}'), Failure.SIGN_IN_REFUSED),
}


@pytest.mark.parametrize("name", SIGN_IN)
def test_a_sign_in_that_was_tampered_with_is_named(hands: Driver, street: Street, liar: Liar, name: str) -> None:
    call, lie, failure = SIGN_IN[name]
    visit = visitor(hands, street)
    liar.lies = {call: lie}
    visit.begin()
    visit.driver.enter_pin(visit.pin)
    visit.fails_with(failure)
    visit.pull()
    assert leaks(visit) == []


def test_a_document_that_was_tampered_with_is_not_printed(hands: Driver, street: Street, liar: Liar) -> None:
    visit, slips = visitor(hands, street), len(street.thermal.slips)
    visit.sign_in()
    visit.open_record()
    liar.lies = {"issue": field_changed(("facts", "record", "person", "name"))}
    assert printed(visit) == [Failure.SEAL_INVALID]
    assert len(street.thermal.slips) == slips
    liar.honest()
    visit.pull()
    hands.terminal.runtime.settle()
    assert leaks(visit) == []
