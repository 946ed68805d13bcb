"""A whole visit whose page goes through a real cupsd to a real IPP printer, and what doctor says of such a terminal."""

import json
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.checks import check_memory, collect_paper
from demo.driver import Driver
from demo.street import Street
from demo.visits import whole
from kiosk.printers import OURS
from tests.journeys.test_start_and_storage import kiosk
from tests.parts import calm, visitor


@pytest.fixture
def spool() -> Iterator[Path]:
    """A folder in memory."""
    path = Path("/dev/shm") / f"onecard-test-{uuid.uuid4()}"
    path.mkdir(mode=0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def config(street: Street, spool: Path) -> Path:
    """A terminal on the street with a journal of its own, and CUPS between it and the A4 printer."""
    path = street.folder / "terminal-cups.toml"
    usual = street.config_path.read_text(encoding="utf-8").replace('data = "terminal"', 'data = "terminal-cups"')
    path.write_text(f'{usual}[a4.cups]\nspool = "{spool}"\n', encoding="utf-8")
    return path


def test_a_visit_through_cups_ends_like_any_other(
    street: Street, config: Path, spool: Path, tmp_path: Path, qapp: object
) -> None:
    del qapp
    calm(street)
    street.pcscd.start()
    slips, pages = len(street.thermal.slips), len(street.a4.pages)
    driver = Driver(config)
    try:
        visit = visitor(driver, street)
        whole(visit)
        driver.terminal.runtime.settle()
        collect_paper(visit, ("slip", "a4"), street.thermal.slips[slips:], street.a4.pages[pages:], tmp_path)
        check_memory(visit)
        entry = driver.terminal.journal.entries()[-1]
        printed = [line for line in driver.terminal.journal.lines() if line.number == entry.number][-2]
    finally:
        driver.stop()
    assert printed.step == "printed"
    assert printed.detail == "the printer completed the job; the spooler said printed: the printer completed the job"
    assert [path.name for path in spool.iterdir()] == [f"{OURS}.lock"]


def test_doctor_checks_the_spooler_before_it_is_needed(street: Street, config: Path, spool: Path) -> None:
    def finding() -> dict[str, object]:
        said = json.loads(kiosk("doctor", "--config", str(config), "--json").stdout)
        return next(each for each in said if each["part"] == "spooler")

    assert finding()["ok"] is True
    config.write_text(config.read_text(encoding="utf-8").replace(str(spool), str(street.folder)), encoding="utf-8")
    refused = finding()
    assert refused["ok"] is False
    assert "tmpfs" in str(refused["sentence"]) or "not open" in str(refused["sentence"])
