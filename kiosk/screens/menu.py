"""The services of this terminal as tiles, made from their declarations."""

from functools import partial

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout

from kiosk.screens.context import Context, Screen
from kiosk.screens.parts import Tile, button, column, label, listed, scrolling
from kiosk.services.service import Assurance
from kiosk.session import events as e
from kiosk.session.state import Acting, ByPhone, Menu, State


class MenuScreen(Screen):
    """One tile a service."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.title, self.who = label("title"), label("soft")
        body = column(self, margin=48, spacing=18)
        body.setContentsMargins(48, 28, 48, 28)
        body.addWidget(self.title)
        self.change_pin = button("change_pin", lambda: context.post(e.ChangePinChosen()))
        line = QHBoxLayout()
        line.addWidget(self.who, 1)
        line.addWidget(self.change_pin)
        self.finish = button("finish", lambda: context.post(e.EndTouched()))
        line.addWidget(self.finish)
        body.addLayout(line)
        self.tiles = {service.id: self._tile(service.id, service.icon) for service in context.services}
        self.tiles["sites"] = Tile("sites", "door", lambda: context.post(e.SitesTouched()))
        self.places = QGridLayout()
        self.places.setSpacing(body.spacing())
        self.area = scrolling()
        content, tiles = listed()
        tiles.addLayout(self.places)
        tiles.addStretch(1)
        self.area.setWidget(content)
        body.addWidget(self.area, 1)
        self._columns = 0
        self._place_tiles(1)

    def minimumSizeHint(self) -> QSize:
        """None: how many columns there are follows from the size, and not the other way round."""
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """One column of tiles on an upright screen, two on a lying one."""
        super().resizeEvent(event)
        self._place_tiles(2 if self.width() > self.height() else 1)

    def _place_tiles(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for index, tile in enumerate(self.tiles.values()):
            self.places.addWidget(tile, index // columns, index % columns)
        for column_number in range(2):
            self.places.setColumnStretch(column_number, int(column_number < columns))

    def _tile(self, ident: str, icon: str) -> Tile:
        return Tile(f"service_{ident}", icon, partial(self._choose, ident))

    def _choose(self, ident: str) -> None:
        self.context.post(e.ServiceChosen(ident))

    def forget(self) -> None:
        """Not whose menu it was."""
        self.who.clear()

    def render_state(self, state: State) -> None:
        """Titles in the holder's language."""
        if not isinstance(state.screen, Menu):
            return
        card, language = state.screen.card, state.ui.language.value
        self.title.setText(self.say(state, "menu_title"))
        phone, acting = isinstance(card, ByPhone), isinstance(card, Acting)
        hint = "phone_menu_hint" if phone else "menu_hint"
        self.who.setText(self.say(state, hint, name=card.masked_name, id=card.masked_id_no))
        for service in self.context.services:
            needs_card = phone and service.assurance is Assurance.CARD
            purpose = self.say(state, "phone_card_only") if needs_card else service.purpose[language]
            self.tiles[service.id].say(service.title[language], purpose)
            self.tiles[service.id].setVisible(service.for_wards or not acting)
        self.tiles["sites"].say(self.say(state, "sites_title"), self.say(state, "sites_purpose"))
        self.tiles["sites"].setVisible(bool(state.sites) and not acting)
        self.change_pin.setText(self.say(state, "change_pin"))
        self.change_pin.setVisible(not phone and not acting)
        self.finish.setText(self.say(state, "phone_finish"))
        self.finish.setVisible(phone)
