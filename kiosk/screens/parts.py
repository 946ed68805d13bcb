"""Small pieces that several screens are made of: labels, buttons, tiles, columns."""

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from kiosk.screens.picture import Picture

Action = Callable[[], None]


def label(role: str, *, centre: bool = False, name: str = "") -> QLabel:
    """A wrapping text."""
    made = QLabel()
    made.setProperty("role", role)
    made.setWordWrap(True)
    made.setObjectName(name)
    if centre:
        made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made


def button(name: str, action: Action, role: str = "plain") -> QPushButton:
    """A touch target; `name` is what programs touch it by."""
    made = QPushButton()
    made.setObjectName(name)
    made.setProperty("role", role)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.clicked.connect(lambda _checked: action())
    return made


def column(parent: QWidget, margin: int = 64, spacing: int = 32) -> QVBoxLayout:
    """The usual layout of a screen."""
    layout = QVBoxLayout(parent)
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    return layout


def row(*widgets: QWidget, spacing: int = 28) -> QHBoxLayout:
    """Widgets side by side, each as wide as the others."""
    layout = QHBoxLayout()
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget, 1)
    return layout


class Tile(QFrame):
    """A large touch target with a picture, a name and a hint."""

    def __init__(self, name: str, picture: str, action: Action) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "tile")
        self._action = action
        self._title, self._hint = label("strong"), label("soft")
        self.setMinimumHeight(140)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        words = QVBoxLayout()
        words.setSpacing(10)
        words.addStretch(1)
        words.addWidget(self._title)
        words.addWidget(self._hint)
        words.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(40, 26, 40, 26)
        layout.setSpacing(40)
        layout.addWidget(Picture(picture, QSize(140, 140), QSize(90, 90)))
        layout.addLayout(words, 1)

    def say(self, title: str, hint: str) -> None:
        """Name and hint."""
        self._title.setText(title)
        self._hint.setText(hint)
        self.setAccessibleName(title)
        self.setAccessibleDescription(hint)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """A touch that ends inside is a choice."""
        if event is not None and self.isEnabled() and self.rect().contains(event.position().toPoint()):
            self._action()
