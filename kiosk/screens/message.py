"""Screens that are one picture and a few sentences: welcome, waiting, failures, take card, out of service."""

from PyQt6.QtCore import QSize, Qt

from kiosk.failures import Failure, failure_text
from kiosk.screens.clock_notice import show_clock
from kiosk.screens.context import Context, Screen
from kiosk.screens.parts import button, column, label
from kiosk.screens.picture import Picture
from kiosk.services.service import by_phone
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.texts import LANGUAGES

NEEDS_COUNTER = (Failure.PIN_BLOCKED, Failure.PIN_LAST_TRY)
WITHOUT_CARD = {"loading_hint": "loading_hint_phone"}
PICTURE, SMALLEST = QSize(460, 460), QSize(110, 110)
WORDS: dict[type, tuple[str, str, str]] = {
    s.Reading: ("inside", "reading_title", "reading_hint"),
    s.SigningIn: ("wait", "signing_title", "signing_hint"),
    s.Loading: ("wait", "loading_title", "loading_hint"),
    s.Resuming: ("wait", "resuming_title", "resuming_hint"),
    s.MakingCopy: ("wait", "copying_title", "copying_hint"),
    s.ChangingPin: ("wait", "changing_title", "changing_hint"),
    s.TakeCard: ("take", "take_title", "take_hint"),
    s.AskingPhone: ("wait", "asking_phone_title", "asking_phone_hint"),
    s.ChangingAccount: ("wait", "account_changing_title", "account_changing_hint"),
    s.SendingCode: ("wait", "sending_code_title", "account_changing_hint"),
    s.CheckingCode: ("wait", "checking_code_title", "account_changing_hint"),
}


class MessageScreen(Screen):
    """Picture, title, hint, in the middle."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.picture = Picture("wait", PICTURE, SMALLEST)
        self.title, self.hint = label("title", centre=True), label("strong", centre=True)
        self.more = label("alert", centre=True)
        self.body = column(self, margin=48, spacing=32)
        self.body.addStretch(2)
        self.body.addWidget(self.picture, 0, self._centre())
        for words in (self.title, self.hint, self.more):
            self.body.addWidget(words)
        self.body.addStretch(3)
        self.more.hide()

    @staticmethod
    def _centre() -> Qt.AlignmentFlag:
        return Qt.AlignmentFlag.AlignHCenter

    def render_state(self, state: s.State) -> None:
        """What the terminal is doing."""
        picture, title, hint = WORDS[type(state.screen)]
        self.picture.show_drawing(picture)
        self.title.setText(self.say(state, title))
        self.hint.setText(self.say(state, hint if state.card_in else WITHOUT_CARD.get(hint, hint)))


class WelcomeScreen(MessageScreen):
    """How to put the card in, and which paper is missing: before anyone signs in to an empty printer.

    The second way in is there when this terminal has a service that a phone opens.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.phone = button("phone", lambda: context.post(e.PhoneChosen()))
        self.phone.setVisible(bool(by_phone(context.services)))
        self.clock = label("small", centre=True)
        for widget in (self.phone, self.clock):
            self.body.insertWidget(self.body.count() - 1, widget)

    def render_state(self, state: s.State) -> None:
        """Nobody is here."""
        self.picture.show_drawing("insert")
        self.title.setText(self.say(state, "welcome_title"))
        self.hint.setText(f"{self.say(state, 'welcome_hint')}\n\n{self.say(state, 'welcome_more')}")
        self.phone.setText(self.say(state, "phone_start"))
        language = state.ui.language.value
        faults = (("paper_slip", state.paper.slip), ("paper_a4", state.paper.a4))
        lines = [self.say(state, key, why=failure_text(f, language).holder) for key, f in faults if f is not None]
        self.more.setText("\n".join(lines))
        self.more.setVisible(bool(lines))
        show_clock(self.clock, state)


class OutOfServiceScreen(MessageScreen):
    """The terminal can't serve; why, and where to go."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.code, self.clock = label("small", centre=True), label("small", centre=True)
        for widget in (self.code, self.clock):
            self.body.insertWidget(self.body.count() - 1, widget)

    def render_state(self, state: s.State) -> None:
        """What is wrong."""
        if isinstance(state.screen, s.OutOfService):
            words = failure_text(state.screen.failure, state.ui.language.value)
            self.picture.show_drawing("alert")
            self.title.setText(self.say(state, "out_title"))
            self.hint.setText(f"{words.holder}\n\n{words.remedy}")
            self.code.setText(self.say(state, "failed_code", code=words.code))
            self.more.setText(self.say(state, "out_take"))
            self.more.setVisible(state.card_in)
            show_clock(self.clock, state)


class CardForgottenScreen(MessageScreen):
    """Somebody's card is still inside; whoever comes now reads what to do, in both languages, and nothing else."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.setObjectName("card_forgotten")

    def render_state(self, state: s.State) -> None:
        """The same for everybody."""
        del state
        self.picture.show_drawing("take")
        zh, en = (failure_text(Failure.CARD_FORGOTTEN, language) for language in LANGUAGES)
        self.title.setText(f"{zh.holder}\n{en.holder}")
        self.hint.setText(f"{zh.remedy}\n{en.remedy}")


class FailedScreen(MessageScreen):
    """What went wrong, what to do now; back to the menu when the visit goes on."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.home = button("home", lambda: context.post(e.HomeTouched()), "main")
        self.close_visit = button("finish", lambda: context.post(e.EndTouched()))
        self.code, self.counter = label("small", centre=True), label("soft", centre=True)
        self.body.insertWidget(self.body.count() - 1, self.counter)
        self.body.insertWidget(self.body.count() - 1, self.home)
        self.body.insertWidget(self.body.count() - 1, self.close_visit)
        self.body.insertWidget(self.body.count() - 1, self.code)

    def render_state(self, state: s.State) -> None:
        """The failure in the holder's words."""
        if not isinstance(state.screen, s.Failed):
            return
        words = failure_text(state.screen.failure, state.ui.language.value)
        self.picture.show_drawing("alert")
        self.title.setText(words.holder)
        self.hint.setText(words.remedy)
        place = self.context.pin_counter.get(state.ui.language.value, "")
        self.counter.setText(self.say(state, "pin_counter", place=place))
        self.counter.setVisible(state.screen.failure in NEEDS_COUNTER)
        self.home.setText(self.say(state, "home"))
        self.home.setVisible(state.screen.card is not None)
        self.more.setText(self.say(state, "failed_take"))
        self.more.setVisible(state.screen.card is None and state.card_in)
        self.close_visit.setText(self.say(state, "phone_close"))
        self.close_visit.setVisible(not state.card_in)
        self.code.setText(self.say(state, "failed_code", code=words.code))
