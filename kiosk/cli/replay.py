"""`kiosk replay`: a recorded visit through the same core and window, as pictures or on the display in its own time."""

import sys
import time
from pathlib import Path

from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication

from kiosk.pin_buffer import PinBuffer
from kiosk.recording.album import Album
from kiosk.recording.replay import read_recording, replay
from kiosk.screens.window import TerminalWindow
from kiosk.services.catalogue import chosen

PORTRAIT = (1080, 1920)
TERMINAL = "REPLAY"


def replay_visit(path: Path, out: Path | None) -> str | None:
    """Show it; the first difference to what was recorded, or None. NotARecording, ConfigurationError or OSError."""
    recording = read_recording(path)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    window = TerminalWindow(lambda _event: None, PinBuffer(), chosen(recording.services), TERMINAL)
    if out is None:
        window.fill_screen()
    else:
        window.resize(*PORTRAIT)
        window.show()
    album = None if out is None else Album(out, window)
    window.show_state(recording.start)
    begin, first = time.monotonic(), None
    for moment, state, difference in replay(recording):
        first = first or difference
        if album is None:
            _wait(begin + moment.milliseconds / 1000 - time.monotonic())
        window.show_state(state)
        application.processEvents()
        if album is not None:
            album.look(state)
    window.close()
    return first


def _wait(seconds: float) -> None:
    if seconds > 0:
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()
