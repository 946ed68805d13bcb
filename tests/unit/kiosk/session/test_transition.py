"""The visit as a pure function: every state with every event, and long random visits (Hypothesis)."""

from dataclasses import fields, is_dataclass, replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from backend_client.contract.documents import DocumentKind, Medium
from backend_client.contract.model import Record
from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.clock import LIMITS, Kind
from kiosk.session.timing import STANDARD
from kiosk.session.transition import transition
from tests.samples import CARD, contributions
from tests.states import screens

RECORD = contributions()
SCREENS = screens()


def examples(visit: int) -> list[e.Event]:
    """One event of each type, for this visit."""
    done = s.Printed(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP, "SY1")
    return [
        e.Tick(100.0), e.CardInserted(), e.CardRefused(Failure.CARD_MUTE), e.CardRemoved(),
        e.ServiceBlocked(Failure.PCSC_DOWN), e.ServiceRestored(), e.PaperReported(s.Paper(Failure.SLIP_PAPER_OUT)),
        e.CardRead(visit, CARD), e.PinChanged(6), e.PinSubmitted(), e.PinRejected(visit, 2), e.PinRejected(visit, 1),
        e.SignedIn(visit), e.StepFailed(visit, Failure.CENTRAL_SLOW), e.StepFailed(visit, Failure.TERMINAL_FAULT, True),
        e.ServiceChosen("contributions"), e.RecordLoaded(visit, "contributions", RECORD), e.YearChosen(2016),
        e.PrintAsked(), e.PaperChosen((Medium.SLIP, Medium.A4)), e.PaperChosen(()),
        e.DocumentStep(visit, Medium.SLIP, s.Step.SENT), e.DocumentEnded(visit, done), e.BackTouched(),
        e.WaitTouched(), e.SameCard(visit), e.ChangePinChosen(), e.NewPinJudged(visit), e.PinReplaced(visit),
        e.MoreTimeTouched(), e.HomeTouched(), e.EndTouched(), e.Touched(),
        e.LanguageChosen(s.Language.EN), e.LargeTextChosen(True),
    ]  # fmt: skip


def test_every_event_type_has_an_example() -> None:
    assert {type(event) for event in examples(1)} == set(e.Event.__args__)


def at(name: str, **changes: object) -> s.State:
    """A terminal on this screen, in visit 7, with the card in."""
    return replace(s.State(SCREENS[name], visit=7, card_in=True, now=50.0, deadline=90.0), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SCREENS)
def test_every_event_on_every_screen_gives_a_state(name: str) -> None:
    for event in examples(7):
        after, commands = transition(at(name), event)
        assert isinstance(after, s.State)
        assert type(after.screen) in LIMITS
        assert all(isinstance(command, c.Command) for command in commands)


@pytest.mark.parametrize("name", SCREENS)
def test_late_answers_of_an_earlier_visit_change_nothing(name: str) -> None:
    for event in examples(6):
        if hasattr(event, "visit"):
            assert transition(at(name), event) == (at(name), ())


@pytest.mark.parametrize("name", [name for name in SCREENS if name != "welcome"])
def test_a_pulled_card_leads_home_from_everywhere(name: str) -> None:
    after, commands = transition(at(name, ui=s.Ui(s.Language.EN, True), signed_in_at=10.0), e.CardRemoved())
    assert after.screen == s.Welcome()
    assert not personal(after)
    assert (after.ui, after.signed_in_at, after.card_in) == (s.Ui(), None, False)
    assert c.EndVisit(7) in commands


@pytest.mark.parametrize("name", SCREENS)
def test_every_screen_ends_by_itself(name: str) -> None:
    state, now = at(name, deadline=None), 50.0
    seen = {type(state.screen)}
    for _ in range(400):
        now += 5.0
        state, _ = transition(state, e.Tick(now))
        seen.add(type(state.screen))
    assert seen & {s.TakeCard, s.CardForgotten, s.Welcome, s.OutOfService}
    after, _ = transition(state, e.CardRemoved())
    assert isinstance(after.screen, s.Welcome | s.OutOfService)


@pytest.mark.parametrize("name", [name for name in SCREENS if LIMITS[type(SCREENS[name])].kind is Kind.HOLDER])
def test_the_holder_is_asked_at_least_20_seconds_before(name: str) -> None:
    state, now, asked = at(name, deadline=None), 50.0, None
    while type(state.screen) is type(SCREENS[name]):
        now += 0.25
        state, _ = transition(state, e.Tick(now))
        asked = now if state.warned and asked is None else asked
    assert asked is not None
    assert now - asked >= STANDARD.warning


def test_a_touch_gives_the_screen_its_time_again() -> None:
    state = at("menu", warned=True)
    after, _ = transition(state, e.Touched())
    after, _ = transition(after, e.Tick(60.0))
    assert not after.warned
    assert after.deadline == 60.0 + STANDARD.menu


def test_a_clock_that_jumps_back_ends_nothing() -> None:
    after, commands = transition(at("menu"), e.Tick(-1_000_000.0))
    assert isinstance(after.screen, s.Menu)
    assert commands == ()


def test_a_session_ends_after_15_minutes_but_not_in_the_middle_of_printing() -> None:
    over = {"signed_in_at": 0.0, "now": 899.0, "deadline": 2000.0}
    after, commands = transition(at("menu", **over), e.Tick(901.0))
    assert after.screen == s.Failed(Failure.SESSION_EXPIRED)
    assert c.EndVisit(7) in commands
    after, _ = transition(at("printing", **over), e.Tick(901.0))
    assert isinstance(after.screen, s.Printing)


def test_the_pin_is_submitted_whole_only() -> None:
    after, commands = transition(at("pin"), e.PinSubmitted())
    assert (after, commands) == (at("pin"), ())
    state, _ = transition(at("pin"), e.PinChanged(6))
    after, commands = transition(state, e.PinSubmitted())
    assert after.screen == s.SigningIn(CARD)
    assert commands == (c.SignIn(7),)


def test_one_try_left_is_never_asked_for() -> None:
    after, _ = transition(at("signing-in"), e.PinRejected(7, 2))
    assert after.screen == s.PinEntry(CARD, 0, 2, Failure.PIN_WRONG)
    after, commands = transition(at("signing-in"), e.PinRejected(7, 1))
    assert after.screen == s.Failed(Failure.PIN_LAST_TRY)
    assert c.EndVisit(7) in commands


def test_paper_that_is_missing_can_not_be_chosen() -> None:
    state = at("choose-paper", paper=s.Paper(slip=Failure.SLIP_PAPER_OUT))
    for media in ((Medium.SLIP,), (Medium.SLIP, Medium.A4), ()):
        assert transition(state, e.PaperChosen(media)) == (state, ())
    after, commands = transition(state, e.PaperChosen((Medium.A4,)))
    assert isinstance(after.screen, s.Printing)
    assert commands == (c.MakeDocument(7, "contributions", Medium.A4),)


def test_documents_are_made_one_after_the_other() -> None:
    slip = s.Printed(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP, None, Failure.SLIP_PAPER_OUT)
    state, commands = transition(at("printing"), e.DocumentEnded(7, slip))
    assert commands == (c.MakeDocument(7, "contributions", Medium.A4),)
    page = s.Printed(DocumentKind.CONTRIBUTIONS_STATEMENT, Medium.A4, "SB1")
    state, _ = transition(state, e.DocumentEnded(7, page))
    assert state.screen == s.Done(CARD, "contributions", (slip, page))


def test_a_blocked_terminal_serves_nobody() -> None:
    state, commands = transition(at("viewing-year"), e.ServiceBlocked(Failure.PCSC_DOWN))
    assert state.screen == s.OutOfService(Failure.PCSC_DOWN)
    assert c.EndVisit(7) in commands
    assert not personal(state)
    state, commands = transition(state, e.CardInserted())
    assert (state.screen, commands) == (s.OutOfService(Failure.PCSC_DOWN), (c.PlaySound(c.Cue.TAKE_CARD),))
    state, _ = transition(state, e.ServiceRestored())
    assert state.screen == s.TakeCard()


def personal(value: object) -> bool:
    """Is there a card or a record anywhere in a state?"""
    if isinstance(value, s.Card | Record):
        return True
    if isinstance(value, tuple):
        return any(personal(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return any(personal(getattr(value, field.name)) for field in fields(value))
    return False


class Visits(RuleBasedStateMachine):
    """Any events in any order; what design.md promises must hold after each."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.signed, self.submitted, self.now = s.State(), False, False, 0.0

    def feed(self, event: e.Event) -> None:
        before = self.state
        self.state, commands = transition(before, event)
        self.submitted |= any(isinstance(command, c.SignIn) for command in commands)
        if isinstance(self.state.screen, s.Menu) and isinstance(before.screen, s.SigningIn):
            self.signed = True
        made = [command for command in commands if isinstance(command, c.MakeDocument)]
        assert len(made) <= 1
        assert not made or self.signed, "paper without a sign-in"
        if self.signed and not personal(self.state):
            assert any(isinstance(command, c.EndVisit) for command in commands), "a visit ended without revocation"
            self.signed = self.submitted = False

    @rule(index=st.integers(0, len(examples(0)) - 1), late=st.booleans())
    def any_event(self, index: int, late: bool) -> None:
        event = examples(self.state.visit - late)[index]
        if not isinstance(event, e.Tick):
            self.feed(event)

    @rule(seconds=st.floats(0.1, 60))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.feed(e.Tick(self.now))

    @rule()
    def a_good_visit_goes_on(self) -> None:
        following: dict[type, list[e.Event]] = {
            s.Welcome: [e.CardInserted()],
            s.Reading: [e.CardRead(self.state.visit, CARD)],
            s.PinEntry: [e.PinChanged(6), e.PinSubmitted()],
            s.SigningIn: [e.SignedIn(self.state.visit)],
            s.Menu: [e.ServiceChosen("contributions")],
            s.Loading: [e.RecordLoaded(self.state.visit, "contributions", RECORD)],
            s.Viewing: [e.PrintAsked()],
            s.ChoosePaper: [e.PaperReported(s.Paper()), e.PaperChosen((Medium.SLIP,))],
        }
        for event in following.get(type(self.state.screen), []):
            self.feed(event)

    @invariant()
    def nobody_is_signed_in_without_a_pin(self) -> None:
        beyond = (s.Menu, s.Loading, s.Viewing, s.ChoosePaper, s.Printing, s.Done)
        assert not isinstance(self.state.screen, beyond) or (self.signed and self.submitted)

    @invariant()
    def nothing_of_a_holder_without_a_card(self) -> None:
        assert self.state.card_in or not personal(self.state)


TestVisits = Visits.TestCase
TestVisits.settings = settings(
    max_examples=120, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
)
