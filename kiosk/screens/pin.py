"""The PIN pad. Digits go into the PIN buffer; the session learns their count only. Keys stay where they are."""

from kiosk.failures import Failure
from kiosk.screens.context import Context, Screen
from kiosk.screens.keypad import Keypad
from kiosk.screens.parts import button, column, label, row
from kiosk.session import events as e
from kiosk.session.state import Acting, AtCard, PinEntry, State

LENGTH = 6


class PinScreen(Screen):
    """Pad of twelve keys and a confirm key."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.title, self.hint = label("title", centre=True), label("soft", centre=True)
        self.dots, self.guard = label("dots", centre=True), label("small", centre=True)
        self.alert = label("alert", centre=True)
        self.ward = label("acting", centre=True, name="pin_for")
        self.own = button("own", lambda: context.post(e.OwnTouched()))
        self.ok = button("pin_ok", lambda: context.post(e.PinSubmitted()), "main")
        self.body = body = column(self, margin=48, spacing=24)
        body.addStretch(1)
        for widget in (self.title, self.hint, self.ward, self.alert, self.dots):
            body.addWidget(widget)
        self.pad = Keypad("pin", self._digit, {"clear": self._clear, "delete": self._delete})
        body.addLayout(self.pad)
        self.confirm = row(self.own, self.ok)
        body.addLayout(self.confirm)
        self.ward.hide()
        self.own.hide()
        body.addWidget(self.guard)
        body.addStretch(2)

    def render_state(self, state: State) -> None:
        """Dots for digits, and the tries that are left."""
        screen = state.screen
        if not isinstance(screen, PinEntry):
            return
        self._show_whose(state, screen.card)
        self.show_pad(state, screen.length)
        self.alert.setVisible(screen.failure is not None)
        expired = screen.failure is Failure.SESSION_EXPIRED
        self.alert.setText(self.say(state, "pin_expired" if expired else "pin_tries", tries=screen.tries_left))

    def _show_whose(self, state: State, card: AtCard) -> None:
        acting = isinstance(card, Acting)
        self.title.setText(self.say(state, "pin_again_title" if acting else "pin_title"))
        self.hint.setText(self.say(state, "pin_hint", name=card.masked_name))
        if isinstance(card, Acting):
            self.ward.setText(self.say(state, f"pin_for_{card.kind.value}", name=card.masked_name))
        self.own.setText(self.say(state, "acting_own"))
        self.hint.setVisible(not acting)
        self.ward.setVisible(acting)
        self.own.setVisible(acting)

    def forget(self) -> None:
        """Neither the greeting, nor for whom it was, nor how many tries are left."""
        for words in (self.hint, self.ward, self.alert, self.dots):
            words.clear()
            words.setAccessibleName("")

    def show_pad(self, state: State, length: int) -> None:
        """Dots for digits, and the keys' words."""
        self.guard.setText(self.say(state, "pin_guard"))
        self.dots.setText("●" * length + "○" * (LENGTH - length))
        self.dots.setAccessibleName(f"{length} / {LENGTH}")
        self.ok.setText(self.say(state, "pin_ok"))
        self.ok.setEnabled(length == LENGTH)
        for key, made in self.pad.words.items():
            made.setText(self.say(state, f"pin_{key}"))

    def _digit(self, digit: int) -> None:
        self.context.pin.append(digit)
        self._tell()

    def _delete(self) -> None:
        self.context.pin.delete()
        self._tell()

    def _clear(self) -> None:
        self.context.pin.clear()
        self._tell()

    def _tell(self) -> None:
        self.context.post(e.PinChanged(len(self.context.pin)))
