"""Acting for a child or an elder: whom to choose, and the banner over every screen of a ward's session."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from kiosk.screens.parts import Tile, button, label
from kiosk.services.views import Choice
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.texts import text

WIDE = 1400  # pixels


def choice_tile(place: int, choice: Choice, choose: Callable[[int], None]) -> Tile:
    """Somebody to act for."""
    made = Tile(f"choice_{place}", choice.icon, partial(choose, place))
    made.say(choice.title, choice.hint)
    return made


def ward_of(state: s.State) -> s.Acting | None:
    """For whom the holder acts on this screen."""
    holder = getattr(state.screen, "card", None)
    return holder if isinstance(holder, s.Acting) else None


class ActingBanner(QWidget):
    """Whose records these are, in words, and the way back to one's own; the PIN pad says it itself."""

    def __init__(self, post: Callable[[e.Event], None]) -> None:
        super().__init__()
        self.setProperty("role", "acting")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title, self.words = label("plain"), label("strong", name="acting_for")
        for one in (self.title, self.words):
            one.setMinimumHeight(1)  # else the window grows to what a label needs that is one word wide, and stays so
        self.own = button("own", lambda: post(e.OwnTouched()))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(40, 8, 40, 8)
        layout.setSpacing(24)
        self._lines = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._lines.addWidget(self.title)
        self._lines.addWidget(self.words, 1)
        layout.addLayout(self._lines, 1)
        layout.addWidget(self.own)
        self.hide()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Two lines on an upright screen, one on a lying one, which has no height to spare."""
        super().resizeEvent(event)
        wide = self.width() > WIDE
        self.title.setWordWrap(not wide)
        self._lines.setSpacing(24 if wide else 0)
        self._lines.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def render_state(self, state: s.State, *, leaves: bool) -> None:
        """There where a ward's name must stand, else nothing of anybody. `leaves`: the way back is open now."""
        ward, language = ward_of(state), state.ui.language.value
        if ward is not None and isinstance(state.screen, s.PinEntry):
            ward = None
        words = "" if ward is None else text(f"acting_{ward.kind.value}", language, name=ward.masked_name)
        self.title.setText(text("acting_title", language))
        self.words.setText(words)
        self.own.setText(text("acting_own", language))
        self.own.setVisible(leaves)
        self.setVisible(ward is not None)
