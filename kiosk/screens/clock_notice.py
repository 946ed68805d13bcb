"""The attendant's line on the screens where nobody is served: the machine's clock is wrong, by so much."""

from PyQt6.QtWidgets import QLabel

from kiosk.failures import Failure
from kiosk.session.state import State
from kiosk.texts import text

UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
FEW = 2
"""Of a unit; fewer are told in the next smaller one."""


def amount(seconds: int, language: str) -> str:
    """A length of time in the largest unit of which there are a few: 95 seconds, 66 minutes, 20,000 days."""
    size, unit = next((size, unit) for size, unit in UNITS if seconds >= FEW * size or size == 1)
    return text(f"clock_{unit}", language, number=f"{seconds // size:,}")


def show_clock(line: QLabel, state: State) -> None:
    """Code, cause, and what to do; nothing while the clock is right."""
    line.setVisible(state.clock_off is not None)
    if state.clock_off is None:
        return
    language = state.ui.language.value
    way, size = "slow" if state.clock_off > 0 else "fast", amount(abs(state.clock_off), language)
    line.setText(text(f"clock_{way}", language, code=Failure.CLOCK_CORRECTED.value, amount=size))
