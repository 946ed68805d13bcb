"""A picture of now shows the whole screen, also when Qt's loop has not come round since the state changed."""

from pathlib import Path

from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kiosk.pin_buffer import PinBuffer
from kiosk.recording.album import Album
from kiosk.screens.window import TerminalWindow
from kiosk.services.catalogue import chosen
from kiosk.session import state as s
from tests.states import screens


def test_a_picture_taken_at_once_is_the_one_that_the_loop_would_show(qtbot: QtBot, tmp_path: Path) -> None:
    window = TerminalWindow(lambda _event: None, PinBuffer(), chosen(("contributions", "family-planning")), "T1")
    qtbot.addWidget(window)
    window.resize(1080, 1920)
    window.show()
    album, made = Album(tmp_path, window), screens()
    for name in ("menu", "printing", "done-some"):
        state = s.State(made[name])
        window.show_state(state)
        album.look(state)
        QApplication.processEvents()
        picture = QImage(str(sorted(tmp_path.glob("*.png"))[-1]))
        assert picture == window.grab().toImage().convertToFormat(picture.format()), name
