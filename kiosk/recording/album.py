"""Pictures of a visit, one for each look of the window: `NN-<state>.png`."""

from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QEvent
from PyQt6.QtWidgets import QWidget

from kiosk.session import state as s


class Album:
    """Takes a picture when something that matters has changed."""

    def __init__(self, folder: Path, window: QWidget) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()
        self._folder, self._window = folder, window
        self._count, self._last = 0, object()

    def look(self, state: s.State) -> None:
        """A picture, unless the last one shows the same."""
        screen = state.screen
        parts = tuple(getattr(screen, name, None) for name in ("step", "stage", "flaw", "failure", "trouble"))
        seen = (type(screen), parts, state.ui, state.warned, state.ending)
        if seen == self._last:
            return
        self._last = seen
        self._count += 1
        # The window's layout is done when Qt's loop comes round; a picture of now must not show half of it.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        name = type(screen).__name__.lower()
        self._window.grab().save(str(self._folder / f"{self._count:02}-{name}.png"))
