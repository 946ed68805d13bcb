"""`python -m tests.security.touched_terminal CONFIG`: a terminal that is touched from outside, one key a line.

So the PIN is never whole in this process except where the product puts it: a test may search its memory.
"""

import json
import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PyQt6.QtWidgets import QApplication

from demo.driver import Driver
from kiosk import logs
from kiosk.config import load_config
from kiosk.session import state as s


def answer(driver: Driver, words: list[str]) -> object:
    """One line's work. `plant` leaves a PIN in memory on purpose: the search must be able to fail."""
    match words:
        case ["touch", name]:
            driver.touch(name)
        case ["until", screen]:
            driver.until(getattr(s, screen), 60)
        case ["until", "PinEntry", length]:
            driver.until(s.PinEntry, 10, lambda state: getattr(state.screen, "length", None) == int(length))
        case ["settle"]:
            driver.terminal.runtime.settle()
        case ["ids"]:
            return [[id(digit) for digit in range(10)], [id(0x30 + digit) for digit in range(10)]]
        case ["plant", *digits]:
            PLANTED.append("".join(digits))
        case _:
            raise ValueError(words)
    return None


PLANTED: list[str] = []


def main(config: Path) -> None:
    """Answer lines until the input ends."""
    logs.set_up(load_config(config).terminal.data / "terminal.log", echo=False)
    application = QApplication(sys.argv[:1])
    driver = Driver(config)
    driver.until(s.Welcome, 20)
    print(json.dumps({"event": "ready"}), flush=True)  # noqa: T201  # the protocol
    for line in sys.stdin:
        words = line.split()
        print(json.dumps({"answer": words[0], "value": answer(driver, words)}), flush=True)  # noqa: T201  # the protocol
    driver.stop()
    del application


if __name__ == "__main__":
    main(Path(sys.argv[1]))
