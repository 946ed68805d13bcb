"""The runtime's threads: whatever ends a piece of work, the session hears of it."""

import threading
from collections.abc import Callable, Iterator

import pytest

from backend_client.client.errors import TooSlow
from card.errors import UnsupportedCard
from kiosk.card_work import NotAcceptedHere
from kiosk.failures import Failure
from kiosk.session import events as e
from kiosk.workers import Worker, Workers

VISIT = 7


class Odd(Exception):
    """An error that no table knows."""


@pytest.fixture
def told() -> list[e.Event]:
    """What was posted."""
    return []


@pytest.fixture
def workers(told: list[e.Event]) -> Iterator[Workers]:
    """All threads."""
    made = Workers(told.append, 60)
    yield made
    made.stop()


def raising(error: BaseException) -> Callable[[], object]:
    """Work that ends like this."""

    def work() -> object:
        raise error

    return work


@pytest.mark.expected_log("kiosk.workers: (CENTRAL_SLOW|CARD_UNSUPPORTED|CARD_NOT_ACCEPTED_HERE)")
@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (TooSlow(), Failure.CENTRAL_SLOW),
        (UnsupportedCard(), Failure.CARD_UNSUPPORTED),
        (NotAcceptedHere(), Failure.CARD_NOT_ACCEPTED_HERE),
    ],
)
def test_a_known_error_is_a_failed_step(
    workers: Workers, told: list[e.Event], error: Exception, failure: Failure
) -> None:
    workers.give(Worker.RECORDS, VISIT, raising(error))
    workers.settle()
    assert told == [e.StepFailed(VISIT, failure)]


@pytest.mark.expected_log("kiosk.workers: a worker failed")
@pytest.mark.parametrize("error", [Odd(), ArithmeticError(), SystemExit(1)])
def test_an_error_that_nobody_expected_ends_the_visit(
    workers: Workers, told: list[e.Event], error: BaseException
) -> None:
    """Else the holder would look at a screen that waits for its guard, four minutes long while printing."""
    workers.give(Worker.PAPER, VISIT, raising(error))
    workers.settle()
    assert told == [e.StepFailed(VISIT, Failure.TERMINAL_FAULT, fatal=True)]


@pytest.mark.expected_log("kiosk.workers: CARD_SILENT")
def test_a_card_that_never_answers_does_not_keep_the_next_one_waiting(told: list[e.Event]) -> None:
    workers, answer = Workers(told.append, 0.05), threading.Event()
    workers.give(Worker.CARD, VISIT, answer.wait)
    workers.settle()  # the worker is free again, though nothing has answered
    assert told == [e.StepFailed(VISIT, Failure.CARD_SILENT)]
    answer.set()
    workers.stop()


def test_work_that_ends_well_says_nothing_of_its_own(workers: Workers, told: list[e.Event]) -> None:
    workers.give(Worker.CARD, VISIT, lambda: None)
    workers.settle()
    assert told == []
