"""The city's other systems: which one, and the frame around its page, which another program draws."""

from functools import partial

from PyQt6.QtCore import QPoint, QRect
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk.screens.context import Context, Screen
from kiosk.screens.message import MessageScreen
from kiosk.screens.parts import Tile, button, column, label, listed, scrolling
from kiosk.session import events as e
from kiosk.session import state as s

ZOOM, LARGE_ZOOM = 2.0, 2.5
"""A page's 16 px are then 32 or 40 of this panel: readable where a person stands (screens/style.py)."""


def name_of(site: s.Site, state: s.State) -> str:
    """As the holder reads it."""
    return site.en if state.ui.language is s.Language.EN else site.zh


class ChoosingSiteScreen(Screen):
    """One tile a site, in a list that may be long."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.title, self.hint = label("title"), label("soft")
        self.area = scrolling()
        self.back = button("back", lambda: context.post(e.BackTouched()))
        body = column(self)
        body.addWidget(self.title)
        body.addWidget(self.hint)
        body.addWidget(self.area, 1)
        body.addWidget(self.back)
        self._shown: tuple[object, ...] = ()

    def render_state(self, state: s.State) -> None:
        """The list in the holder's language; what a phone sign-in can't open says so."""
        if not isinstance(state.screen, s.ChoosingSite):
            return
        self.title.setText(self.say(state, "sites_title"))
        self.hint.setText(self.say(state, "sites_hint"))
        self.back.setText(self.say(state, "back"))
        phone = isinstance(state.screen.card, s.ByPhone)
        wanted = (state.sites, state.ui, phone)
        if wanted == self._shown:
            return
        self._shown = wanted
        content, body = listed()
        body.setSpacing(24)
        for site in state.sites:
            tile = Tile(f"site_{site.ident}", "door", partial(self._choose, site))
            purpose = "phone_card_only" if phone and site.card else "site_purpose"
            tile.say(name_of(site, state), self.say(state, purpose))
            body.addWidget(tile)
        body.addStretch(1)
        self.area.setWidget(content)

    def _choose(self, site: s.Site) -> None:
        self.context.post(e.SiteChosen(site))


class OpeningSiteScreen(MessageScreen):
    """Wait for its page; not for ever, and not against the holder's will."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.back = button("back", lambda: context.post(e.BackTouched()))
        self.body.insertWidget(self.body.count() - 1, self.back)

    def render_state(self, state: s.State) -> None:
        """Which one."""
        if not isinstance(state.screen, s.OpeningSite):
            return
        self.title.setText(self.say(state, "opening_site_title", name=name_of(state.screen.site, state)))
        self.hint.setText(self.say(state, "opening_site_hint" if state.card_in else "loading_hint_phone"))
        self.back.setText(self.say(state, "back"))

    def forget(self) -> None:
        """Not which site it was."""
        self.title.clear()


class AtSiteScreen(Screen):
    """Whose page it is and the way back, drawn by the terminal; the page's own window lies over `room`."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.name, self.hint = label("strong"), label("small")
        self.back = button("site_back", lambda: context.post(e.BackTouched()), "main")
        self.room = QWidget()
        self.room.setObjectName("site_room")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.name)
        words.addWidget(self.hint)
        line = QHBoxLayout()
        line.setSpacing(28)
        line.addLayout(words, 1)
        line.addWidget(self.back)
        body = column(self, margin=24, spacing=18)
        body.addLayout(line)
        body.addWidget(self.room, 1)
        self._large = False

    def render_state(self, state: s.State) -> None:
        """Whose page it is."""
        if not isinstance(state.screen, s.AtSite):
            return
        self._large = state.ui.large_text
        self.name.setText(name_of(state.screen.site, state))
        self.hint.setText(self.say(state, "site_whose"))
        self.back.setText(self.say(state, "site_back"))

    def place(self) -> tuple[QRect, float]:
        """Where the page belongs on the display, and how large its words are."""
        return QRect(self.room.mapToGlobal(QPoint(0, 0)), self.room.size()), LARGE_ZOOM if self._large else ZOOM

    def forget(self) -> None:
        """Not which site it was."""
        self.name.clear()
