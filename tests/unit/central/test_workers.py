"""`central serve --workers`: a worker that is killed has another in its place, and all end with the first process."""

import os
import select
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from central.workers import LIVED, PAUSES, Place
from demo.parts.central import CentralPlatform
from demo.parts.process import PartFailed

COUNT, CALLERS, END_SECONDS = 3, 4, 30.0


@pytest.fixture
def central(tmp_path: Path) -> Iterator[CentralPlatform]:
    """The real server with its workers."""
    with CentralPlatform(tmp_path, "--workers", str(COUNT)) as running:
        yield running


def serving(central: CentralPlatform) -> set[int]:
    """The workers' process ids, as the kernel has them."""
    keeper = central.child.pid
    return {int(pid) for pid in Path(f"/proc/{keeper}/task/{keeper}/children").read_text(encoding="ascii").split()}


def gone(pid: int) -> bool:
    """Did a process end, now or within half a minute?"""
    try:
        end = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([end], [], [], END_SECONDS)[0])
    finally:
        os.close(end)


class Callers:
    """Requests without a pause, each on a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url, self._over = f"{url}/healthz", threading.Event()
        self.answered, self.lost = 0, 0
        self._counting = threading.Lock()
        self._threads = [threading.Thread(target=self._run) for _ in range(CALLERS)]

    def __enter__(self) -> "Callers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            well = called(self._url)
            with self._counting:
                self.answered, self.lost = self.answered + well, self.lost + (not well)


def called(url: str) -> bool:
    """Was it answered, to its end? Another answer than 200 is an error."""
    try:
        answer = requests.get(url, headers={"Connection": "close"}, timeout=END_SECONDS)
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        return False
    assert answer.status_code == 200
    return True


def test_every_worker_is_replaced_and_others_serve_meanwhile(central: CentralPlatform) -> None:
    began = serving(central)
    assert len(began) == COUNT
    with Callers(central.url) as callers:
        for pid in began:
            os.kill(pid, signal.SIGKILL)
            assert gone(pid)
            while len(serving(central) - {pid}) < COUNT:
                called(f"{central.url}/healthz")
    assert callers.answered > 0
    assert callers.lost <= COUNT * CALLERS, "no more than was under way at a worker that was killed"
    assert not serving(central) & began
    assert called(f"{central.url}/healthz"), "and those who came later serve"
    assert central.errors.count("ended (SIGKILL)") == COUNT


def test_sigterm_ends_all_of_them(central: CentralPlatform) -> None:
    began = serving(central)
    with Callers(central.url):
        central.child.terminate()
        assert central.child.wait(END_SECONDS) == 0
    assert all(gone(pid) for pid in began)
    assert not called(f"{central.url}/healthz")


def test_no_worker_outlives_a_first_process_that_was_killed(central: CentralPlatform) -> None:
    began = serving(central)
    central.child.kill()
    assert all(gone(pid) for pid in began)


def test_workers_that_cannot_begin_end_the_server_with_their_sentence(tmp_path: Path) -> None:
    with pytest.raises(PartFailed, match="key's place"):
        CentralPlatform(tmp_path, "--workers", "2", "--card-key", "pkcs11:nonsense").__enter__()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock: what stands in this list."""
    now = [1000.0]
    monkeypatch.setattr("central.workers.time.monotonic", lambda: now[0])
    return now


@pytest.mark.expected_log("worker 7 ended")
def test_a_worker_that_dies_at_once_is_replaced_more_and_more_slowly(clock: list[float]) -> None:
    place, pauses = Place(first=True), []
    for _ in range(len(PAUSES) + 3):
        place.take(7)
        clock[0] += LIVED / 2
        place.leave(-signal.SIGSEGV)
        pauses.append(place.due - clock[0])
    assert pauses == [*PAUSES, *[PAUSES[-1]] * 3]
    place.take(7)
    clock[0] += LIVED
    place.leave(-signal.SIGKILL)
    assert place.due == clock[0], "one that lived has its successor at once, and the count begins anew"
    place.take(7)
    place.leave(-signal.SIGKILL)
    assert place.due - clock[0] == PAUSES[0]


@pytest.mark.expected_log("worker 7 ended")
@pytest.mark.parametrize(
    ("status", "lived", "stops"), [(1, 1.0, True), (-9, 1.0, False), (0, 1.0, False), (1, 60.0, False)]
)
def test_only_a_first_worker_that_refused_to_begin_stops_the_rest(
    clock: list[float], status: int, lived: float, stops: bool
) -> None:
    place = Place(first=False)
    place.take(7)
    clock[0] += lived
    assert place.cannot_begin(status) is stops
    place.leave(status)
    place.take(8)
    assert not place.cannot_begin(1), "what could begin once may begin again"
