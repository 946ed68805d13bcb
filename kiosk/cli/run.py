"""`kiosk run`: the terminal on a display, until a signal ends it."""

import signal
import socket
import sys
from pathlib import Path

from PyQt6.QtCore import QSocketNotifier
from PyQt6.QtWidgets import QApplication

from backend_client.client.keys import KeyFileError
from kiosk import logs
from kiosk.app import Terminal
from kiosk.config import ConfigurationError, load_config
from kiosk.failures import Failure
from kiosk.journal.errors import JournalError, JournalInUse
from kiosk.mapping import failure_of
from kiosk.pin_buffer import PinBuffer
from kiosk.screens.window import TerminalWindow
from kiosk.session.state import OutOfService, State

STARTING = (ConfigurationError, KeyFileError, JournalError)


def failure_at_start(error: Exception) -> Failure:
    """What the screen says when the terminal can't begin."""
    return failure_of(error) if isinstance(error, JournalError) else Failure.CONFIGURATION


def closed_window(failure: Failure) -> TerminalWindow:
    """A window that says out of service and nothing else: better than a dark screen in the street."""
    window = TerminalWindow(lambda _event: None, PinBuffer(), (), "")
    window.show_state(State(screen=OutOfService(failure), blocked_by=failure))
    return window


def run_terminal(path: Path) -> int:
    """Run until SIGTERM or SIGINT; the exit status. What prevents the start is said on the screen and in the log."""
    application = QApplication(sys.argv[:1])
    over = EndOnSignals(application)
    try:
        config = load_config(path)
        logs.set_up(config.terminal.data / "terminal.log")
        terminal = Terminal(config)
    except JournalInUse as error:  # a screen of ours would lie over that of the terminal that works
        sys.stderr.write(f"{error}\n")
        return 1
    except STARTING as error:
        return _stay_closed(application, error)
    terminal.window.fill_screen()
    terminal.start()
    try:
        return application.exec()
    finally:
        over.stop()
        terminal.stop()


class EndOnSignals:
    """SIGTERM and SIGINT end the loop, also one that comes before the loop runs. Nothing wakes while there is none.

    Python handles signals between bytecodes only; the kernel's own byte in the pipe wakes Qt, which runs some.
    """

    def __init__(self, application: QApplication) -> None:
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        number = self._read.fileno()
        self._notifier = QSocketNotifier(number, QSocketNotifier.Type.Read)  # type: ignore[call-overload]  # takes an int
        self._notifier.activated.connect(application.quit)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)

    def stop(self) -> None:
        """Signals do what they did before."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()


def _stay_closed(application: QApplication, error: Exception) -> int:
    failure = failure_at_start(error)
    sys.stderr.write(f"{failure.name} ({failure.value}): {error}\n")
    window = closed_window(failure)
    window.fill_screen()
    application.exec()
    return 1
