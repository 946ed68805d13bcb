"""`python -m tests.screen_pictures OUT`: a picture of every screen in both languages, for the docs and for judging."""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtWidgets import QApplication

from kiosk.failures import Failure
from kiosk.pin_buffer import PinBuffer
from kiosk.screens.window import TerminalWindow
from kiosk.services.catalogue import all_services
from kiosk.session.state import Language, Paper, State, Ui
from tests.states import screens

PORTRAIT = (1080, 1920)


def main(out: Path, *, large: bool) -> None:
    """Write NAME-LANGUAGE.png for every screen."""
    application = QApplication.instance() or QApplication([])
    window = TerminalWindow(lambda _event: None, PinBuffer(), all_services(), "T44010500001")
    window.resize(*PORTRAIT)
    window.show()
    out.mkdir(parents=True, exist_ok=True)
    for name, screen in screens().items():
        for language in Language:
            paper = Paper(slip=Failure.SLIP_PAPER_OUT) if name in ("welcome", "choose-paper") else Paper()
            state = State(screen, Ui(language, large), paper, card_in=True, deadline=12.0, warned=name == "menu-warned")
            window.show_state(state)
            application.processEvents()
            window.grab().save(str(out / f"{name}-{language.value}.png"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), large="--large" in sys.argv)
