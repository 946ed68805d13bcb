"""Acting in a visit: whom, another PIN, the ward's own number for every answer, and back to one's own records."""

from dataclasses import replace

import pytest

from backend_client.contract.documents import Medium
from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.going import Result, go
from kiosk.session.transition import transition
from kiosk.session.walk import Walk
from tests.samples import CARD, CHILD, ELDER, contributions, family_planning, wards
from tests.states import JAMMED, guardian_screens
from tests.unit.kiosk.session.planted import Mistake, complaint_about

LIST = wards()


def at(screen: s.Screen, visit: int = 7) -> s.State:
    """Signed in."""
    return s.State(screen, visit=visit, card_in=True, now=50.0, signed_in_at=10.0)


def viewing() -> s.State:
    """The list of wards on the screen."""
    return at(s.Viewing(CARD, "guardian", LIST))


def acting() -> s.State:
    """In the elder's session."""
    return at(s.Menu(ELDER))


def test_whoever_is_chosen_is_asked_for_by_another_pin_under_another_number() -> None:
    state, commands = transition(viewing(), e.WardChosen(1))
    assert (state.screen, state.visit) == (s.PinEntry(ELDER), 8)
    assert commands == (c.BeginActing(8, ELDER),)
    state, _ = transition(state, e.PinChanged(6))
    state, commands = transition(state, e.PinSubmitted())
    assert (state.screen, commands) == (s.SigningIn(ELDER), (c.SignIn(8),))
    state, commands = transition(state, e.SignedIn(8))
    assert (state.screen, commands) == (s.Menu(ELDER), ())
    assert state.signed_in_at == 10.0


@pytest.mark.parametrize(
    ("screen", "place"),
    [
        (s.Viewing(CARD, "guardian", LIST), 2), (s.Viewing(CARD, "guardian", LIST), -1),
        (s.Viewing(CARD, "contributions", contributions()), 0), (s.Viewing(CARD, "guardian", wards(())), 0),
        (s.Viewing(s.ByPhone("测*", "0"), "guardian", LIST), 0), (s.Viewing(ELDER, "guardian", LIST), 0),
    ],
)  # fmt: skip
def test_nobody_is_chosen_who_is_not_on_the_list_nor_without_ones_own_card(screen: s.Screen, place: int) -> None:
    state = at(screen)
    assert transition(state, e.WardChosen(place)) == (state, ())


def test_a_late_answer_of_the_one_session_is_dropped_in_the_other() -> None:
    """Also when the same service was asked for in both."""
    state, _ = transition(viewing(), e.WardChosen(1))
    for event in (e.PinChanged(6), e.PinSubmitted(), e.SignedIn(8), e.ServiceChosen("contributions")):
        state, _ = transition(state, event)
    assert state.screen == s.Loading(ELDER, "contributions")
    own = contributions("测己")
    assert transition(state, e.RecordLoaded(7, "contributions", own)) == (state, ())
    assert transition(state, e.StepFailed(7, Failure.SESSION_EXPIRED)) == (state, ())
    state, commands = transition(state, e.OwnTouched())
    assert (state.screen, state.visit, commands) == (s.Menu(CARD), 9, (c.EndActing(9),))
    state, _ = transition(state, e.ServiceChosen("contributions"))
    for late in (7, 8):
        assert transition(state, e.RecordLoaded(late, "contributions", own)) == (state, ())
    state, _ = transition(state, e.RecordLoaded(9, "contributions", own))
    assert state.screen == s.Viewing(CARD, "contributions", own)


@pytest.mark.parametrize("name", [name for name in guardian_screens() if name.startswith("ward-")])
def test_the_way_back_is_open_wherever_nothing_is_under_way(name: str) -> None:
    screen = guardian_screens()[name]
    before = at(screen)
    after, commands = transition(before, e.OwnTouched())
    if isinstance(screen, s.SigningIn | s.Printing | s.Resuming):
        assert (after, commands) == (before, ())
    else:
        assert (after.screen, after.visit, commands) == (s.Menu(CARD), 8, (c.EndActing(8),))
        assert after.signed_in_at == 10.0


@pytest.mark.parametrize("name", ["menu", "viewing-contributions", "done"])
def test_in_ones_own_session_there_is_no_way_back(name: str) -> None:
    screens: dict[str, s.Screen] = {
        "menu": s.Menu(CARD), "viewing-contributions": s.Viewing(CARD, "contributions", contributions()),
        "done": s.Done(CARD, "contributions", (JAMMED,)),
    }  # fmt: skip
    own = at(screens[name])
    assert transition(own, e.OwnTouched()) == (own, ())


def test_ones_own_session_that_ran_out_meanwhile_asks_for_the_pin() -> None:
    own = at(s.Menu(CARD))
    after, commands = transition(own, e.OwnSessionOver(7))
    assert (after.screen, commands) == (s.PinEntry(CARD, failure=Failure.SESSION_EXPIRED), (c.ForgetPin(),))
    assert transition(acting(), e.OwnSessionOver(7)) == (acting(), ())


def test_a_wards_token_that_runs_out_asks_for_the_pin_for_the_ward() -> None:
    loading = at(s.Loading(ELDER, "contributions"))
    after, commands = transition(loading, e.StepFailed(7, Failure.SESSION_EXPIRED))
    again = s.PinEntry(ELDER, failure=Failure.SESSION_EXPIRED, then=s.Place("contributions"))
    assert (after.screen, after.visit, commands) == (again, 7, (c.ForgetPin(),))


@pytest.mark.parametrize("screen", [s.Loading(ELDER, "contributions"), s.SigningIn(ELDER)])
def test_a_relation_that_does_not_hold_any_more_ends_the_wards_session_alone(screen: s.Screen) -> None:
    after, commands = transition(at(screen), e.StepFailed(7, Failure.ACTING_OVER))
    assert (after.screen, after.visit, commands) == (s.Failed(Failure.ACTING_OVER, CARD), 8, (c.EndActing(8),))
    after, _ = transition(after, e.HomeTouched())
    assert after.screen == s.Menu(CARD)


@pytest.mark.parametrize("failure", [Failure.CARD_SWAPPED, Failure.PIN_BLOCKED, Failure.SIGN_IN_REFUSED])
def test_what_speaks_against_the_card_ends_both(failure: Failure) -> None:
    after, commands = transition(at(s.SigningIn(ELDER)), e.StepFailed(7, failure))
    assert after.screen == s.Failed(failure)
    assert c.EndVisit(7) in commands


def test_the_last_try_is_not_spent_for_a_ward_either() -> None:
    after, _ = transition(at(s.SigningIn(ELDER)), e.PinRejected(7, 2))
    assert after.screen == s.PinEntry(ELDER, 0, 2, Failure.PIN_WRONG)
    after, commands = transition(at(s.SigningIn(ELDER)), e.PinRejected(7, 1))
    assert after.screen == s.Failed(Failure.PIN_LAST_TRY)
    assert c.EndVisit(7) in commands


def test_a_wards_paper_leaves_no_ticket_for_the_guardians_card() -> None:
    done = at(s.Done(ELDER, "contributions", (JAMMED,)))
    after, commands = transition(done, e.WaitTouched())
    assert after.screen == s.AwaitingRepair(ELDER, "contributions", Medium.A4, (JAMMED,))
    assert not any(isinstance(command, c.KeepPlace) for command in commands)
    ticket = s.Place("contributions", Medium.SLIP)
    after, _ = transition(at(s.SigningIn(ELDER)), e.SignedIn(7, ticket))
    assert after.screen == s.Menu(ELDER)


def test_time_and_a_pulled_card_end_the_visit_whole() -> None:
    for event in (e.CardRemoved(), e.EndTouched(), e.ServiceBlocked(Failure.PCSC_DOWN)):
        after, commands = transition(acting(), event)
        assert c.EndVisit(7) in commands
        assert getattr(after.screen, "card", None) is None
    late = replace(acting(), deadline=60.0)
    after, commands = transition(late, e.Tick(61.0))
    assert (after.screen, c.EndVisit(7) in commands) == (s.TakeCard(), True)
    after, commands = transition(replace(acting(), now=900.0, deadline=1000.0), e.Tick(910.0))
    assert (after.screen, c.EndVisit(7) in commands) == (s.Failed(Failure.SESSION_EXPIRED), True)


@pytest.mark.parametrize("event", [e.ChangePinChosen(), e.AccountTouched(s.AccountChange.OPEN)])
def test_what_is_the_holders_own_is_not_offered_in_a_wards_session(event: e.Event) -> None:
    for screen in (s.Menu(CHILD), s.Viewing(CHILD, "family-planning", family_planning())):
        assert transition(at(screen), event) == (at(screen), ())


def test_the_walk_has_been_in_a_wards_session_and_back(whole_walk: Walk) -> None:
    assert whole_walk.successors[s.Viewing, e.WardChosen] >= {s.PinEntry}
    assert whole_walk.successors[s.Viewing, e.OwnTouched] >= {s.Menu}
    assert whole_walk.successors[s.Menu, e.OwnSessionOver] >= {s.PinEntry}
    assert whole_walk.successors[s.SigningIn, e.StepFailed] >= {s.Failed}


def same_number(state: s.State, screen: s.Viewing, _event: e.WardChosen) -> Result:
    """Goes on under the guardian's number, so that late answers would still be taken."""
    ward = replace(CHILD, relation="0" * 32)
    if not isinstance(screen.card, s.Card) or not hasattr(screen.record, "wards"):
        return state, ()
    return go(state, s.PinEntry(ward), c.BeginActing(state.visit, ward))


def another_ward(state: s.State, screen: s.Viewing, _event: e.WardChosen) -> Result:
    """Whoever was touched, it is the second one."""
    if not isinstance(screen.card, s.Card) or not hasattr(screen.record, "wards"):
        return state, ()
    ward, visit = s.Acting(screen.card, "1" * 32, "测**", "0", s.WardKind.ELDER), state.visit + 1
    return go(replace(state, visit=visit), s.PinEntry(ward), c.BeginActing(visit, ward))


def straight_in(state: s.State, screen: s.Viewing, _event: e.WardChosen) -> Result:
    """The ward's menu without another PIN."""
    after, commands = another_ward(state, screen, _event)
    pad = after.screen
    return (replace(after, screen=s.Menu(pad.card)), commands) if isinstance(pad, s.PinEntry) else (after, commands)


def only_the_screen(state: s.State, screen: s.Menu, _event: e.OwnTouched) -> Result:
    """One's own menu, while the ward's session goes on."""
    card = screen.card.card if isinstance(screen.card, s.Acting) else screen.card
    return go(replace(state, visit=state.visit + 1), s.Menu(card))


def pin_of_a_ward(state: s.State, screen: s.Menu, _event: e.ChangePinChosen) -> Result:
    """Changes a PIN in a ward's session."""
    if isinstance(screen.card, s.ByPhone):
        return state, ()
    return go(state, s.ChangePin(screen.card), c.ForgetPin())  # type: ignore[arg-type]


def ticket_of_a_ward(state: s.State, screen: s.Menu, _event: e.ChangePinChosen) -> Result:
    """Keeps the ward's place for the guardian's card."""
    return state, () if isinstance(screen.card, s.ByPhone) else (c.KeepPlace(state.visit, "contributions", Medium.A4),)


PLANTED: dict[str, Mistake] = {
    "another person under the same number": (s.Viewing, e.WardChosen, same_number),
    "somebody who was not chosen": (s.Viewing, e.WardChosen, another_ward),
    "Menu without a sign-in": (s.Viewing, e.WardChosen, straight_in),
    "a name above another person's session": (s.Menu, e.OwnTouched, only_the_screen),
    "ChangePin under a ward's name": (s.Menu, e.ChangePinChosen, pin_of_a_ward),
    "the holder's own business in a ward's session": (s.Menu, e.ChangePinChosen, ticket_of_a_ward),
}


@pytest.mark.parametrize("complaint", PLANTED)
def test_the_walk_finds_a_planted_mistake(monkeypatch: pytest.MonkeyPatch, complaint: str) -> None:
    assert complaint in complaint_about(PLANTED[complaint], monkeypatch)
