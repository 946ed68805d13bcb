"""The holder's time: a calm line with "I need more time" on every screen that ends by itself, and the question over it.

Calm: above a minute the line changes once a minute, then every ten seconds; only the last seconds are counted one by
one, large, in the question (WCAG 2.2, 2.2.1 and 2.2.2). The line keeps its room, so that nothing moves.
"""

import math
from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QWidget

from kiosk.screens.parts import button, column, label
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.clock import has_holders_time, session_end, session_seconds
from kiosk.texts import text

Post = Callable[[e.Event], None]


def seconds_left(state: s.State) -> float | None:
    """Until this screen ends for its holder, by its own time or the session's; None where no holder waits."""
    if state.deadline is None or not has_holders_time(state.screen):
        return None
    over = session_end(state)
    end = state.deadline if over is None else min(state.deadline, over)
    return max(0.0, end - state.now)


def session_seconds_left(state: s.State) -> int | None:
    """Until the session ends, once that was announced; rounded up."""
    over = session_end(state)
    if over is None or state.ending is s.Announced.NOT_YET:
        return None
    return max(0, math.ceil(over - state.now))


def calm(state: s.State, left: float) -> str:
    """The line's words."""
    language, ending = state.ui.language.value, session_seconds_left(state)
    if ending is not None:
        return text("session_left", language, seconds=_tens(ending))
    if left > 60:
        return text("minutes_left", language, minutes=math.ceil(left / 60))
    return text("seconds_left", language, seconds=_tens(left))


def _tens(seconds: float) -> int:
    return max(10, math.ceil(seconds / 10) * 10)


class TimeStrip(QWidget):
    """The line above the foot."""

    def __init__(self, post: Post) -> None:
        super().__init__()
        self.setProperty("role", "strip")
        self.words = label("small", name="time_left")
        self.more = button("more_time", lambda: post(e.MoreTimeTouched()), "quiet")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(28)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.more)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)

    def render_state(self, state: s.State) -> None:
        """Shown while the holder's time runs; before a screen's clock starts the last words stay."""
        shown = has_holders_time(state.screen)
        self.setVisible(shown)
        self.more.setText(text("more_time", state.ui.language.value))
        left = seconds_left(state)
        if shown and left is not None:
            self.words.setText(calm(state, left))


class Question(QWidget):
    """Over everything: "still there?" before a screen ends, and the notice before the session does."""

    def __init__(self, parent: QWidget, post: Post) -> None:
        super().__init__(parent)
        self.setObjectName("overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        card = QFrame()
        card.setProperty("role", "card")
        self.title, self.hint = label("title", centre=True), label("strong", centre=True)
        self.count = label("count", centre=True)
        self.here = button("still_here", lambda: post(e.Touched()), "main")
        self.more = button("more_time_now", lambda: post(e.MoreTimeTouched()))
        inner = column(card, margin=56, spacing=32)
        for widget in (self.title, self.count, self.hint, self.here, self.more):
            inner.addWidget(widget)
        layout = column(self, margin=72)
        layout.addStretch(1)
        layout.addWidget(card)
        layout.addStretch(1)
        self.hide()

    def render_state(self, state: s.State) -> None:
        """Show it while the state says so. The session's end is told, not asked: nothing can move it."""
        ending = state.ending is s.Announced.SHOWN
        self.setVisible(state.warned or ending)
        if not (state.warned or ending):
            return
        language, left = state.ui.language.value, math.ceil(seconds_left(state) or 0)
        session = session_seconds_left(state)
        final = session is not None and session <= left
        self.title.setText(text("ending_title" if final else "still_title", language))
        minutes = round(session_seconds(state) / 60)
        ending_hint = "ending_hint" if state.card_in else "ending_hint_phone"
        self.hint.setText(text(ending_hint if final else "still_hint", language, minutes=minutes))
        self.count.setText(text("count", language, seconds=left))
        self.here.setText(text("understood" if final else "still_here", language))
        self.more.setText(text("more_time", language))
        self.more.setVisible(not final)
        self.raise_()
