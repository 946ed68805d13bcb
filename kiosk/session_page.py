"""`python -m kiosk.session_page > docs/session.md`: diagrams, matrix and durations, from the core's own data.

The arrows are not written by hand: they are what a walk over every reachable state has seen happen.
"""

import sys
from collections.abc import Iterable

from kiosk.session import events as e
from kiosk.session.clock import LIMITS
from kiosk.session.matrix import EVENTS, MATRIX, SCREENS, Ignored
from kiosk.session.timing import BOUNDS
from kiosk.session.walk import Walk, walk

HEAD = """# The visit, drawn from its tables

Made from `kiosk/session` by `python -m kiosk.session_page`; a test keeps it current.
Every pair of screen and event is decided in `kiosk/session/matrix.csv`; the arrows are what `kiosk/session/walk.py`
saw happen in {states:,} reachable states over {edges:,} events (any number of visits, time in classes). In each of them
the promises of `tests/unit/kiosk/session/promises.py` hold.

## The way of a visit

"""
WAY = """
## Ends, time and troubles

From every screen with a card in it `CardRemoved` leads to Welcome (or OutOfService while the terminal is blocked), and
`ServiceBlocked` leads from every screen to OutOfService. A visit by phone has no card: it ends at Welcome, and a card
that is put in ends it before its own begins. What time and the holder's "end" do:

"""
TABLE = """
## The whole matrix

→ the screens that may follow · `stays` the screen stays, something of it changes · else why nothing changes:
{reasons}.

"""
DURATIONS = """
## Durations

All in `kiosk/session/timing.py`; a terminal's `[timing]` may change them within the bounds. "I need more time"
multiplies the holder's time-outs by 2 to 10; no touch moves a guard or the session's end.

| seconds | default | least | most |
|---|---|---|---|
"""
ENDS = (e.Tick, e.EndTouched)
OF_THE_TERMINAL = (e.CardRemoved, e.ServiceBlocked)


def arrows(seen: Walk, events: Iterable[type]) -> dict[tuple[type, type], list[str]]:
    """By (screen, following screen): the events that lead there, in the order of events.py."""
    found: dict[tuple[type, type], list[str]] = {}
    for event in events:
        for screen in SCREENS:
            for following in SCREENS:
                if following in seen.successors.get((screen, event), ()) and following is not screen:
                    found.setdefault((screen, following), []).append(event.__name__)
    return found


def diagram(seen: Walk, events: Iterable[type]) -> str:
    """A mermaid diagram of these events' arrows."""
    lines = [f"    {a.__name__} --> {b.__name__}: {', '.join(names)}" for (a, b), names in arrows(seen, events).items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> Welcome", *lines, "```", ""])


def cell(seen: Walk, screen: type, event: type) -> str:
    """What a pair does, in a word."""
    decision = MATRIX[screen, event]
    if isinstance(decision, Ignored):
        return decision.name.lower()
    following = seen.successors.get((screen, event), set())
    others = [one.__name__ for one in SCREENS if one in following and one is not screen]
    return "→ " + ", ".join(others) if others else "stays"


def matrix(seen: Walk) -> str:
    """Events down, screens across."""
    lines = [f"| | {' | '.join(screen.__name__ for screen in SCREENS)} |", "|---" * (len(SCREENS) + 1) + "|"]
    lines += [
        f"| **{event.__name__}** | {' | '.join(cell(seen, screen, event) for screen in SCREENS)} |" for event in EVENTS
    ]
    return "\n".join(lines) + "\n"


def durations() -> str:
    """The table of timing.py, and which screen or rhythm each is for."""
    users: dict[str, list[str]] = {}
    for screen, limit in LIMITS.items():
        users.setdefault(limit.duration, []).append(f"{screen.__name__}, {limit.kind.value}")
    lines = [
        f"| `{name}` {'; '.join(users.get(name, []))} | {one.default:g} | {one.least:g} | {one.most:g} |\n"
        for name, one in BOUNDS.items()
    ]
    return "".join(lines)


def page(seen: Walk) -> str:
    """The page in Markdown, drawn from a walk."""
    way = [event for event in EVENTS if event not in (*ENDS, *OF_THE_TERMINAL)]
    reasons = ", ".join(f"`{reason.name.lower()}` {reason.value}" for reason in Ignored)
    head = HEAD.format(states=seen.states, edges=seen.edges)
    return "".join(
        [
            head,
            diagram(seen, way),
            WAY,
            diagram(seen, ENDS),
            TABLE.format(reasons=reasons),
            matrix(seen),
            DURATIONS,
            durations(),
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(page(walk()))
