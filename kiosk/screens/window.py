"""The terminal's one window: top bar, the screen of the state, time that is left, foot, and the question over all."""

import math
from collections.abc import Callable, Mapping

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QGuiApplication, QResizeEvent
from PyQt6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from city import PIN_COUNTER
from kiosk.pin_buffer import PinBuffer
from kiosk.screens.account import AccountOverScreen, AccountQuestionScreen
from kiosk.screens.change_pin import ChangePinScreen, NewPinSetScreen
from kiosk.screens.context import Context, Screen
from kiosk.screens.guardian import ActingBanner
from kiosk.screens.menu import MenuScreen
from kiosk.screens.message import CardForgottenScreen, FailedScreen, MessageScreen, OutOfServiceScreen, WelcomeScreen
from kiosk.screens.number_pad import CodeEntryScreen, NumberEntryScreen
from kiosk.screens.paper import AwaitingRepairScreen, ChoosePaperScreen, DoneScreen, PrintingScreen
from kiosk.screens.parts import button, label
from kiosk.screens.phone_copy import ShowingCopyScreen
from kiosk.screens.phone_sign_in import ShowingPhoneScreen
from kiosk.screens.pin import PinScreen
from kiosk.screens.site import AtSiteScreen, ChoosingSiteScreen, OpeningSiteScreen
from kiosk.screens.style import style_sheet
from kiosk.screens.time_left import Question, TimeStrip, calm, seconds_left
from kiosk.screens.viewing import ViewingScreen
from kiosk.services.service import Service
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.matrix import MATRIX, Ignored
from kiosk.site_view.rules import Place
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
    s.AwaitingRepair: AwaitingRepairScreen,
    s.Resuming: MessageScreen,
    s.MakingCopy: MessageScreen,
    s.ShowingCopy: ShowingCopyScreen,
    s.ChangePin: ChangePinScreen,
    s.ChangingPin: MessageScreen,
    s.NewPinSet: NewPinSetScreen,
    s.Failed: FailedScreen,
    s.TakeCard: MessageScreen,
    s.CardForgotten: CardForgottenScreen,
    s.AskingPhone: MessageScreen,
    s.ShowingPhone: ShowingPhoneScreen,
    s.AccountQuestion: AccountQuestionScreen,
    s.ChangingAccount: MessageScreen,
    s.AccountOver: AccountOverScreen,
    s.NumberEntry: NumberEntryScreen,
    s.SendingCode: MessageScreen,
    s.CodeEntry: CodeEntryScreen,
    s.CheckingCode: MessageScreen,
    s.ChoosingSite: ChoosingSiteScreen,
    s.OpeningSite: OpeningSiteScreen,
    s.AtSite: AtSiteScreen,
}


def _takes(state: s.State, event: type) -> bool:
    return not isinstance(MATRIX[type(state.screen), event], Ignored)


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
        self.end.setVisible(_takes(state, e.EndTouched))
        for switch in (self.language, self.large):
            switch.setVisible(_takes(state, e.LanguageChosen))

    def _switch_language(self) -> None:
        other = s.Language.EN if self._ui.language is s.Language.ZH else s.Language.ZH
        self._post(e.LanguageChosen(other))

    def _switch_size(self) -> None:
        self._post(e.LargeTextChosen(not self._ui.large_text))


class TerminalWindow(QWidget):
    """Shows states; posts what the holder touches."""

    def __init__(
        self,
        post: Callable[[e.Event], None],
        pin: PinBuffer,
        services: tuple[Service, ...],
        terminal_id: str,
        pin_counter: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._post, self._terminal_id = post, terminal_id
        self._context = Context(post, pin, services, pin_counter or PIN_COUNTER)
        self._screens: dict[type, Screen] = {}
        self._large: bool | None = None
        self._shown: object = None
        self._time_shown: object = None
        self.bar, self.banner = TopBar(post), ActingBanner(post)
        self.stack = QStackedWidget()
        self._hotline, self._terminal_words = label("small"), label("small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.banner)
        layout.addWidget(self.stack, 1)
        self.strip = TimeStrip(post)
        self._foot = self._make_foot()
        layout.addLayout(self._foot)
        self.overlay = Question(self, post)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def _make_foot(self) -> QBoxLayout:
        words = QWidget()
        words.setProperty("role", "foot")
        self._terminal_words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        inner = QHBoxLayout(words)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self._hotline, 1)
        inner.addWidget(self._terminal_words, 1)
        foot = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        foot.setContentsMargins(48, 10, 48, 16)
        foot.setSpacing(14)
        foot.addWidget(self.strip, 1)
        foot.addWidget(words, 1)
        return foot

    def fill_screen(self) -> None:
        """Cover the whole screen, also where there is no window manager."""
        screen = QGuiApplication.primaryScreen()
        if screen is not None:
            self.setGeometry(screen.geometry())
        self.show()

    def show_state(self, state: s.State) -> None:
        """Show this state; cheap when nothing of it can be seen to have changed."""
        self._show_time(state)
        seen = (state.screen, state.ui, state.paper, state.sites, state.card_in, state.clock_off)
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
        self.banner.render_state(state, leaves=_takes(state, e.OwnTouched))
        language = state.ui.language.value
        self._hotline.setText(text("hotline", language))
        self._terminal_words.setText(text("terminal", language, id=self._terminal_id))

    def _show_time(self, state: s.State) -> None:
        left = seconds_left(state)
        asked = state.warned or state.ending is s.Announced.SHOWN
        words = None if left is None else math.ceil(left) if asked else calm(state, left)
        seen = (type(state.screen), state.ui, state.warned, state.ending, words)
        if seen != self._time_shown:
            self._time_shown = seen
            self.strip.render_state(state)
            self.overlay.render_state(state)

    def room_for_site(self) -> Place | None:
        """Where another program's window belongs; nowhere while the terminal itself has something to say."""
        screen = self.stack.currentWidget()
        if not isinstance(screen, AtSiteScreen) or not self.overlay.isHidden():
            return None
        for widget in (self, self.stack, screen):
            layout = widget.layout()
            if layout is not None:
                layout.activate()
        room, zoom = screen.place()
        return Place(room.x(), room.y(), room.width(), room.height(), zoom)

    def screen_for(self, kind: type) -> Screen:
        """The widget that shows states of this kind."""
        return self._screen(kind)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """The question covers the window at any size; a wide window has the time and the words side by side."""
        wide = self.width() > self.height()
        self._foot.setDirection(QBoxLayout.Direction.RightToLeft if wide else QBoxLayout.Direction.TopToBottom)
        self._foot.setSpacing(60 if wide else 14)
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
        if isinstance(before, Screen) and before is not after:
            before.forget()
