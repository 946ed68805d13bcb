"""The log never holds what it must not: numbers are masked, crashes name places and not values."""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import logs


@pytest.fixture
def restored() -> Iterator[None]:
    """Logging and hooks as they were."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:], root.level = handlers, level
    sys.excepthook, threading.excepthook = hooks


@pytest.mark.usefixtures("restored")
@pytest.mark.expected_log("kiosk.test|kiosk.logs")
def test_numbers_are_masked_and_values_of_crashes_left_out(tmp_path: Path) -> None:
    file = tmp_path / "log" / "terminal.log"
    logs.set_up(file, echo=False)
    log = logging.getLogger("kiosk.test")
    log.warning("card of %s", "990106198504120014")
    log.warning("code to %s, after 13800005678901 ns, to 99012345678", "13800005678")
    try:
        raise ValueError("许斌嘉 990106198504120014")
    except ValueError as error:
        log.exception("work failed")
        sys.excepthook(type(error), error, error.__traceback__)
    text = file.read_text(encoding="utf-8")
    assert "990***********0014" in text
    assert "code to 138****5678, after 13800005678901 ns, to 990****5678" in text
    assert "work failed [ValueError]" in text
    assert "crash: ValueError at test_logs.py:" in text
    assert "990106198504120014" not in text
    assert "许斌嘉" not in text


@pytest.mark.usefixtures("restored")
@pytest.mark.expected_log("kiosk.logs")
def test_a_crash_in_a_thread_is_logged(tmp_path: Path) -> None:
    logs.set_up(tmp_path / "terminal.log", echo=False)
    thread = threading.Thread(target=lambda: dict[str, int]()["nothing"])
    thread.start()
    thread.join()
    assert "crash: KeyError" in (tmp_path / "terminal.log").read_text(encoding="utf-8")
