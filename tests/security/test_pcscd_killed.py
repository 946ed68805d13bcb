"""pcscd killed at arbitrary moments of a visit: out of service at once, nothing left, back by itself, books right.

Five moments here; `ONECARD_KILLS=50 bin/test tests/security/test_pcscd_killed.py -s` does fifty and prints the times.
"""

import os
import random
import sys
import threading
import time

import pytest

from demo.checks import leaks, live_tokens
from demo.driver import Driver, VisitFailed
from demo.parts.reader import Daemon
from demo.street import Street
from demo.visits import Visit, whole
from kiosk.failures import Failure
from kiosk.journal.entry import Step
from kiosk.session import state as s
from tests.parts import visitor

KILLS = int(os.environ.get("ONECARD_KILLS", "5"))
LONGEST_VISIT = 3.0
pytestmark = [
    pytest.mark.timeout(60 + 30 * KILLS),
    pytest.mark.expected_log("kiosk.(runtime|workers): |token not revoked|kiosk.document_work: "),
]


def killed_visit(visit: Visit, daemon: Daemon, after: float) -> None:
    """A visit whose pcscd dies `after` seconds from its beginning."""
    timer = threading.Timer(after, daemon.kill)
    timer.start()
    try:
        whole(visit)
    except VisitFailed:
        pass  # as it should be: the visit could not go on
    timer.join()


def back_in_service(driver: Driver, daemon: Daemon) -> float:
    """Start pcscd; seconds until the terminal serves again."""
    daemon.start()
    started = time.monotonic()
    driver.until(object, 10, lambda state: state.blocked_by is None)
    return time.monotonic() - started


def check_books(visit: Visit) -> None:
    """Every document has its end, no token lives, nothing of the holder is left.

    A printer that took too long on a busy machine leaves an honest "unknown", which recovery asks about again.
    """
    visit.driver.terminal.runtime.settle()
    visit.driver.terminal.recovery.reconcile()
    steps = {entry.step for entry in visit.driver.terminal.journal.entries()}
    assert steps <= {Step.CONFIRMED, Step.VOIDED, Step.UNKNOWN}
    assert visit.driver.terminal.journal.verify() == []
    assert live_tokens(visit) == 0
    assert leaks(visit) == []
    assert len(visit.driver.terminal.pin) == 0


def test_pcscd_killed_at_any_moment_of_a_visit(driver: Driver, street: Street) -> None:
    chance, slowest = random.Random(20260101), 0.0
    visit = visitor(driver, street)
    for turn in range(KILLS):
        killed_visit(visit, street.pcscd, chance.uniform(0.05, LONGEST_VISIT))
        state = driver.until(s.OutOfService, 10, lambda state: state.blocked_by is Failure.PCSC_DOWN)
        assert state.screen == s.OutOfService(Failure.PCSC_DOWN)
        assert state.signed_in_at is None
        slowest = max(slowest, back_in_service(driver, street.pcscd))
        street.card.remove()
        driver.until(s.Welcome, 10)
        check_books(visit)
        sys.stdout.write(f"kill {turn + 1}: slowest return {slowest:.2f} s\n")
    visit.sign_in()
    visit.leave()
