"""A terminal in a process of its own, for tests that kill it: `visit` drives one visit, `recover` settles journal."""

import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PyQt6.QtWidgets import QApplication

from demo.driver import Driver
from kiosk import logs
from kiosk.config import load_config
from kiosk.session import state as s


def _say(word: str) -> None:
    sys.stdout.write(f'{{"event": "{word}"}}\n')
    sys.stdout.flush()


def visit(driver: Driver, pin: str) -> None:
    """Sign in, print both papers of the contributions, end; the card is put in from outside."""
    driver.until(s.PinEntry, 60)
    driver.enter_pin(pin)
    driver.until(s.Menu, 20)
    driver.touch("service_contributions")
    driver.until(s.Viewing, 20)
    driver.touch("print")
    driver.until(s.ChoosePaper, 10)
    driver.touch("paper_both")
    driver.until(s.Done, 60)
    _say("done")
    driver.until(s.Welcome, 60)


def main(action: str, config: Path, pin: str) -> None:
    """Run the action; its events are JSON lines."""
    logs.set_up(load_config(config).terminal.data / "terminal.log", echo=False)
    application = QApplication(sys.argv[:1])
    driver = Driver(config)
    driver.until(s.Welcome, 20)
    _say("ready")
    if action == "visit":
        visit(driver, pin)
    driver.terminal.runtime.settle()
    driver.stop()
    _say("settled")
    del application


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
