"""A record on the screen, drawn from the service's view: years to choose, sections, and the way to paper."""

from functools import partial

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QScroller, QVBoxLayout, QWidget

from kiosk.screens.context import Context, Screen
from kiosk.screens.guardian import choice_tile
from kiosk.screens.parts import button, column, label, row
from kiosk.screens.style import Sizes, sizes
from kiosk.screens.view_table import ViewTable
from kiosk.services.views import Pages, Pair, Section, View
from kiosk.session import events as e
from kiosk.session.state import AccountChange, State, Viewing

CHIPS_PER_ROW = 6


def section_card(section: Section, size: Sizes) -> QFrame:
    """One section on white."""
    card = QFrame()
    card.setProperty("role", "card")
    body = QVBoxLayout(card)
    body.setContentsMargins(36, 30, 36, 34)
    body.setSpacing(20)
    if section.title:
        title = label("strong")
        title.setText(section.title)
        body.addWidget(title)
    if section.pairs:
        body.addLayout(_pairs(section.pairs))
    if section.table is not None:
        body.addWidget(ViewTable(section.table, size))
    if section.note:
        note = label("small")
        note.setText(section.note)
        body.addWidget(note)
    return card


def _pairs(pairs: tuple[Pair, ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(22)
    grid.setHorizontalSpacing(36)
    for place in (0, 1):
        grid.setColumnStretch(place, 1)
    line, place = 0, 0
    for pair in pairs:
        if pair.wide and place:
            line, place = line + 1, 0
        grid.addWidget(_pair(pair), line, place, 1, 2 if pair.wide else 1)
        line, place = (line, 1) if place == 0 and not pair.wide else (line + 1, 0)
    return grid


def _pair(pair: Pair) -> QWidget:
    box = QWidget()
    box.setProperty("role", "clear")
    body = QVBoxLayout(box)
    body.setContentsMargins(0, 0, 0, 0)
    body.setSpacing(4)
    for role, words in (("small", pair.label), ("value", pair.value)):
        made: QLabel = label(role)
        made.setText(words)
        body.addWidget(made)
    return box


class ViewingScreen(Screen):
    """Title, year chips, a scrolling body, pages to turn, and the ways on."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.title = label("title")
        self.chips = QGridLayout()
        self.chips.setSpacing(16)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        QScroller.grabGesture(self.area.viewport(), QScroller.ScrollerGestureType.LeftMouseButtonGesture)
        self.back = button("back", lambda: context.post(e.BackTouched()))
        self.to_paper = button("print", lambda: context.post(e.PrintAsked()), "main")
        self.newer = button("newer", lambda: context.post(e.PageTurned(older=False)))
        self.older = button("older", lambda: context.post(e.PageTurned(older=True)))
        body = column(self, margin=48, spacing=26)
        body.addWidget(self.title)
        body.addLayout(self.chips)
        body.addWidget(self.area, 1)
        body.addLayout(row(self.newer, self.older))
        body.addLayout(self._make_changes())
        body.addLayout(row(self.back, self.to_paper))
        self._shown: tuple[object, ...] = ()

    def render_state(self, state: State) -> None:
        """The view of this record, year and language; built anew only when one of them changed."""
        screen = state.screen
        if not isinstance(screen, Viewing):
            return
        self.back.setText(self.say(state, "back"))
        self.to_paper.setText(self.say(state, "print"))
        self.newer.setText(self.say(state, "newer"))
        self.older.setText(self.say(state, "older"))
        wanted = (screen.record, screen.year, state.ui)
        if wanted == self._shown:
            return
        self._shown = wanted
        service = self.context.service(screen.service)
        view = service.present(screen.record, screen.year, state.ui.language.value)
        self.title.setText(view.title)
        self.to_paper.setVisible(bool(service.documents))
        self._show_pages(view.pages)
        self._show_changes(state, view.changes)
        self._show_chips(state, view)
        self._show_sections(view, sizes(state.ui.large_text))

    def forget(self) -> None:
        """Nothing of the holder stays in the widgets."""
        self._shown = ()
        self.title.setText("")
        self._drop_chips()
        self.area.setWidget(QWidget())

    def _show_pages(self, pages: Pages | None) -> None:
        for turn in (self.newer, self.older):
            turn.setVisible(pages is not None)
        if pages is not None:
            self.newer.setEnabled(pages.newer)
            self.older.setEnabled(pages.older)

    def _make_changes(self) -> QGridLayout:
        self.changes = {one: button(f"account_{one.value}", partial(self._change, one)) for one in AccountChange}
        self.places = QGridLayout()
        self.places.setSpacing(20)
        return self.places

    def _change(self, change: AccountChange) -> None:
        self.context.post(e.AccountTouched(change))

    def _show_changes(self, state: State, values: tuple[str, ...]) -> None:
        for one, made in self.changes.items():
            made.setText(self.say(state, f"account_{one.name.lower()}"))
            made.setVisible(one.value in values)
        self._place([self.changes[AccountChange(value)] for value in values])

    def _place(self, buttons: list[QPushButton]) -> None:
        """Two side by side; the first has a line of its own when they are odd."""
        odd = len(buttons) % 2
        for index, made in enumerate(buttons):
            place = index + odd if index else 0
            self.places.addWidget(made, place // 2, place % 2, 1, 2 if odd and index == 0 else 1)

    def _drop_chips(self) -> None:
        while (item := self.chips.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()

    def _show_chips(self, state: State, view: View) -> None:
        self._drop_chips()
        years = (None, *view.years) if view.years else ()
        for index, year in enumerate(years):
            chip = button(f"year_{year or 'all'}", partial(self._choose, year), "chip")
            chip.setText(str(year) if year else self.say(state, "all_years"))
            chip.setCheckable(True)
            chip.setChecked(year == view.year)
            self.chips.addWidget(chip, index // CHIPS_PER_ROW, index % CHIPS_PER_ROW)

    def _choose(self, year: int | None) -> None:
        self.context.post(e.YearChosen(year))

    def _show_sections(self, view: View, size: Sizes) -> None:
        content = QWidget()
        content.setProperty("role", "clear")
        body = QVBoxLayout(content)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(26)
        for section in view.sections:
            body.addWidget(section_card(section, size))
        for place, choice in enumerate(view.choices):
            body.addWidget(choice_tile(place, choice, lambda chosen: self.context.post(e.WardChosen(chosen))))
        body.addStretch(1)
        self.area.setWidget(content)
