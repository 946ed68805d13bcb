"""The matrix is whole, its every pair does what it says, and its promises hold in every reachable state."""

import sys
from dataclasses import replace

import pytest

from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.clock import LIMITS
from kiosk.session.examples import CARD, SITE, all_events
from kiosk.session.going import Result, end, go, home
from kiosk.session.matrix import EVENTS, FILE, MATRIX, ROOMS, SCREENS, Ignored, MatrixError, read_matrix
from kiosk.session.number import Digits
from kiosk.session.terminal_steps import card_inserted
from kiosk.session.transition import decide, transition
from kiosk.session.walk import Edge, History, Walk, walk
from tests.states import screens
from tests.unit.kiosk.session.planted import Mistake, complaint_about
from tests.unit.kiosk.session.promises import (
    a_code_comes_before_it_is_asked_for,
    the_question_leaves_time_to_answer,
    the_session_has_one_end,
)

LINES = FILE.read_text(encoding="utf-8").splitlines()
EXAMPLES = screens()


def test_every_pair_is_decided() -> None:
    assert set(MATRIX) == {(screen, event) for screen in SCREENS for event in EVENTS}
    assert set(LIMITS) == set(SCREENS)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda lines: lines[:-1], "rows are not the events"),
        (lambda lines: [lines[0].replace("Menu", "Manu"), *lines[1:]], "columns are not the screens"),
        (
            lambda lines: [*lines[:-1], lines[-1].rsplit(",", 1)[0]],
            f"has {len(SCREENS) - 1} cells for {len(SCREENS)} screens",
        ),
        (lambda lines: [*lines[:1], lines[1].replace("tick", "tock", 1), *lines[2:]], "called 'tock'"),
        (lambda lines: [*lines[:1], lines[1].replace("tick", "LATER", 1), *lines[2:]], "called 'LATER'"),
        (lambda lines: [*lines[:1], lines[1].replace("tick", "    ", 1), *lines[2:]], "called ''"),
    ],
)
def test_a_hole_in_the_matrix_stops_the_import(spoil: object, sentence: str) -> None:
    assert callable(spoil)
    with pytest.raises(MatrixError, match=sentence):
        read_matrix(spoil(list(LINES)))


def test_no_step_is_without_a_pair_and_no_reason_without_use() -> None:
    used = set(MATRIX.values())
    steps = {
        step for room in ROOMS for name, step in vars(room).items()
        if callable(step) and getattr(step, "__module__", "") == room.__name__ and not isinstance(step, type)
        and not name.startswith("_") and step.__code__.co_argcount == 3
    }  # fmt: skip
    assert steps <= used
    assert {one for one in used if isinstance(one, Ignored)} == set(Ignored) - {Ignored.EARLIER_VISIT}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_event_with_every_failure_is_decided_as_the_matrix_says(name: str) -> None:
    state = s.State(EXAMPLES[name], visit=7, card_in=True, now=50.0, deadline=90.0)
    for event in [e.Tick(51.0), *all_events(7, Failure), *all_events(6, Failure)]:
        after, commands = transition(state, event)
        decision = decide(state, event)
        if isinstance(decision, Ignored):
            assert (after, commands) == (state, ())
        assert type(after.screen) in LIMITS
        if getattr(event, "visit", 7) == 6:
            assert decision is Ignored.EARLIER_VISIT


@pytest.mark.parametrize("name", EXAMPLES)
def test_language_and_size_decide_nothing(name: str) -> None:
    """So the walk may leave them out. The size of the print is only repeated to who makes the document."""
    state = s.State(EXAMPLES[name], visit=1, card_in=True, now=50.0, deadline=90.0, signed_in_at=10.0)
    other = s.Ui(s.Language.EN, True, True)
    for event in [e.Tick(51.0), e.Tick(95.0), *all_events(1)]:
        if isinstance(event, e.LanguageChosen | e.LargeTextChosen | e.LargePrintChosen):
            continue
        plain, commands = transition(state, event)
        changed, others = transition(replace(state, ui=other), event)
        assert others == tuple(
            replace(command, large_print=True) if isinstance(command, c.MakeDocument | c.MakeCopy) else command
            for command in commands
        )
        assert replace(changed, ui=s.Ui()) == plain
        assert changed.ui in (other, s.Ui())


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_wrong_clock_decides_nothing_and_stays_told(name: str) -> None:
    """So the walk may leave it out: whoever comes and goes, the attendant still reads it."""
    state = s.State(EXAMPLES[name], visit=1, card_in=True, now=50.0, deadline=90.0, signed_in_at=10.0)
    told, commands = transition(state, e.ClockReported(95))
    assert (told, commands) == (replace(state, clock_off=95), ())
    for event in [e.Tick(51.0), e.Tick(95.0), *all_events(1)]:
        if isinstance(event, e.ClockReported):
            continue
        plain, asked = transition(state, event)
        assert transition(told, event) == (replace(plain, clock_off=95), asked)
    assert transition(told, e.ClockReported(None))[0] == state


@pytest.mark.parametrize("name", EXAMPLES)
def test_listed_sites_decide_nothing(name: str) -> None:
    """So the walk may leave them out."""
    state = s.State(EXAMPLES[name], visit=1, card_in=True, now=50.0, deadline=90.0, signed_in_at=10.0)
    for event in [e.Tick(51.0), e.Tick(95.0), *all_events(1)]:
        if isinstance(event, e.SitesReported):
            continue
        plain, commands = transition(state, event)
        listed, others = transition(replace(state, sites=(SITE,)), event)
        assert (others, listed) == (commands, replace(plain, sites=(SITE,)))


def test_every_promise_holds_in_every_reachable_state(whole_walk: Walk) -> None:
    sys.stdout.write(f"walk: {whole_walk.states} states, {whole_walk.edges} edges\n")
    assert whole_walk.broken[:3] == []


def test_the_walk_reaches_every_screen_and_every_pair_that_can_happen(whole_walk: Walk) -> None:
    assert {screen for screen, _ in whole_walk.successors} == set(SCREENS)
    never = {
        (screen.__name__, event.__name__) for screen, event in MATRIX if (screen, event) not in whole_walk.successors
    }
    documents = {"DocumentStep", "DocumentEnded"}
    looks = {"LanguageChosen", "LargeTextChosen", "LargePrintChosen", "ClockReported", "SitesReported"}
    assert {event for _, event in never} <= documents | looks


def names(complaint: str) -> list[str]:
    """The events of a complaint's path."""
    return [part.split("(")[0].split(": ")[-1] for part in complaint.split(" → ")]


def test_a_broken_promise_comes_with_the_shortest_path() -> None:
    def no_menu(edge: Edge) -> str | None:
        return "there is a menu" if isinstance(edge.after.screen, s.Menu) else None

    (found,) = walk((no_menu,), enough=1).broken
    assert found.startswith("there is a menu: PhoneChosen()")
    assert names(found) == ["PhoneChosen", "PhoneAsked", "PhoneSignedIn"]


def forgetful(state: s.State, _screen: s.Screen, _event: e.Event) -> Result:
    """A removed card that leaves the language behind."""
    return replace(home(replace(state, card_in=False)), ui=s.Ui(s.Language.EN)), (c.EndVisit(state.visit),)


def silent(state: s.State, _screen: s.Screen, _event: e.Event) -> Result:
    """An end that signs nobody out."""
    return end(state)[0], ()


def to_menu_at_once(state: s.State, screen: s.PinEntry, _event: e.Event) -> Result:
    """A menu without a PIN."""
    return go(state, s.Menu(screen.card))


def deaf(state: s.State, _screen: s.Screen, event: e.Tick) -> Result:
    """A screen that time doesn't end."""
    return replace(state, now=event.now, deadline=event.now + 1.0), ()


def hasty(state: s.State, screen: s.AwaitingRepair, _event: e.Event) -> Result:
    """Prints for whatever card is there."""
    printing = s.Printing(screen.card, screen.service, (screen.medium,))
    return go(state, printing, c.MakeDocument(state.visit, screen.service, screen.medium))


def always_waiting(state: s.State, screen: s.Done, _event: e.Event) -> Result:
    """Waits for any paper, also one that may exist."""
    return go(state, s.AwaitingRepair(screen.card, screen.service, screen.ended[0].medium, screen.ended))


def joined(state: s.State, _screen: s.Screen, _event: e.CardInserted) -> Result:
    """A card that goes on with what a phone opened."""
    return replace(state, card_in=True), ()


def silent_card(state: s.State, _screen: s.Screen, _event: e.CardInserted) -> Result:
    """A card's visit that leaves the phone's under way."""
    visit = state.visit + 1
    return go(replace(state, card_in=True, visit=visit), s.Reading(), c.ReadCard(visit))


def asks_a_card(state: s.State, _screen: s.AskingPhone, event: e.PhoneAsked) -> Result:
    """Looks for a card that is not there."""
    return go(state, s.ShowingPhone(event.codes), c.CheckCard(state.visit))


def consenting(state: s.State, screen: s.Viewing, _event: e.Event) -> Result:
    """Opens an account at a touch, before the notice was shown."""
    if not isinstance(screen.card, s.Card):
        return state, ()
    changing = s.ChangingAccount(screen.card, screen.service, s.AccountChange.OPEN)
    return go(state, changing, c.ChangeAccount(state.visit, s.AccountChange.OPEN))


def believing(state: s.State, screen: s.AccountQuestion, _event: e.Event) -> Result:
    """Sends the digest that central named, whatever was on the screen."""
    changing, notice = s.ChangingAccount(screen.card, screen.service, screen.change), screen.record.notice
    return go(state, changing, c.ChangeAccount(state.visit, screen.change, digest=notice.digest if notice else ""))


def hasty_number(state: s.State, screen: s.NumberEntry, _event: e.Event) -> Result:
    """Sends whatever was typed."""
    sending = s.SendingCode(screen.card, screen.service, screen.record, screen.digits)
    return go(state, sending, c.SendCode(state.visit, screen.digits))


def sending_while_typing(state: s.State, screen: s.NumberEntry, event: e.DigitsKeyed) -> Result:
    """Sends a number off as soon as it is whole."""
    if not event.digits.is_number:
        return go(state, replace(screen, digits=event.digits))
    sending = s.SendingCode(screen.card, screen.service, screen.record, event.digits)
    return go(state, sending, c.SendCode(state.visit, event.digits))


def asking_at_once(state: s.State, screen: s.NumberEntry, _event: e.Event) -> Result:
    """Asks for a code that nobody sent."""
    return go(state, s.CodeEntry(screen.card, screen.service, screen.record, screen.digits))


def leaving_a_code(state: s.State, screen: s.NumberEntry, _event: e.Event) -> Result:
    """A menu, with a code still out."""
    return go(state, s.Menu(screen.card))


def left_open(state: s.State, screen: s.AtSite, _event: e.Event) -> Result:
    """Back to the menu, and the page goes on behind it."""
    return go(state, s.Menu(screen.card))


def opened_unasked(state: s.State, screen: s.Menu, _event: e.Event) -> Result:
    """A page that opens itself."""
    return go(state, s.OpeningSite(screen.card, SITE), c.OpenSite(state.visit, SITE.ident))


PLANTED: dict[str, Mistake] = {
    "a number was sent that is none": (s.NumberEntry, e.DigitsSubmitted, hasty_number),
    "a number was sent that nobody sent off": (s.NumberEntry, e.DigitsKeyed, sending_while_typing),
    "a code is asked for that was never sent": (s.NumberEntry, e.DigitsSubmitted, asking_at_once),
    "a code outlived its screens": (s.NumberEntry, e.HomeTouched, leaving_a_code),
    "a site was left and not ended": (s.AtSite, e.BackTouched, left_open),
    "a site nobody chose": (s.Menu, e.SitesTouched, opened_unasked),
    "a phone's visit with a card": (s.Menu, e.CardInserted, joined),
    "a card joined a phone's visit": (s.AskingPhone, e.CardInserted, silent_card),
    "a card was asked in a phone's visit": (s.AskingPhone, e.PhoneAsked, asks_a_card),
    "an account changed unasked": (s.Viewing, e.AccountTouched, consenting),
    "a consent to other words": (s.AccountQuestion, e.AccountConfirmed, believing),
    "something of the holder is left": (s.Menu, e.CardRemoved, forgetful),
    "a visit ended without EndVisit": (s.Viewing, e.EndTouched, silent),
    "Menu without a sign-in": (s.PinEntry, e.PinSubmitted, to_menu_at_once),
    "a screen that time does not end": (s.Done, e.Tick, deaf),
    "printing went on without a look at the card": (s.AwaitingRepair, e.PaperReported, hasty),
    "waiting for a paper that may exist": (s.Done, e.WaitTouched, always_waiting),
    "blocked and serving": (s.OutOfService, e.CardInserted, card_inserted),
}


@pytest.mark.parametrize("complaint", PLANTED)
def test_the_walk_finds_a_planted_mistake(monkeypatch: pytest.MonkeyPatch, complaint: str) -> None:
    assert complaint in complaint_about(PLANTED[complaint], monkeypatch)


def test_the_question_and_the_sessions_end_can_be_broken() -> None:
    asking = replace(s.State(s.Menu(CARD), card_in=True), deadline=15.0)
    late = Edge(asking, History(True, True), e.Tick(0.0), replace(asking, warned=True), (), History(True, True), asking)
    assert the_question_leaves_time_to_answer(late) == "asked too late"
    moved = replace(late, before=replace(asking, signed_in_at=1.0), after=replace(asking, signed_in_at=2.0))
    assert the_session_has_one_end(moved) == "the session's end was moved"


def test_a_code_that_nobody_entered_is_found() -> None:
    """Half of one, another one, or one that was never sent: too deep in the walk for a planted mistake."""
    entry = EXAMPLES["code-entry"]
    assert isinstance(entry, s.CodeEntry)
    asking, sent = s.State(entry, card_in=True), History(True, True, code_sent=True)
    checking = s.CheckingCode(entry.card, entry.service, entry.record, entry.number)
    after = replace(asking, screen=checking)

    def tried(code: Digits, history: History = sent, screen: s.Screen = entry) -> str | None:
        before = replace(asking, screen=screen)
        edge = Edge(before, history, e.DigitsSubmitted(), after, (c.ConfirmCode(0, code),), history, after)
        return a_code_comes_before_it_is_asked_for(edge)

    half = replace(entry, digits=Digits(entry.digits.value[:3]))
    assert tried(entry.digits) is None
    for broken in (tried(half.digits, screen=half), tried(Digits("000000")), tried(entry.digits, History(True, True))):
        assert broken == "a code was tried that nobody entered"
