"""What stops a terminal before or below a visit: configuration, keys, a full disk; and the command line for real."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QLabel

from demo.checks import demand
from demo.driver import Driver
from demo.parts.process import ROOT, environment
from demo.street import Street
from kiosk.cli.run import closed_window, failure_at_start
from kiosk.config import ConfigurationError
from kiosk.failures import Failure, failure_text
from kiosk.journal.errors import JournalDamaged
from kiosk.session import state as s
from tests.parts import visitor

pytestmark = pytest.mark.timeout(120)


def kiosk(*arguments: str) -> subprocess.CompletedProcess[str]:
    """One command of `kiosk`."""
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments],
        cwd=ROOT, env=environment({"QT_QPA_PLATFORM": "offscreen"}), capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip


@pytest.mark.expected_log("kiosk.(runtime|workers): ")
def test_a_full_disk_prints_nothing_and_issues_nothing(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street)
    visit.sign_in()
    visit.open_record()
    visit.ask_paper()
    database, before = driver.terminal.journal._db, len(street.thermal.slips)
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")
    for _ in range(60):  # until the last page is full, SQLite itself says that the disk is
        driver.touch("paper_slip")
        state = driver.until(s.Done, 30)
        ended = state.screen.ended[0] if isinstance(state.screen, s.Done) else None
        if ended is not None and ended.failure is Failure.JOURNAL_FULL:
            break
        before = len(street.thermal.slips)
        driver.touch("continue")
        driver.until(s.Menu, 5)
        visit.open_record()
        visit.ask_paper()
    demand(ended is not None and ended.failure is Failure.JOURNAL_FULL, "the disk never got full")
    assert len(street.thermal.slips) <= before + 1
    database.execute("PRAGMA max_page_count = 1073741823")
    visit.leave()
    driver.terminal.runtime.settle()
    driver.terminal._recover()
    assert all(entry.ended for entry in driver.terminal.journal.entries() if entry.step.value != "unknown")
    assert driver.terminal.journal.verify() == []


@pytest.mark.parametrize("error", [ConfigurationError("x"), JournalDamaged("x")])
def test_a_terminal_that_can_not_start_says_so_on_its_screen(qapp: object, error: Exception) -> None:
    del qapp
    failure = failure_at_start(error)
    window = closed_window(failure)
    texts = " ".join(label.text() for label in window.findChildren(QLabel))
    assert failure_text(failure, "zh").holder in texts
    window.close()


def test_a_malformed_configuration_is_named_and_the_screen_stays_on(tmp_path: Path) -> None:
    path = tmp_path / "terminal.toml"
    path.write_text('[terminal]\nid = "t"\n', encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "run", "--config", str(path)],
        cwd=ROOT, env=environment({"QT_QPA_PLATFORM": "offscreen"}), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stderr is not None
    said = child.stderr.readline()
    assert "CONFIGURATION" in said and str(path) in said and "terminal.id" in said
    assert child.poll() is None
    os.kill(child.pid, signal.SIGTERM)
    assert child.wait(20) == 1
    child.stderr.close()


def test_doctor_finds_everything_on_the_street(street: Street) -> None:
    street.pcscd.start()
    done = kiosk("doctor", "--config", str(street.config_path), "--json")
    found = {finding["part"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert set(found) == {
        "fonts", "reader", "configuration", "keys", "profile", "certificate", "central", "slip printer", "A4 printer",
        "spooler", "sites", "journal",
    }  # fmt: skip
    street.thermal.ask("paper out")
    street.proxy.ask("down")
    done = kiosk("doctor", "--config", str(street.config_path), "--json")
    bad = {finding["part"] for finding in json.loads(done.stdout) if not finding["ok"]}
    street.thermal.ask("paper ok")
    street.proxy.ask("ok")
    assert done.returncode == 1
    assert bad == {"slip printer", "central"}


def test_test_prints_come_out(street: Street) -> None:
    street.thermal.ask("paper ok")
    for what in ("slip", "a4"):
        done = kiosk("print", what, "--test", "--config", str(street.config_path))
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("printed")


def test_card_read_gives_the_values_of_the_card(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street, 128)
    visit.begin()
    done = kiosk("card", "read", "--reader", street.slot.reader, "--json")
    values = json.loads(done.stdout)
    assert values["id_no"] == visit.record["subject_id_no"]  # type: ignore[index]
    assert values["generation"] == 3
    visit.pull()
    done = kiosk("card", "read", "--reader", street.slot.reader)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


@pytest.mark.expected_log("printing.")
def test_an_attendant_resolves_an_unknown_slip(driver: Driver, street: Street) -> None:
    visit = visitor(driver, street)
    visit.sign_in()
    visit.open_record()
    visit.ask_paper()
    street.thermal.ask("cut-off-after 900")
    driver.touch("paper_slip")
    driver.until(s.Done, 30)
    visit.leave()
    config = ("--config", str(street.config_path))
    rows = json.loads(kiosk("journal", "list", "--json", *config).stdout)
    unknown = [row for row in rows if row["step"] == "unknown"][-1]
    done = kiosk("journal", "resolve", str(unknown["entry"]), "void", *config)
    assert done.returncode == 0, done.stderr
    assert unknown["doc_no"] in done.stdout
    again = kiosk("journal", "resolve", str(unknown["entry"]), "void", *config)
    assert again.returncode == 1 and "voided" in again.stderr
    assert kiosk("journal", "verify", *config).returncode == 0


@pytest.mark.parametrize("program", ["kiosk", "central", "simulators"])
def test_a_program_runs_without_an_activated_environment(program: str, tmp_path: Path) -> None:
    command, bare = [str(ROOT / "bin" / program), "--help"], {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"python -m {program}" in done.stdout


def test_a_recorded_visit_is_replayed_to_pictures_where_there_is_no_display(tmp_path: Path) -> None:
    recording = ROOT / "tests/corpus/visits/paper-refilled.jsonl"
    bare = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "QT_QPA_PLATFORM")}
    done = subprocess.run(
        [ROOT / "bin/kiosk", "replay", recording, "--out", tmp_path],
        capture_output=True, text=True, check=False, timeout=60, env=bare,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "The same screens as recorded.\n"), done.stderr
    assert (tmp_path / "13-awaitingrepair.png").stat().st_size > 10_000
