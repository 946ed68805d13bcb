"""The table of screens and events, read from matrix.csv: for every pair a step, or the reason why nothing changes.

A pair that is missing, a name that doesn't exist and a step that no pair uses stop the import. So an event can't be
dropped because nobody thought of it (that left a voting machine with a white screen: votingworks/vxsuite #7096).
"""

import csv
from enum import Enum
from pathlib import Path
from types import ModuleType

from kiosk.session import (
    account_steps,
    clock,
    guardian_steps,
    number_steps,
    paper_steps,
    phone_steps,
    pin_steps,
    site_steps,
    steps,
    terminal_steps,
)
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.going import Step


class Ignored(Enum):
    """Why an event changes nothing."""

    LATE = "an answer that nobody waits for any more"
    NOBODY = "nobody is here"
    OVER = "the visit is over, only the card is left to take"
    NOT_OFFERED = "this screen has no such choice; the touch was meant for another"
    UNDER_WAY = "something is under way and is followed to its end or its guard"
    KNOWN = "it is so already"
    EARLIER_VISIT = "it belongs to an earlier visit"


class MatrixError(Exception):
    """The table is not whole; the message names the pair."""


Decision = Step | Ignored
SCREENS: tuple[type, ...] = s.Screen.__args__
EVENTS: tuple[type, ...] = e.Event.__args__
FILE = Path(__file__).parent / "matrix.csv"
ROOMS: tuple[ModuleType, ...] = (
    clock, paper_steps, phone_steps, pin_steps, steps, terminal_steps, account_steps, number_steps, site_steps,
    guardian_steps,
)  # fmt: skip


def _decision(name: str) -> Decision:
    if name.isupper() and name in Ignored.__members__:
        return Ignored[name]
    for room in ROOMS:
        step = vars(room).get(name)
        if callable(step) and getattr(step, "__module__", "") == room.__name__:
            found: Step = step
            return found
    raise MatrixError(f"matrix.csv: there is no step and no reason called {name!r}.")


def read_matrix(lines: list[str]) -> dict[tuple[type, type], Decision]:
    """The table by (screen, event); MatrixError unless every pair stands in it exactly once."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    head, body = rows[0][1:], rows[1:]
    if head != [screen.__name__ for screen in SCREENS]:
        raise MatrixError(f"matrix.csv: the columns are not the screens of state.py: {head}.")
    if [row[0] for row in body] != [event.__name__ for event in EVENTS]:
        raise MatrixError(f"matrix.csv: the rows are not the events of events.py: {[row[0] for row in body]}.")
    table: dict[tuple[type, type], Decision] = {}
    for event, row in zip(EVENTS, body, strict=True):
        if len(row) != len(head) + 1:
            raise MatrixError(f"matrix.csv: {event.__name__} has {len(row) - 1} cells for {len(head)} screens.")
        table.update({(screen, event): _decision(name) for screen, name in zip(SCREENS, row[1:], strict=True)})
    return table


MATRIX = read_matrix(FILE.read_text(encoding="utf-8").splitlines())
