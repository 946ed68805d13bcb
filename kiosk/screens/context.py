"""What a screen is given: how to post, where the PIN's digits go, the services, and the words of the language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PyQt6.QtWidgets import QWidget

from kiosk.pin_buffer import PinBuffer
from kiosk.services.service import Service
from kiosk.session.events import Event
from kiosk.session.state import State
from kiosk.texts import text


@dataclass(frozen=True)
class Context:
    """Given to every screen when it is made. `pin_counter`: where a PIN is unblocked, by language."""

    post: Callable[[Event], None]
    pin: PinBuffer
    services: tuple[Service, ...]
    pin_counter: Mapping[str, str] = field(default_factory=dict)

    def service(self, ident: str) -> Service:
        """A service by its id."""
        return next(service for service in self.services if service.id == ident)


class Screen(QWidget):
    """A screen: made once, then shown again and again by `render`."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def render_state(self, state: State) -> None:
        """Say and show what this state means; called whenever it changed."""
        raise NotImplementedError

    def forget(self) -> None:
        """Another screen is shown: keep nothing of the holder. Screens that hold something say what."""

    @staticmethod
    def say(state: State, key: str, **values: object) -> str:
        """A text in the holder's language."""
        return text(key, state.ui.language.value, **values)
