"""The terminal's one window: top bar, the screen of the state, foot, and the "still there?" question over all."""

import math
from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QGuiApplication, QResizeEvent
from PyQt6.QtWidgets import QApplication, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kiosk.pin_buffer import PinBuffer
from kiosk.screens.context import Context, Screen
from kiosk.screens.menu import MenuScreen
from kiosk.screens.message import FailedScreen, MessageScreen, OutOfServiceScreen, WelcomeScreen
from kiosk.screens.paper import ChoosePaperScreen, DoneScreen, PrintingScreen
from kiosk.screens.parts import button, column, label
from kiosk.screens.pin import PinScreen
from kiosk.screens.style import style_sheet
from kiosk.screens.viewing import ViewingScreen
from kiosk.services.service import Service
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.steps import ENDABLE
from kiosk.texts import text

SCREENS: dict[type, type[Screen]] = {
    s.OutOfService: OutOfServiceScreen,
    s.Welcome: WelcomeScreen,
    s.Reading: MessageScreen,
    s.PinEntry: PinScreen,
    s.SigningIn: MessageScreen,
    s.Menu: MenuScreen,
    s.Loading: MessageScreen,
    s.Viewing: ViewingScreen,
    s.ChoosePaper: ChoosePaperScreen,
    s.Printing: PrintingScreen,
    s.Done: DoneScreen,
    s.Failed: FailedScreen,
    s.TakeCard: MessageScreen,
}


class TopBar(QWidget):
    """Name of the terminal; language, text size and end, on every screen."""

    def __init__(self, post: Callable[[e.Event], None]) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._post = post
        self._ui = s.Ui()
        self.name = label("bar")
        self.language = button("language", self._switch_language)
        self.large = button("large_text", self._switch_size)
        self.end = button("end", lambda: post(e.EndTouched()))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(40, 20, 40, 20)
        layout.setSpacing(18)
        layout.addWidget(self.name, 1)
        for widget in (self.large, self.language, self.end):
            layout.addWidget(widget)

    def render_state(self, state: s.State) -> None:
        """Texts, and whether there is a visit to end."""
        self._ui = state.ui
        language = state.ui.language.value
        self.name.setText(text("app", language))
        self.language.setText(text("language", language))
        self.large.setText(text("large_text_off" if state.ui.large_text else "large_text_on", language))
        self.end.setText(text("end", language))
        self.end.setVisible(isinstance(state.screen, ENDABLE))

    def _switch_language(self) -> None:
        other = s.Language.EN if self._ui.language is s.Language.ZH else s.Language.ZH
        self._post(e.LanguageChosen(other))

    def _switch_size(self) -> None:
        self._post(e.LargeTextChosen(not self._ui.large_text))


class StillThere(QWidget):
    """The question over everything, at least 20 seconds before a screen ends (WCAG 2.2, 2.2.1)."""

    def __init__(self, parent: QWidget, post: Callable[[e.Event], None]) -> None:
        super().__init__(parent)
        self.setObjectName("overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        card = QFrame()
        card.setProperty("role", "card")
        self.title, self.hint = label("title", centre=True), label("strong", centre=True)
        self.here = button("still_here", lambda: post(e.Touched()), "main")
        inner = column(card, margin=56, spacing=36)
        for widget in (self.title, self.hint, self.here):
            inner.addWidget(widget)
        layout = column(self, margin=72)
        layout.addStretch(1)
        layout.addWidget(card)
        layout.addStretch(1)
        self.hide()

    def render_state(self, state: s.State) -> None:
        """Show it while the state says so."""
        self.setVisible(state.warned)
        if state.warned and state.deadline is not None:
            language, left = state.ui.language.value, max(0, math.ceil(state.deadline - state.now))
            self.title.setText(text("still_title", language))
            self.hint.setText(text("still_hint", language, seconds=left))
            self.here.setText(text("still_here", language))
            self.raise_()


class TerminalWindow(QWidget):
    """Shows states; posts what the holder touches."""

    def __init__(
        self, post: Callable[[e.Event], None], pin: PinBuffer, services: tuple[Service, ...], terminal_id: str
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._post, self._terminal_id = post, terminal_id
        self._context = Context(post, pin, services)
        self._screens: dict[type, Screen] = {}
        self._large: bool | None = None
        self._shown: object = None
        self.bar = TopBar(post)
        self.stack = QStackedWidget()
        self._hotline, self._terminal_words = label("small"), label("small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self._make_foot())
        self.overlay = StillThere(self, post)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def _make_foot(self) -> QWidget:
        foot = QWidget()
        foot.setProperty("role", "foot")
        self._terminal_words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(foot)
        layout.setContentsMargins(48, 18, 48, 26)
        layout.addWidget(self._hotline, 1)
        layout.addWidget(self._terminal_words, 1)
        return foot

    def fill_screen(self) -> None:
        """Cover the whole screen, also where there is no window manager."""
        screen = QGuiApplication.primaryScreen()
        if screen is not None:
            self.setGeometry(screen.geometry())
        self.show()

    def show_state(self, state: s.State) -> None:
        """Show this state; cheap when nothing of it can be seen to have changed."""
        seconds = math.ceil(state.deadline - state.now) if state.warned and state.deadline is not None else None
        seen = (state.screen, state.ui, state.paper, state.warned, seconds)
        if seen == self._shown:
            return
        self._shown = seen
        if state.ui.large_text != self._large:
            self._large = state.ui.large_text
            self.setStyleSheet(style_sheet(state.ui.large_text))
        screen = self._screen(type(state.screen))
        screen.render_state(state)
        self._leave(self.stack.currentWidget(), screen)
        self.stack.setCurrentWidget(screen)
        self.bar.render_state(state)
        self.overlay.render_state(state)
        language = state.ui.language.value
        self._hotline.setText(text("hotline", language))
        self._terminal_words.setText(text("terminal", language, id=self._terminal_id))

    def screen_for(self, kind: type) -> Screen:
        """The widget that shows states of this kind."""
        return self._screen(kind)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """The question covers the window at any size."""
        self.overlay.setGeometry(self.rect())
        super().resizeEvent(event)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Any touch in our window says that someone is there."""
        pressed = event is not None and event.type() is QEvent.Type.MouseButtonPress
        if pressed and isinstance(watched, QWidget) and watched.window() is self:
            self._post(e.Touched())
        return super().eventFilter(watched, event)

    def _screen(self, kind: type) -> Screen:
        if kind not in self._screens:
            made = SCREENS[kind](self._context)
            self._screens[kind] = made
            self.stack.addWidget(made)
        return self._screens[kind]

    @staticmethod
    def _leave(before: QWidget | None, after: Screen) -> None:
        if isinstance(before, ViewingScreen) and before is not after:
            before.forget()
