"""What joins core, screens and runtime: one event through all three."""

from types import SimpleNamespace
from typing import Any

import pytest

from kiosk.app import Terminal
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session.examples import CARD
from kiosk.session.state import Menu, State, Welcome


@pytest.mark.parametrize(
    ("known", "difference", "told"),
    [(None, 95.4, 95), (95, 95.4, "nothing"), (95, 0.0, None), (None, 0.0, "nothing"), (None, -40.0, -40)],
)
def test_a_clock_that_went_wrong_or_right_is_reported_once(
    known: int | None, difference: float, told: int | str | None
) -> None:
    posted: list[e.Event] = []
    terminal: Any = SimpleNamespace(
        state=State(clock_off=known),
        post=posted.append,
        central=SimpleNamespace(clock=SimpleNamespace(difference=difference)),
    )
    Terminal._tick(terminal)
    assert isinstance(posted[0], e.Tick)
    assert posted[1:] == ([] if told == "nothing" else [e.ClockReported(told)])  # type: ignore[arg-type]


def test_a_screen_that_cannot_be_shown_keeps_no_session_open() -> None:
    """The card is out, so the token must go, whatever a widget says to it."""
    asked: list[c.Command] = []

    def broken(_state: State) -> None:
        raise RuntimeError("a widget")

    terminal: Any = SimpleNamespace(
        state=State(Menu(CARD), visit=3, card_in=True, signed_in_at=1.0),
        window=SimpleNamespace(show_state=broken),
        runtime=SimpleNamespace(carry_out=asked.append),
        _stopped=False,
    )
    terminal._show = lambda before, event: Terminal._show(terminal, before, event)
    with pytest.raises(RuntimeError):
        Terminal._handle(terminal, e.CardRemoved())
    assert isinstance(terminal.state.screen, Welcome)
    assert c.EndVisit(3) in asked
