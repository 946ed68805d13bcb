"""A journal has one terminal program: a second one would void what the first has under way."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.cli import run
from kiosk.journal.alone import Alone
from kiosk.journal.errors import JournalInUse

HOLD = "import sys, time; from pathlib import Path; from kiosk.journal.alone import Alone; " \
       "held = Alone(Path(sys.argv[1])); print('held', flush=True); time.sleep(600)"  # fmt: skip


def test_a_second_program_is_refused_until_the_first_has_ended_however_it_ended(tmp_path: Path) -> None:
    journal = tmp_path / "data" / "journal.db"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(journal)], stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(JournalInUse):
            Alone(journal)
        first.send_signal(signal.SIGKILL)
        first.wait()
    held = Alone(journal)
    with pytest.raises(JournalInUse):
        Alone(journal)
    held.release()
    Alone(journal).release()


def test_a_child_of_the_terminal_does_not_hold_the_journal_after_it(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    held = Alone(journal)
    with subprocess.Popen(["sleep", "600"], close_fds=False) as child:
        held.release()
        Alone(journal).release()
        child.kill()


def test_a_second_terminal_ends_and_leaves_the_screen_to_the_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(_config: object) -> None:
        raise JournalInUse

    def never(_failure: object) -> None:
        raise AssertionError("it shows a window")

    config = type("Config", (), {"terminal": type("Section", (), {"data": tmp_path})})
    monkeypatch.setattr(run, "load_config", lambda _path: config)
    monkeypatch.setattr("kiosk.logs.set_up", lambda _path: None)
    monkeypatch.setattr(run, "QApplication", lambda _arguments: None)
    monkeypatch.setattr(run, "EndOnSignals", lambda _application: None)
    monkeypatch.setattr(run, "Terminal", refused)
    monkeypatch.setattr(run, "closed_window", never)
    assert run.run_terminal(tmp_path / "terminal.toml") == 1
    assert "Another terminal program" in capsys.readouterr().err
