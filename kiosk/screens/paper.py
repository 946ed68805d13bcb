"""Paper: which one, how far it is, and what came out."""

from functools import partial

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from backend_client.contract.documents import Medium
from kiosk.failures import failure_text
from kiosk.screens.context import Context, Screen
from kiosk.screens.parts import Switch, Tile, button, column, label, row
from kiosk.screens.picture import Picture
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.paper_steps import clearable, copyable

SMALLEST = QSize(120, 120)
CHOICES = (
    ("slip", (Medium.SLIP,)),
    ("a4", (Medium.A4,)),
    ("both", (Medium.SLIP, Medium.A4)),
)


class ChoosePaperScreen(Screen):
    """Slip, A4 page or both; what can't be printed now says why."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.title = label("title")
        self.back = button("back", lambda: context.post(e.BackTouched()))
        self.tiles = {name: Tile(f"paper_{name}", name, partial(self._choose, media)) for name, media in CHOICES}
        self.large_print = Switch("large_print", self._switch)
        body = column(self, margin=48, spacing=24)
        body.addWidget(self.title)
        body.addWidget(self.large_print)  # before the tiles: a touch on one of them prints
        for tile in self.tiles.values():
            body.addWidget(tile)
        body.addStretch(1)
        body.addWidget(self.back)

    def _choose(self, media: tuple[Medium, ...]) -> None:
        self.context.post(e.PaperChosen(media))

    def _switch(self, on: bool) -> None:
        self.context.post(e.LargePrintChosen(on))

    def render_state(self, state: s.State) -> None:
        """Names, hints, faults, and whether A4 documents come in large print."""
        self.title.setText(self.say(state, "paper_title"))
        self.back.setText(self.say(state, "back"))
        for name, media in CHOICES:
            fault = next((state.paper.fault(medium) for medium in media if state.paper.fault(medium)), None)
            hint = (
                failure_text(fault, state.ui.language.value).holder if fault else self.say(state, f"paper_{name}_hint")
            )
            self.tiles[name].say(self.say(state, f"paper_{name}_name"), hint)
            self.tiles[name].setEnabled(fault is None)
        self.large_print.say(self.say(state, "large_print_name"), self.say(state, "large_print_hint"))
        self.large_print.show_on(state.ui.large_print)
        self.large_print.setVisible(state.paper.a4 is None)


class DocumentLine(QFrame):
    """One document: its picture, its name, how far it is."""

    def __init__(self, medium: Medium) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.medium, self.name, self.news = medium, label("strong"), label("soft")
        words = QVBoxLayout()
        words.addWidget(self.name)
        words.addWidget(self.news)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(36, 22, 36, 22)
        layout.setSpacing(36)
        self.picture = Picture(medium.value, QSize(120, 120), QSize(80, 80))
        layout.addWidget(self.picture)
        layout.addLayout(words, 1)

    def say(self, name: str, news: str, picture: str) -> None:
        """What is known of this document."""
        self.name.setText(name)
        self.news.setText(news)
        self.picture.show_drawing(picture)


def ended_news(screen: Screen, state: s.State, printed: s.Printed) -> tuple[str, str]:
    """News and picture of a document that has ended."""
    if printed.failure is None:
        return screen.say(state, "done_number", number=printed.doc_no), "good"
    words = failure_text(printed.failure, state.ui.language.value)
    return f"{words.holder}\n{words.remedy}", "alert"


class DocumentsScreen(Screen):
    """Lines for both media; subclasses say what stands around them."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.title, self.hint = label("title"), label("soft")
        self.lines = {medium: DocumentLine(medium) for medium in (Medium.SLIP, Medium.A4)}
        self.body = column(self, margin=48, spacing=24)
        for widget in (self.title, self.hint, *self.lines.values()):
            self.body.addWidget(widget)
        self.body.addStretch(1)

    def forget(self) -> None:
        """No document's number."""
        for line in self.lines.values():
            line.say("", "", line.medium.value)

    def show_lines(self, state: s.State, ended: tuple[s.Printed, ...]) -> None:
        """A line for each document that has ended, and no other."""
        media = {printed.medium for printed in ended}
        for medium, line in self.lines.items():
            line.setVisible(medium in media)
        self.show_ended(state, ended)

    def show_ended(self, state: s.State, ended: tuple[s.Printed, ...]) -> None:
        """The documents that have ended."""
        for printed in ended:
            news, picture = ended_news(self, state, printed)
            self.lines[printed.medium].say(self.say(state, f"medium_{printed.medium.value}"), news, picture)


class PrintingScreen(DocumentsScreen):
    """How far each document is, in words."""

    def render_state(self, state: s.State) -> None:
        """Steps of the journal."""
        screen = state.screen
        if not isinstance(screen, s.Printing):
            return
        self.title.setText(self.say(state, "printing_title"))
        self.hint.setText(self.say(state, "printing_hint"))
        ended = {printed.medium for printed in screen.ended}
        for medium, line in self.lines.items():
            line.setVisible(medium in ended or medium in screen.media)
            step = screen.step.value if medium is screen.media[0] else "waiting"
            name, news = self.say(state, f"medium_{medium.value}"), self.say(state, f"step_{step}")
            line.say(name, news, medium.value)
        self.show_ended(state, screen.ended)


class DoneScreen(DocumentsScreen):
    """Take your paper; then another service, or the card."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.more = button("continue", lambda: context.post(e.HomeTouched()))
        self.finish = button("finish", lambda: context.post(e.EndTouched()), "main")
        self.wait = button("wait", lambda: context.post(e.WaitTouched()))
        self.copy = button("copy", lambda: context.post(e.CopyAsked()))
        self.body.addWidget(self.copy)
        self.body.addWidget(self.wait)
        self.body.addLayout(row(self.more, self.finish))

    def render_state(self, state: s.State) -> None:
        """What came out."""
        screen = state.screen
        if not isinstance(screen, s.Done):
            return
        failures = [printed for printed in screen.ended if printed.failure]
        title = "done_title" if not failures else "done_none" if len(failures) == len(screen.ended) else "done_some"
        self.title.setText(self.say(state, title))
        self.hint.setText("")
        self.hint.hide()
        self.copy.setText(self.say(state, "copy"))
        self.copy.setVisible(copyable(screen.ended))
        self.wait.setText(self.say(state, "wait_for_attendant"))
        self.wait.setVisible(clearable(screen.ended) is not None)
        self.more.setText(self.say(state, "continue"))
        self.finish.setText(self.say(state, "finish"))
        self.show_lines(state, screen.ended)


class AwaitingRepairScreen(DocumentsScreen):
    """The attendant was called; the holder may stay, with the card in."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.picture = Picture("attendant", QSize(320, 320), SMALLEST)
        self.body.insertWidget(0, self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        self.away = label("soft")
        self.body.insertWidget(self.body.count() - 1, self.away)
        self.back = button("back", lambda: context.post(e.BackTouched()))
        self.body.addWidget(self.back)

    def render_state(self, state: s.State) -> None:
        """Which paper is waited for, and that it is safe to go away."""
        screen = state.screen
        if not isinstance(screen, s.AwaitingRepair):
            return
        self.title.setText(self.say(state, "repair_title"))
        self.hint.setText(self.say(state, "repair_hint", paper=self.say(state, f"medium_{screen.medium.value}")))
        self.away.setText(self.say(state, "repair_away"))
        self.away.setVisible(isinstance(screen.card, s.Card))
        self.back.setText(self.say(state, "repair_back"))
        self.show_lines(state, screen.ended)
