"""Visits without hands: a street, a terminal, one visit after the other, and a summary that a program can read."""

import faulthandler
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from demo.checks import check_memory, collect_paper
from demo.driver import Driver, VisitFailed
from demo.parts.process import PartFailed
from demo.plans import PLANS, prepare
from demo.street import Street
from kiosk.session.state import Welcome

STALLED_SECONDS = 900.0
"""Longer than any visit takes on a machine that is busy with ten other things (measured: 100 s)."""


@dataclass(frozen=True)
class Result:
    """One line of summary.json; times in milliseconds since the tap, None where there was nothing to time."""

    name: str
    person: int
    ok: bool
    tap_to_menu_ms: int | None
    tap_to_slip_ms: int | None
    tap_to_document_ms: int | None
    failure: str | None


def run_visit(driver: Driver, street: Street, name: str, person: int | None, out: Path) -> Result:
    """One visit from welcome to welcome, and all checks after it."""
    plan = PLANS[name]
    number = person or plan.person
    driver.record(name, out / name)
    slips, pages = len(street.thermal.slips), len(street.a4.pages)
    failure = None
    try:
        visit = prepare(driver, street, plan, number)
        plan.script(visit)
        _wait_for_ends(driver)
        papers = plan.papers if visit.record is not None else ()
        collect_paper(visit, papers, street.thermal.slips[slips:], street.a4.pages[pages:], out / name)
        check_memory(visit)
    except (VisitFailed, PartFailed) as error:
        failure = str(error)
        driver.say(f"FAILED: {failure}")
    marks = driver.marks
    return Result(name, number, failure is None, marks.get("menu"), marks.get("slip"), marks.get("a4"), failure)


@contextmanager
def watched(out: Path, seconds: float = STALLED_SECONDS) -> Iterator[None]:
    """When this takes longer than it ever should: where each thread stands, in `stalled.txt`, and exit status 1.

    Every wait of the driver has a limit, those of the terminal's own threads have not: a run must not stand for ever,
    and must not end without a trace.
    """
    path = out / "stalled.txt"
    with path.open("w") as file:
        faulthandler.dump_traceback_later(seconds, file=file, exit=True)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
    path.unlink()


def _wait_for_ends(driver: Driver) -> None:
    """Revocations and reports that the visit left under way."""
    runtime = driver.terminal.runtime
    runtime.settle()


def _restore(driver: Driver, street: Street) -> None:
    """After a visit that failed: the street as it should be, the terminal at its first screen."""
    for part, command in ((street.proxy, "ok"), (street.thermal, "paper ok"), (street.a4, "paper ok")):
        part.ask(command)
    street.card.remove()
    driver.until(Welcome, 10)


def run(out: Path, names: list[str], person: int | None, *, keep_going: bool, profile: str = "international") -> int:
    """Run the visits; exit status 0 only when all of them ended as they should."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))  # so that everything started is ended
    from PyQt6.QtWidgets import QApplication

    from kiosk import logs

    out.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="onecard-") as folder, Street(Path(folder), 20, profile) as street:
        logs.set_up(street.data / "terminal.log", echo=False)
        application = QApplication(sys.argv[:1])
        driver = Driver(street.config_path)
        try:
            driver.until(Welcome, 30)
            for name in names or list(PLANS):
                with watched(out):
                    results.append(run_visit(driver, street, name, person, out))
                if not results[-1].ok:
                    if not keep_going:
                        break
                    _restore(driver, street)
        finally:
            with watched(out):
                driver.stop()
            del application
    summary = {"visits": [asdict(result) for result in results]}
    (out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if results and all(result.ok for result in results) else 1
