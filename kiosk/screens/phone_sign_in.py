"""Signing in by phone: a symbol to scan, or an address and a code to type, and what to look out for."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel

from kiosk.screens.context import Context, Screen
from kiosk.screens.parts import button, column, label
from kiosk.screens.phone_copy import picture
from kiosk.session import events as e
from kiosk.session import state as s

SIDE = 480  # pixels of a 21.5-inch panel: 12 cm; the words below need their room in large text


class ShowingPhoneScreen(Screen):
    """Scan or type, compare, approve on the phone; or cancel here."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.title, self.words = label("title", centre=True), label("strong", centre=True)
        self.symbol = QLabel()
        self.symbol.setObjectName("phone_symbol")
        self.code, self.address = label("title", centre=True, name="user_code"), label("soft", centre=True)
        self.warning = label("alert", centre=True)
        self.cancel = button("cancel", lambda: context.post(e.EndTouched()))
        body = column(self, margin=48, spacing=22)
        body.addWidget(self.title)
        body.addWidget(self.symbol, 0, Qt.AlignmentFlag.AlignHCenter)
        for widget in (self.words, self.code, self.address, self.warning):
            body.addWidget(widget)
        body.addStretch(1)
        body.addWidget(self.cancel)
        self._shown: s.PhoneCodes | None = None

    def render_state(self, state: s.State) -> None:
        """This visit's codes."""
        if not isinstance(state.screen, s.ShowingPhone):
            return
        codes = state.screen.codes
        self.title.setText(self.say(state, "phone_title"))
        self.words.setText(self.say(state, "phone_code"))
        self.code.setText(codes.user_code)
        address = codes.address.split("://", 1)[-1]
        self.address.setText(self.say(state, "phone_address", address=address))
        self.warning.setText(self.say(state, "phone_warning"))
        self.cancel.setText(self.say(state, "phone_cancel"))
        if codes != self._shown:
            self._shown = codes
            drawn = picture(codes.qr, SIDE)
            self.symbol.setFixedSize(drawn.size())
            self.symbol.setPixmap(drawn)

    def forget(self) -> None:
        """Nobody else may pick this sign-in up."""
        self._shown = None
        self.symbol.clear()
        for words in (self.code, self.address):
            words.clear()
