"""Small pieces that several screens are made of: labels, buttons, tiles, columns."""

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QScroller,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

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


def scrolling() -> QScrollArea:
    """Room for a list that may be longer than the screen; a finger moves it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    QScroller.grabGesture(area.viewport(), QScroller.ScrollerGestureType.LeftMouseButtonGesture)
    return area


def listed() -> tuple[QWidget, QVBoxLayout]:
    """What lies in it."""
    content = QWidget()
    content.setProperty("role", "clear")
    body = QVBoxLayout(content)
    body.setContentsMargins(0, 0, 0, 0)
    return content, body


class Target(QFrame):
    """A large touch target: something to look at on the left, a name and a hint beside it."""

    def __init__(self, name: str, role: str, shown: QWidget, action: Action, margins: tuple[int, int]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", role)
        self._action = action
        self._title, self._hint = label("strong"), label("soft")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        words = QVBoxLayout()
        words.setSpacing(10)
        words.addStretch(1)
        words.addWidget(self._title)
        words.addWidget(self._hint)
        words.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*margins, *margins)
        layout.setSpacing(40)
        layout.addWidget(shown)
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


class Tile(Target):
    """A choice with a picture."""

    def __init__(self, name: str, picture: str, action: Action) -> None:
        super().__init__(name, "tile", Picture(picture, QSize(140, 140), QSize(90, 90)), action, (40, 18))
        self.setMinimumHeight(140)


class Switch(Target):
    """One thing to have or not: a box with a tick."""

    def __init__(self, name: str, action: Callable[[bool], None]) -> None:
        self._box = label("box", centre=True)
        self._box.setWordWrap(False)
        super().__init__(name, "switch", self._box, lambda: action(not self.on), (40, 18))
        self.on = False

    def show_on(self, on: bool) -> None:
        """As the state has it, whatever was touched."""
        self.on = on
        self._box.setText("✓" if on else "")
        self.setProperty("on", on)
        style = self.style()
        if style is not None:
            style.polish(self)
