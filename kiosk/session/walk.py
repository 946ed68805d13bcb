"""A walk over every state that the table can reach, breadth first, as a model checker does it.

Made finite: every visit has the number of the first, because steps compare these numbers and do nothing else with
them; time in classes (not begun, running, asked, over; session young, announced, over); patience 1 or 10. `now` is
moved to 0 in each state, so that equal situations are one state. Sound for safety: each step of the real session has
its step here. Each broken promise comes with the shortest list of events.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.clock import LIMITS, Kind, session_end, session_seconds
from kiosk.session.examples import all_events
from kiosk.session.matrix import Ignored
from kiosk.session.timing import PATIENCE_MOST
from kiosk.session.transition import decide, transition

VISITS = 1
NO_MATTER = (e.LanguageChosen, e.LargeTextChosen, e.LargePrintChosen, e.ClockReported, e.SitesReported)


@dataclass(frozen=True)
class History:
    """What happened in this visit, as an onlooker remembers it. `making`: documents under way; `code_sent`: in this
    attempt to link a phone; `ward`: the relation for which this session was asked, "" for the holder's own.
    """

    pin_sent: bool = False
    signed_in: bool = False
    making: int = 0
    phone_asked: bool = False
    code_sent: bool = False
    ward: str = ""


@dataclass(frozen=True)
class Edge:
    """One event in one state, and what came of it. `settled`: the state that stands for `after` in the walk."""

    before: s.State
    history: History
    event: e.Event
    after: s.State
    commands: tuple[c.Command, ...]
    remembered: History
    settled: s.State


Node = tuple[s.State, History]
Promise = Callable[[Edge], str | None]


@dataclass
class Walk:
    """What was seen. `successors`: by (screen, event), the screens that may follow."""

    states: int = 0
    edges: int = 0
    successors: dict[tuple[type, type], set[type]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


def remember(history: History, event: e.Event, commands: tuple[c.Command, ...], after: s.State) -> History:
    """The onlooker's memory after an edge."""
    if any(isinstance(command, c.EndVisit) for command in commands):
        return History()
    for command in commands:
        if isinstance(command, c.BeginActing):  # nothing that the holder proved for themselves counts for a ward
            return History(making=history.making, ward=command.ward.relation)
        if isinstance(command, c.EndActing):  # acting begins in a session of one's own, and that one goes on
            return History(pin_sent=True, signed_in=True, making=history.making)
    made = sum(isinstance(command, c.MakeDocument) for command in commands)
    ended = isinstance(event, e.DocumentEnded) and history.making > 0
    proved = history.pin_sent if isinstance(event, e.SignedIn) else history.phone_asked
    forgotten = any(isinstance(command, c.ForgetCode) for command in commands)
    waits = isinstance(after.screen, s.PinEntry | s.SigningIn)
    answered = isinstance(event, e.SignedIn | e.PhoneSignedIn) and after.signed_in_at is not None and not waits
    return History(
        history.pin_sent or any(isinstance(command, c.SignIn) for command in commands),
        history.signed_in or (proved and answered),
        history.making - ended + made,
        history.phone_asked or any(isinstance(command, c.AskPhone) for command in commands),
        not forgotten
        and (history.code_sent or (isinstance(event, e.CodeSent) and isinstance(after.screen, s.CodeEntry))),
        history.ward,
    )


def settled(state: s.State) -> s.State:
    """The one state that stands for all that differ in nothing but how much of a class of time has passed."""
    limit, over = LIMITS[type(state.screen)], session_end(state)
    if state.patience not in (1, PATIENCE_MOST):
        state = replace(state, patience=PATIENCE_MOST)
    deadline = state.deadline
    if deadline is not None:
        deadline = state.timing.warning if state.warned else limit.seconds(state)
    signed = None
    if over is not None:
        left = over - state.now
        young = left > state.timing.session_notice
        signed = 0.0 if young else (state.timing.session_notice if left > 0 else 0.0) - session_seconds(state)
    screen = state.screen
    if isinstance(screen, s.AwaitingRepair) and screen.ask_at is not None:
        screen = replace(screen, ask_at=state.timing.repair_paper)
    visit = min(state.visit, VISITS)
    return replace(state, screen=screen, now=0.0, deadline=deadline, signed_in_at=signed, visit=visit)


def step(state: s.State, history: History, event: e.Event, after: s.State, commands: tuple[c.Command, ...]) -> Edge:
    """An edge with what follows from it."""
    return Edge(state, history, event, after, commands, remember(history, event, commands, after), settled(after))


def ticks(state: s.State) -> Iterable[e.Tick]:
    """The moments at which time may change something."""
    yield e.Tick(0.0)
    if state.deadline is not None:
        yield e.Tick(max(0.0, state.deadline - state.timing.warning))
        yield e.Tick(state.deadline)
    if isinstance(state.screen, s.AwaitingRepair) and state.screen.ask_at is not None:
        yield e.Tick(state.screen.ask_at)


def aged(state: s.State) -> Iterable[s.State]:
    """A holder who keeps touching may stay until the session's notice, and until its end."""
    if state.signed_in_at is None or LIMITS[type(state.screen)].kind is not Kind.HOLDER:
        return
    lasts = session_seconds(state)
    if state.signed_in_at == 0.0:
        yield replace(state, signed_in_at=state.timing.session_notice - lasts)
    elif state.signed_in_at > -lasts:
        yield replace(state, signed_in_at=-lasts)


def possible(node: Node, events: list[e.Event]) -> Iterable[e.Event]:
    """What may come now; a document ends only when one is under way."""
    state, history = node
    for event in events:
        if isinstance(event, e.DocumentEnded | e.DocumentStep) and history.making == 0:
            continue
        yield event
    yield from ticks(state)


def path_to(node: Node, parents: dict[Node, tuple[Node, e.Event] | None]) -> str:
    """The shortest list of events from the start."""
    names: list[str] = []
    while (step := parents[node]) is not None:
        node, event = step
        names.append(repr(event))
    return " → ".join(reversed(names)) or "(at the start)"


def catalogue(*, looks: bool) -> list[list[e.Event]]:
    """By visit: its events and late answers to the visit before. `looks`: also what the walk leaves out."""
    skipped = () if looks else NO_MATTER
    every = [[one for one in all_events(visit) if not isinstance(one, skipped)] for visit in range(VISITS + 1)]
    late = [[], *([one for one in before if hasattr(one, "visit")] for before in every)]
    return [now + before for now, before in zip(every, late, strict=False)]


def heeded(state: s.State, events: list[e.Event], found: Walk) -> list[e.Event]:
    """Those events that this screen does something with; the others are seen to change nothing, once for all states."""
    decided = {event: decide(state, event) for event in events}
    screen = type(state.screen)
    for event, decision in decided.items():
        if isinstance(decision, Ignored):
            found.successors.setdefault((screen, type(event)), set()).add(screen)
    return [event for event, decision in decided.items() if not isinstance(decision, Ignored)]


def walk(promises: Iterable[Promise] = (), *, looks: bool = False, enough: int = 1_000) -> Walk:
    """Visit everything, or until `enough` promises are broken; they are asked where something changes or is asked.

    Language, text size, the clock's notice and listed sites multiply the states by sixteen and decide nothing (tests
    prove that): `looks` walks them too.
    """
    promises, found, events = tuple(promises), Walk(), catalogue(looks=looks)
    lists: dict[tuple[type, int], list[e.Event]] = {}
    first: Node = (settled(s.State()), History())
    parents: dict[Node, tuple[Node, e.Event] | None] = {first: None}
    waiting = deque([first])
    while waiting and len(found.broken) < enough:
        node = waiting.popleft()
        found.states += 1
        state, history = node
        following: list[tuple[Node, e.Event]] = [((older, history), e.Tick(0.0)) for older in aged(state)]
        place = type(state.screen), state.visit
        if place not in lists:
            lists[place] = heeded(state, events[state.visit], found)
        found.edges += len(events[state.visit]) - len(lists[place])
        for event in possible(node, lists[place]):
            after, commands = transition(state, event)
            found.edges += 1
            found.successors.setdefault((type(state.screen), type(event)), set()).add(type(after.screen))
            if after is state and not commands:
                continue
            edge = step(state, history, event, after, commands)
            complaints = [complaint for promise in promises if (complaint := promise(edge))]
            found.broken += [f"{complaint}: {path_to(node, parents)} → {event!r}" for complaint in complaints]
            following.append(((edge.settled, edge.remembered), event))
        for reached, event in following:
            if reached not in parents:
                parents[reached] = (node, event)
                waiting.append(reached)
    return found
