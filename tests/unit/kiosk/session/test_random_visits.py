"""Long random visits (Hypothesis): any events in any order, good visits, time; every promise after every step.

`ONECARD_STEPS=200000 pytest tests/unit/kiosk/session/test_random_visits.py` takes as many steps; the default is short.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from backend_client.contract.documents import Medium
from kiosk.failures import Failure
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.examples import (
    CARD,
    CODE,
    CODES,
    LINK,
    NUMBER,
    PHONE,
    RECORD,
    WARDS,
    WITH_ACCOUNT,
    all_events,
    printed,
)
from kiosk.session.transition import transition
from kiosk.session.walk import History, step
from tests.unit.kiosk.session.promises import broken, holds_person, without_card

STEPS = int(os.environ.get("ONECARD_STEPS", "10000"))
A_VISIT = 60
COUNT = len(all_events(0))


def following(state: s.State) -> list[e.Event]:
    """What comes next in a visit that goes well, or needs a repair, or another PIN."""
    visit, screen = state.visit, state.screen
    steps: dict[type, list[e.Event]] = {
        s.Welcome: [e.CardInserted()],
        s.Reading: [e.CardRead(visit, CARD)],
        s.PinEntry: [e.PinChanged(6), e.PinSubmitted()],
        s.SigningIn: [e.SignedIn(visit)],
        s.Menu: [e.ServiceChosen("contributions")],
        s.Loading: [e.RecordLoaded(visit, "contributions", RECORD)],
        s.Viewing: [e.PrintAsked()],
        s.ChoosePaper: [e.PaperReported(s.Paper()), e.PaperChosen((Medium.SLIP, Medium.A4))],
        s.Done: [e.WaitTouched(), e.CopyAsked()],
        s.AwaitingRepair: [e.PaperReported(s.Paper())],
        s.Resuming: [e.SameCard(visit)],
        s.ChangePin: [e.PinChanged(6), e.PinSubmitted(), e.NewPinJudged(visit)],
        s.ChangingPin: [e.PinReplaced(visit)],
        s.MakingCopy: [e.CopyReady(visit, LINK)],
        s.ShowingCopy: [e.HomeTouched()],
        s.NewPinSet: [e.HomeTouched()],
        s.AskingPhone: [e.PhoneAsked(visit, CODES)],
        s.NumberEntry: [e.DigitsKeyed(NUMBER), e.DigitsSubmitted()],
        s.SendingCode: [e.CodeSent(visit)],
        s.CodeEntry: [e.DigitsKeyed(CODE), e.DigitsSubmitted()],
        s.CheckingCode: [e.RecordLoaded(visit, "contributions", WITH_ACCOUNT)],
        s.ShowingPhone: [e.PhoneSignedIn(visit, PHONE, 300)],
    }
    if isinstance(screen, s.Printing):
        return [e.DocumentEnded(visit, printed(screen.media[0], Failure.A4_JAM if len(screen.media) == 1 else None))]
    return steps.get(type(screen), [])


class Visits(RuleBasedStateMachine):
    """The session under anything that can come."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.history, self.now = s.State(), History(), 0.0

    def feed(self, event: e.Event) -> None:
        if isinstance(event, e.DocumentEnded) and self.history.making == 0:
            return
        after, commands = transition(self.state, event)
        edge = step(self.state, self.history, event, after, commands)
        assert list(broken(edge)) == []
        self.state, self.history = after, edge.remembered

    @rule(index=st.integers(0, COUNT - 1), late=st.booleans())
    def any_event(self, index: int, late: bool) -> None:
        self.feed(all_events(self.state.visit - late)[index])

    @rule(seconds=st.floats(0.1, 100))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.feed(e.Tick(self.now))

    @rule()
    def a_visit_goes_on(self) -> None:
        for event in following(self.state):
            self.feed(event)

    @rule()
    def nobody_has_a_card(self) -> None:
        self.feed(e.PhoneChosen())

    @rule()
    def the_list_of_wards(self) -> None:
        for event in (
            e.ServiceChosen("guardian"),
            e.RecordLoaded(self.state.visit, "guardian", WARDS),
            e.WardChosen(1),
        ):
            self.feed(event)

    @rule()
    def back_to_ones_own(self) -> None:
        self.feed(e.OwnTouched())

    @rule()
    def another_pin(self) -> None:
        self.feed(e.ChangePinChosen())

    @rule()
    def a_phone_to_link(self) -> None:
        if isinstance(self.state.screen, s.Menu):
            self.feed(e.ServiceChosen("contributions"))
            self.feed(e.RecordLoaded(self.state.visit, "contributions", WITH_ACCOUNT))
            self.feed(e.AccountTouched(s.AccountChange.LINK_PHONE))

    @invariant()
    def nothing_of_a_holder_without_a_card(self) -> None:
        assert self.state.card_in or without_card(self.state.screen) or not holds_person(self.state)


TestVisits = Visits.TestCase
TestVisits.settings = settings(
    max_examples=max(1, STEPS // A_VISIT), stateful_step_count=A_VISIT, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
