"""A phone's number and the code that came to it, typed on a pad and shown in groups, so that they can be checked.

The digits that a touch adds to are kept here, because a second touch may come before the first was shown; they are
gone with the screen.
"""

from kiosk.screens.context import Context, Screen
from kiosk.screens.keypad import Keypad
from kiosk.screens.parts import button, column, label, row
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.number import CODE_LENGTH, NUMBER_LENGTH, Digits, LinkTrouble


class NumberPadScreen(Screen):
    """Title, what happens with the digits, the digits, the pad, the ways on."""

    length = NUMBER_LENGTH

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._typed: str | None = None
        self.title, self.hint = label("title", centre=True), label("soft", centre=True)
        self.alert, self.field = label("alert", centre=True), label("field", centre=True, name="digits")
        self.pad = Keypad("digit", self._digit, {"clear": self._clear, "delete": self._delete})
        self.back = button("back", lambda: context.post(e.BackTouched()))
        self.ok = button("digits_ok", lambda: context.post(e.DigitsSubmitted()), "main")
        self.body = column(self, margin=48, spacing=18)
        self.body.addStretch(1)
        for widget in (self.title, self.hint, self.alert, self.field):
            self.body.addWidget(widget)
        self.body.addLayout(self.pad)
        self.body.addLayout(row(self.back, self.ok))
        self.body.addStretch(2)

    def show_digits(self, state: s.State, digits: Digits, trouble: LinkTrouble | None, left: int | None = None) -> None:
        """What was typed, and what came of it before."""
        if self._typed is None:
            self._typed = digits.value
        self.field.setText(digits.grouped(self.length))
        self.ok.setEnabled(len(digits) == self.length)
        self.alert.setVisible(trouble is not None)
        self.alert.setText(self.say(state, f"link_{trouble.name.lower()}", left=left) if trouble is not None else "")
        for key, made in self.pad.words.items():
            made.setText(self.say(state, f"pin_{key}"))

    def forget(self) -> None:
        """Neither digits nor what was wrong with them."""
        self._typed = None
        for words in (self.field, self.hint, self.alert):
            words.clear()

    def _digit(self, digit: int) -> None:
        self._type(f"{self._typed or ''}{digit}"[: self.length])

    def _delete(self) -> None:
        self._type((self._typed or "")[:-1])

    def _clear(self) -> None:
        self._type("")

    def _type(self, digits: str) -> None:
        self._typed = digits
        self.context.post(e.DigitsKeyed(Digits(digits)))


class NumberEntryScreen(NumberPadScreen):
    """Which phone?"""

    def render_state(self, state: s.State) -> None:
        """The number so far; why no code was sent to it."""
        screen = state.screen
        if not isinstance(screen, s.NumberEntry):
            return
        self.title.setText(self.say(state, "number_title"))
        self.hint.setText(self.say(state, "number_hint"))
        self.back.setText(self.say(state, "back"))
        self.ok.setText(self.say(state, "number_send"))
        self.show_digits(state, screen.digits, screen.trouble)


class CodeEntryScreen(NumberPadScreen):
    """Which code came? And what to do when none did, or when the number is another one."""

    length = CODE_LENGTH

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.again = button("code_again", lambda: context.post(e.CodeWanted()))
        self.body.insertWidget(self.body.count() - 1, self.again)

    def render_state(self, state: s.State) -> None:
        """Where it was sent, the code so far, what was wrong with the last one."""
        screen = state.screen
        if not isinstance(screen, s.CodeEntry):
            return
        self.title.setText(self.say(state, "code_title"))
        self.hint.setText(self.say(state, "code_hint", number=screen.number.grouped(NUMBER_LENGTH)))
        self.back.setText(self.say(state, "code_other"))
        self.ok.setText(self.say(state, "pin_ok"))
        self.again.setText(self.say(state, "code_again"))
        self.show_digits(state, screen.digits, screen.trouble, screen.left)
