"""`kiosk run`: the terminal on a display, until a signal ends it."""

import signal
import sys

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from kiosk import logs
from kiosk.app import Terminal
from kiosk.config import Config


def run_terminal(config: Config) -> int:
    """Run until SIGTERM or SIGINT; the exit status."""
    logs.set_up(config.terminal.data / "terminal.log")
    application = QApplication(sys.argv[:1])
    terminal = Terminal(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: application.quit())
    # Python handles signals between bytecodes only: this timer lets it, while Qt's loop sleeps.
    alive = QTimer()
    alive.timeout.connect(lambda: None)
    alive.start(200)
    terminal.window.fill_screen()
    terminal.start()
    try:
        return application.exec()
    finally:
        terminal.stop()
