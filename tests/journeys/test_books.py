"""The day's books against central, when the terminal's journal was put back from a copy: nothing is out of sight."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from backend_client.contract.documents import Medium
from demo.driver import Driver
from demo.street import Street
from kiosk.session import state as s
from tests.journeys.test_start_and_storage import kiosk
from tests.parts import calm, visitor

pytestmark = pytest.mark.expected_log("printing.")


def books(config: Path) -> tuple[int, dict[str, Any]]:
    """Exit status and report of `kiosk journal report --central`."""
    done = kiosk("journal", "report", "--central", "--json", "--config", str(config))
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def a_visit(street: Street) -> dict[Medium, str]:
    """Both papers, of which the slip is lost sight of; their numbers."""
    driver = Driver(street.config_path)
    try:
        visit = visitor(driver, street)
        visit.sign_in()
        visit.open_record()
        visit.ask_paper()
        street.thermal.ask("cut-off-after 900")
        driver.touch("paper_both")
        state = driver.until(s.Done, 60)
        assert isinstance(state.screen, s.Done)
        numbers = {printed.medium: str(printed.doc_no) for printed in state.screen.ended}
        visit.leave()
        driver.terminal.runtime.settle()
    finally:
        driver.stop()
    return numbers


def test_numbers_that_only_central_knows_are_counted_adopted_and_decided(
    street: Street, qapp: object, tmp_path: Path
) -> None:
    del qapp
    calm(street)
    street.pcscd.start()
    journal = street.data / "journal.db"
    Driver(street.config_path).stop()
    shutil.copy(journal, tmp_path / "copy.db")
    before = books(street.config_path)[1]
    numbers = a_visit(street)
    after = books(street.config_path)[1]
    assert (after["issued"], after["confirmed"]) == (before["issued"] + 2, before["confirmed"] + 1)
    shutil.copy(tmp_path / "copy.db", journal)

    status, found = books(street.config_path)
    assert status == 1
    assert set(numbers.values()) <= set(found["only_central"])
    assert [found[name] for name in ("issued", "confirmed", "voided", "open")] == [
        after[name] for name in ("issued", "confirmed", "voided", "open")
    ]
    assert found["issued"] == found["confirmed"] + found["voided"] + found["open"]

    config = ("--config", str(street.config_path))
    said = kiosk("journal", "adopt", *config).stdout
    assert numbers[Medium.SLIP] in said
    assert numbers[Medium.A4] not in said
    rows = json.loads(kiosk("journal", "list", "--json", *config).stdout)
    (entry,) = (row for row in rows if row["doc_no"] == numbers[Medium.SLIP])
    assert kiosk("journal", "resolve", str(entry["entry"]), "void", *config).returncode == 0
    settled = books(street.config_path)[1]
    assert numbers[Medium.SLIP] not in settled["only_central"]
    assert (settled["issued"], settled["voided"]) == (found["issued"], found["voided"] + 1)
    assert kiosk("journal", "adopt", *config).stdout.startswith("Central knows no number")
