"""The supervisor when PC/SC itself misbehaves: it does not spin, and it names the trouble."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest
from smartcard import scard

from card import pcsc, reader
from card.failures import CardFailure as F
from card.reader_events import CardAbsent, ReaderAdded, ReaderEvent, ReaderRemoved, ServiceBack, ServiceGone

ROUNDS, TOO_MANY = 7, 100
INTERNAL_ERROR, SECURITY_VIOLATION = 0x80100001, 0x8010006A
Answer = TypeVar("Answer")


class Pauses(threading.Event):
    """Notes how long the watch waits, and ends it after some rounds."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Do not wait."""
        self.seconds.append(timeout or 0.0)
        if len(self.seconds) == ROUNDS:
            self.set()
        return self.is_set()


def in_turn(answers: Sequence[Answer]) -> Callable[..., Answer]:
    """A call that gives these answers, the last one again and again."""
    calls: list[tuple[object, ...]] = []

    def call(*arguments: object) -> Answer:
        calls.append(arguments)
        assert len(calls) < TOO_MANY, "the watch spins"
        return answers[min(len(calls), len(answers)) - 1]

    return call


@pytest.fixture
def pcscd(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[ReaderEvent], list[float]]]:
    """A PC/SC that answers as told: what the watch then tells, and its pauses."""

    def watched(
        contexts: Sequence[int], readers: Sequence[list[str]], looks: Sequence[tuple[int, list[tuple[str, int, bytes]]]]
    ) -> tuple[list[ReaderEvent], list[float]]:
        told: list[ReaderEvent] = []
        monkeypatch.setattr(scard, "SCardEstablishContext", in_turn([(code, object()) for code in contexts]))
        monkeypatch.setattr(scard, "SCardReleaseContext", lambda _context: pcsc.SUCCESS)
        monkeypatch.setattr(scard, "SCardListReaders", in_turn([(pcsc.SUCCESS, names) for names in readers]))
        monkeypatch.setattr(scard, "SCardGetStatusChange", in_turn(looks))
        watch = reader.ReaderWatch("", told.append)
        watch._stop = pauses = Pauses()
        watch._run()
        return told, pauses.seconds

    return watched


Watched = Callable[..., tuple[list[ReaderEvent], list[float]]]


def test_a_service_that_fails_for_ever_is_asked_twice_a_second(pcscd: Watched) -> None:
    told, pauses = pcscd([pcsc.SUCCESS], [["R"]], [(INTERNAL_ERROR, [])])
    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.5, 0.5, 0.5]
    assert told[:2] == [ServiceBack(), ServiceGone(F.READER_FAULT)]


def test_a_service_that_refuses_us_is_named_once(pcscd: Watched) -> None:
    told, _ = pcscd([SECURITY_VIOLATION], [[]], [(INTERNAL_ERROR, [])])
    assert told == [ServiceGone(F.PCSC_REFUSED)]


def test_a_reader_that_goes_between_list_and_wait_is_listed_again(pcscd: Watched) -> None:
    """SCARD_E_UNKNOWN_READER is news of the readers, no end of the service."""
    empty = (pcsc.SUCCESS, [("R", 0x12, b"")])
    gone = (pcsc.UNKNOWN_READER, list[tuple[str, int, bytes]]())
    told, _ = pcscd([pcsc.SUCCESS], [["R"], ["R"], []], [empty, gone, (INTERNAL_ERROR, [])])
    assert told[:4] == [ServiceBack(), ReaderAdded("R"), CardAbsent("R"), ReaderRemoved("R")]
