"""The terminal's window, and what it posts."""

import pytest
from pytestqt.qtbot import QtBot

from kiosk.pin_buffer import PinBuffer
from kiosk.screens.window import TerminalWindow
from kiosk.services.catalogue import all_services
from kiosk.session import events as e


@pytest.fixture
def posted() -> list[e.Event]:
    """What the window posted."""
    return []


@pytest.fixture
def window(qtbot: QtBot, posted: list[e.Event]) -> TerminalWindow:
    """A window on the offscreen platform, with every service."""
    made = TerminalWindow(posted.append, PinBuffer(), all_services(), "T44010500001")
    qtbot.addWidget(made)
    return made
