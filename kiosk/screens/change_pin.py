"""Another PIN: the same pad three times, and the end of it."""

from kiosk.screens.context import Context
from kiosk.screens.message import MessageScreen
from kiosk.screens.parts import button, row
from kiosk.screens.pin import PinScreen
from kiosk.session import events as e
from kiosk.session import state as s


class ChangePinScreen(PinScreen):
    """Old PIN, new PIN, new PIN again; says which, and why a new one is not taken."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.back = button("back", lambda: context.post(e.BackTouched()))
        self.body.removeItem(self.confirm)
        self.body.insertLayout(self.body.indexOf(self.guard), row(self.back, self.ok))

    def render_state(self, state: s.State) -> None:
        """Which of the three, how many digits, what was wrong."""
        screen = state.screen
        if not isinstance(screen, s.ChangePin):
            return
        stage = screen.stage.value
        self.title.setText(self.say(state, f"change_{stage}_title"))
        self.hint.setText(self.say(state, f"change_{stage}_hint"))
        self.show_pad(state, screen.length)
        self.back.setText(self.say(state, "change_back"))
        alert = self._alert(state, screen)
        self.alert.setVisible(bool(alert))
        self.alert.setText(alert)

    def _alert(self, state: s.State, screen: s.ChangePin) -> str:
        if screen.flaw is not None:
            return self.say(state, f"flaw_{screen.flaw.name.lower()}")
        if screen.tries_left is not None:
            return self.say(state, "pin_tries", tries=screen.tries_left)
        return ""


class NewPinSetScreen(MessageScreen):
    """The new PIN holds."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.again = button("continue", lambda: context.post(e.HomeTouched()))
        self.finish = button("finish", lambda: context.post(e.EndTouched()), "main")
        self.body.insertLayout(self.body.count() - 1, row(self.again, self.finish))

    def render_state(self, state: s.State) -> None:
        """Said once, plainly."""
        self.picture.show_drawing("good")
        self.title.setText(self.say(state, "changed_title"))
        self.hint.setText(self.say(state, "changed_hint"))
        self.again.setText(self.say(state, "continue"))
        self.finish.setText(self.say(state, "finish"))
