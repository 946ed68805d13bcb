"""The account's questions: the notice before consent, read to its end without a mouse; and what came of a change."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QScrollArea, QScroller, QVBoxLayout, QWidget

from kiosk.screens.context import Context, Screen
from kiosk.screens.message import MessageScreen
from kiosk.screens.parts import button, column, label, row
from kiosk.session import events as e
from kiosk.session import state as s


class AccountQuestionScreen(Screen):
    """Title, the words in full, pages where they are longer than the screen, two equal buttons."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.title, self.version, self.alert = label("title"), label("soft"), label("alert")
        self.words = label("body", name="account_words")
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.area = self._scrolling()
        self.up = button("words_up", lambda: self._turn(-1))
        self.down = button("words_down", lambda: self._turn(1))
        self.no = button("account_no", lambda: context.post(e.BackTouched()))
        self.yes = button("account_yes", lambda: context.post(e.AccountConfirmed()))
        body = column(self, margin=48, spacing=26)
        for widget in (self.title, self.version, self.alert):
            body.addWidget(widget)
        body.addWidget(self.area, 1)
        body.addLayout(row(self.up, self.down))
        body.addLayout(row(self.no, self.yes))

    def _scrolling(self) -> QScrollArea:
        area, content = QScrollArea(), QWidget()
        content.setProperty("role", "clear")
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 24, 0)
        inner.addWidget(self.words)
        inner.addStretch(1)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        QScroller.grabGesture(area.viewport(), QScroller.ScrollerGestureType.LeftMouseButtonGesture)
        bar = area.verticalScrollBar()
        if bar is not None:
            bar.rangeChanged.connect(lambda _least, _most: self._show_turns())
            bar.valueChanged.connect(lambda _value: self._show_turns())
        return area

    def _turn(self, pages: int) -> None:
        bar = self.area.verticalScrollBar()
        if bar is not None:
            bar.setValue(bar.value() + pages * (bar.pageStep() - 60))

    def _show_turns(self) -> None:
        bar = self.area.verticalScrollBar()
        if bar is None:
            return
        for turn, on in ((self.up, bar.value() > 0), (self.down, bar.value() < bar.maximum())):
            turn.setVisible(bar.maximum() > 0)
            turn.setEnabled(on)

    def render_state(self, state: s.State) -> None:
        """What is asked, in the holder's language."""
        screen = state.screen
        if not isinstance(screen, s.AccountQuestion):
            return
        name = screen.change.name.lower()
        self.title.setText(self.say(state, f"account_{name}_title"))
        self.yes.setText(self.say(state, f"account_{name}_yes"))
        self.no.setText(self.say(state, f"account_{name}_no"))
        self.up.setText(self.say(state, "words_up"))
        self.down.setText(self.say(state, "words_down"))
        self._show_words(state, screen)

    def _show_words(self, state: s.State, screen: s.AccountQuestion) -> None:
        notice = screen.record.notice if screen.change is s.AccountChange.OPEN else None
        self.version.setVisible(notice is not None and not screen.renewed)
        self.alert.setVisible(notice is not None and screen.renewed)
        if notice is None:
            words = self.say(state, f"account_{screen.change.name.lower()}_words")
        else:
            self.version.setText(self.say(state, "account_version", version=notice.version))
            self.alert.setText(self.say(state, "account_renewed", version=notice.version))
            words = notice.en if state.ui.language is s.Language.EN else notice.zh
        self.words.setText(words)
        self._show_turns()

    def forget(self) -> None:
        """The next holder begins at the first line."""
        self.words.clear()
        self.version.clear()
        self.alert.clear()
        bar = self.area.verticalScrollBar()
        if bar is not None:
            bar.setValue(0)


class AccountOverScreen(MessageScreen):
    """Closed, or frozen; the card is to be taken."""

    def render_state(self, state: s.State) -> None:
        """Said once, plainly."""
        if not isinstance(state.screen, s.AccountOver):
            return
        name = state.screen.change.name.lower()
        self.picture.show_drawing("good")
        self.title.setText(self.say(state, f"account_{name}_done"))
        self.hint.setText(self.say(state, f"account_{name}_after"))
        self.more.setText(self.say(state, "failed_take"))
        self.more.setVisible(True)
