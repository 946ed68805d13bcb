"""The visit as a pure function: what a holder can do, step by step."""

from dataclasses import replace

import pytest

from backend_client.contract.documents import DocumentKind, Medium
from kiosk.failures import Failure
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.clock import LIMITS, Kind
from kiosk.session.examples import CODE, CODES, NUMBER, PHONE
from kiosk.session.number import LinkTrouble
from kiosk.session.timing import STANDARD
from kiosk.session.transition import transition
from tests.samples import CARD, access_log, contributions
from tests.states import screens
from tests.unit.kiosk.session.promises import personal

RECORD = contributions()
SCREENS = screens()
LINK = s.PhoneLink("https://x.example.invalid/copy/1")


def examples(visit: int) -> list[e.Event]:
    """One event of each type, for this visit."""
    done = s.Printed(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP, "SY1")
    return [
        e.Tick(100.0), e.CardInserted(), e.CardRefused(Failure.CARD_MUTE), e.CardRemoved(),
        e.ServiceBlocked(Failure.PCSC_DOWN), e.ServiceRestored(), e.PaperReported(s.Paper(Failure.SLIP_PAPER_OUT)),
        e.CardRead(visit, CARD), e.PinChanged(6), e.PinSubmitted(), e.PinRejected(visit, 2), e.PinRejected(visit, 1),
        e.SignedIn(visit), e.StepFailed(visit, Failure.CENTRAL_SLOW), e.StepFailed(visit, Failure.TERMINAL_FAULT, True),
        e.ServiceChosen("contributions"), e.RecordLoaded(visit, "contributions", RECORD), e.YearChosen(2016),
        e.PageTurned(older=True),
        e.PrintAsked(), e.PaperChosen((Medium.SLIP, Medium.A4)), e.PaperChosen(()),
        e.DocumentStep(visit, Medium.SLIP, s.Step.SENT), e.DocumentEnded(visit, done), e.BackTouched(),
        e.WaitTouched(), e.SameCard(visit), e.CopyAsked(), e.CopyReady(visit, LINK),
        e.ChangePinChosen(), e.NewPinJudged(visit), e.PinReplaced(visit),
        e.MoreTimeTouched(), e.HomeTouched(), e.EndTouched(), e.Touched(),
        e.LanguageChosen(s.Language.EN), e.LargeTextChosen(True), e.LargePrintChosen(True),
        e.PhoneChosen(), e.PhoneAsked(visit, CODES), e.PhoneSignedIn(visit, PHONE, 300),
        e.AccountTouched(s.AccountChange.OPEN), e.AccountConfirmed(), e.AccountLeft(visit),
        e.DigitsKeyed(NUMBER), e.DigitsKeyed(CODE), e.DigitsSubmitted(), e.CodeWanted(), e.CodeSent(visit),
        e.NumberRefused(visit, LinkTrouble.NO_SMS), e.CodeRefused(visit, 4), e.CodeRefused(visit, 0),
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
    assert not personal(after.screen)
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


def test_large_print_is_asked_of_the_paper_screen_and_kept_for_the_visit() -> None:
    state, _ = transition(at("choose-paper"), e.LargePrintChosen(True))
    assert state.ui.large_print and state.screen == at("choose-paper").screen
    state, commands = transition(state, e.PaperChosen((Medium.SLIP, Medium.A4)))
    assert commands == (c.MakeDocument(7, "contributions", Medium.SLIP, large_print=True),)
    state, commands = transition(state, e.DocumentEnded(7, SLIP))
    assert commands == (c.MakeDocument(7, "contributions", Medium.A4, large_print=True),)
    state, _ = transition(state, e.CardRemoved())
    assert state.ui == s.Ui()
    for name in ("viewing-year", "menu", "printing"):
        assert transition(at(name), e.LargePrintChosen(True)) == (at(name), ())


def test_a_page_that_came_out_goes_to_the_phone_as_well() -> None:
    page = replace(JAMMED, failure=None)
    state = at("done", screen=s.Done(CARD, "contributions", (SLIP, page)), ui=s.Ui(large_print=True))
    state, commands = transition(state, e.CopyAsked())
    assert (state.screen, commands) == (s.MakingCopy(CARD, "contributions"), (c.MakeCopy(7, large_print=True),))
    state, _ = transition(state, e.CopyReady(7, LINK))
    assert state.screen == s.ShowingCopy(CARD, "contributions", LINK)
    assert personal(state.screen)
    state, _ = transition(state, e.CardRemoved())
    assert state.screen == s.Welcome()


def test_no_page_no_copy_and_a_copy_that_fails_leads_home() -> None:
    for ended in ((SLIP,), (JAMMED,), ()):
        state = at("done", screen=s.Done(CARD, "contributions", ended))
        assert transition(state, e.CopyAsked()) == (state, ())
    making = at("making-copy")
    state, commands = transition(making, e.StepFailed(7, Failure.CENTRAL_SLOW))
    assert (state.screen, commands) == (s.Failed(Failure.CENTRAL_SLOW, CARD), ())
    state, commands = transition(making, e.StepFailed(7, Failure.TERMINAL_FAULT, fatal=True))
    assert state.screen == s.Failed(Failure.TERMINAL_FAULT) and c.EndVisit(7) in commands
    state, _ = transition(making, e.BackTouched())
    assert transition(state, e.CopyReady(7, LINK)) == (state, ())


def test_large_text_on_the_screen_means_large_print_unless_told_otherwise() -> None:
    state, _ = transition(at("menu"), e.LargeTextChosen(True))
    assert state.ui.large_print
    state, _ = transition(replace(state, screen=at("choose-paper").screen), e.LargePrintChosen(False))
    assert state.ui.large_text and not state.ui.large_print


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
    assert not personal(state.screen)
    state, commands = transition(state, e.CardInserted())
    assert (state.screen, commands) == (s.OutOfService(Failure.PCSC_DOWN), (c.PlaySound(c.Cue.TAKE_CARD),))
    state, _ = transition(state, e.ServiceRestored())
    assert state.screen == s.TakeCard()


def test_a_card_put_in_while_closed_is_told_to_be_taken() -> None:
    closed = s.State(s.OutOfService(Failure.PCSC_DOWN), blocked_by=Failure.PCSC_DOWN)
    state, commands = transition(closed, e.CardInserted())
    assert (state.screen, state.card_in, commands) == (closed.screen, True, (c.PlaySound(c.Cue.TAKE_CARD),))
    state, _ = transition(state, e.Tick(0.0))
    _, commands = transition(state, e.Tick(60.0))
    assert c.PlaySound(c.Cue.TAKE_CARD) in commands
    state, _ = transition(state, e.CardRemoved())
    assert not state.card_in


JAMMED = s.Printed(DocumentKind.CONTRIBUTIONS_STATEMENT, Medium.A4, "SB1", Failure.A4_JAM)
SLIP = s.Printed(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP, "SY1")


def fed(state: s.State, *events: e.Event) -> tuple[s.State, list[c.Command]]:
    """Where a list of events leads, and all that was asked on the way."""
    asked: list[c.Command] = []
    for event in events:
        state, commands = transition(state, event)
        asked += commands
    return state, asked


def waiting() -> s.State:
    """The holder waits for the A4 printer."""
    done = replace(at("done"), screen=s.Done(CARD, "contributions", (SLIP, JAMMED)))
    state, commands = transition(done, e.WaitTouched())
    assert commands == (c.Report(Failure.A4_JAM), c.KeepPlace(7, "contributions", Medium.A4), c.AskPaper())
    return state


def test_a_cleared_jam_goes_on_with_the_same_card_and_a_new_document() -> None:
    state, asked = fed(waiting(), e.PaperReported(s.Paper(a4=Failure.A4_JAM)), e.Touched())
    assert isinstance(state.screen, s.AwaitingRepair)
    state, asked = fed(state, e.PaperReported(s.Paper()))
    assert asked == [c.CheckCard(7)]
    assert isinstance(state.screen, s.Resuming)
    state, asked = fed(state, e.SameCard(7))
    assert asked == [c.DropPlace(), c.MakeDocument(7, "contributions", Medium.A4)]
    assert state.screen == s.Printing(CARD, "contributions", (Medium.A4,), ended=(SLIP,))
    page = replace(JAMMED, failure=None, doc_no="SB2")
    state, _ = fed(state, e.DocumentEnded(7, page))
    assert state.screen == s.Done(CARD, "contributions", (SLIP, page))


def test_another_card_ends_the_visit_that_waited() -> None:
    state, asked = fed(waiting(), e.PaperReported(s.Paper()), e.StepFailed(7, Failure.CARD_SWAPPED))
    assert state.screen == s.Failed(Failure.CARD_SWAPPED)
    assert {c.EndVisit(7), c.DropPlace()} <= set(asked)


def test_the_printers_are_asked_while_somebody_waits() -> None:
    state, asked = waiting(), list[c.Command]()
    for quarter in range(80):
        state, commands = transition(state, e.Tick(50.0 + quarter / 4))
        asked += commands
    assert asked == [c.AskPaper()] * 6


@pytest.mark.parametrize("touch", [e.BackTouched(), e.HomeTouched(), e.EndTouched()])
def test_whoever_stops_waiting_gives_up_the_ticket(touch: e.Event) -> None:
    state, asked = fed(waiting(), touch)
    assert not isinstance(state.screen, s.AwaitingRepair)
    assert c.DropPlace() in asked


def test_a_paper_that_may_exist_is_not_waited_for() -> None:
    unknown = replace(JAMMED, failure=Failure.PRINT_UNKNOWN)
    done = replace(at("done"), screen=s.Done(CARD, "contributions", (SLIP, unknown)))
    assert transition(done, e.WaitTouched()) == (done, ())


def test_a_holder_with_a_ticket_goes_straight_to_the_paper() -> None:
    state, asked = fed(at("signing-in"), e.SignedIn(7, s.Place("contributions", Medium.A4)))
    assert asked == [c.LoadRecord(7, "contributions")]
    state, asked = fed(state, e.RecordLoaded(7, "contributions", RECORD))
    assert isinstance(state.screen, s.ChoosePaper)
    assert asked == [c.AskPaper()]


def test_a_token_that_ran_out_asks_for_the_pin_and_comes_back() -> None:
    state, _ = fed(at("loading", signed_in_at=10.0), e.StepFailed(7, Failure.SESSION_EXPIRED))
    assert state.screen == s.PinEntry(CARD, failure=Failure.SESSION_EXPIRED, then=s.Place("contributions"))
    state, asked = fed(state, e.PinChanged(6), e.PinSubmitted(), e.SignedIn(7))
    assert state.screen == s.Loading(CARD, "contributions")
    assert state.signed_in_at == 10.0
    assert asked == [c.SignIn(7), c.LoadRecord(7, "contributions")]


@pytest.mark.parametrize("older", [True, False])
def test_a_page_is_turned_by_asking_central(older: bool) -> None:
    state, asked = fed(at("viewing-log"), e.PageTurned(older))
    assert state.screen == s.Loading(CARD, "access-log")
    assert asked == [c.TurnPage(7, "access-log", older)]
    state, asked = fed(state, e.RecordLoaded(7, "access-log", access_log(first=False)))
    assert state.screen == s.Viewing(CARD, "access-log", access_log(first=False))
    assert asked == []


def test_a_forgotten_card_reminds_is_hidden_and_is_reported_once() -> None:
    state, now, asked = replace(at("take-card"), ui=s.Ui(s.Language.EN), deadline=None), 50.0, list[c.Command]()
    for _ in range(4 * 300):
        now += 0.25
        state, commands = transition(state, e.Tick(now))
        asked += commands
    assert state.screen == s.CardForgotten(8, reported=True)
    assert state.ui == s.Ui()
    assert asked.count(c.PlaySound(c.Cue.TAKE_CARD)) == 3
    assert asked.count(c.PlaySound(c.Cue.CARD_FORGOTTEN)) == 9
    assert asked.count(c.Report(Failure.CARD_FORGOTTEN)) == 1
    awake, commands = transition(state, e.Touched())
    assert (awake.screen, commands) == (s.TakeCard(), ())
    for touch in (e.EndTouched(), e.HomeTouched(), e.ServiceChosen("contributions"), e.LanguageChosen(s.Language.EN)):
        assert transition(state, touch) == (state, ())
    free, _ = transition(state, e.CardRemoved())
    assert free.screen == s.Welcome()


def test_more_time_lengthens_every_screen_up_to_ten_times() -> None:
    state = at("menu", warned=True)
    for presses in range(1, 13):
        state, _ = transition(state, e.MoreTimeTouched())
        state, _ = transition(state, e.Tick(60.0))
        assert state.deadline == 60.0 + STANDARD.menu * min(presses + 1, 10)
        assert not state.warned
    state, _ = fed(state, e.ServiceChosen("contributions"), e.RecordLoaded(7, "contributions", RECORD), e.Tick(61.0))
    assert state.deadline == 61.0 + 10 * STANDARD.viewing
    state, _ = fed(state, e.CardRemoved())
    assert state.patience == 1


@pytest.mark.parametrize("name", [name for name in SCREENS if LIMITS[type(SCREENS[name])].kind is Kind.GUARD])
def test_no_touch_moves_a_guard(name: str) -> None:
    state = at(name, deadline=90.0)
    for touch in (e.Touched(), e.MoreTimeTouched()):
        assert transition(state, touch) == (state, ())


def test_the_sessions_end_is_announced_and_no_touch_moves_it() -> None:
    state = at("menu", signed_in_at=0.0, now=839.0, deadline=2000.0)
    state, _ = transition(state, e.Tick(840.0))
    assert state.ending is s.Announced.SHOWN
    state, _ = fed(state, e.MoreTimeTouched(), e.Tick(841.0))
    assert state.ending is s.Announced.READ
    state, _ = fed(state, e.Tick(860.0))
    assert state.ending is s.Announced.READ
    state, _ = fed(state, e.Tick(900.0))
    assert state.screen == s.Failed(Failure.SESSION_EXPIRED)


def test_a_pin_is_changed_in_three_entries() -> None:
    state, asked = fed(at("menu"), e.ChangePinChosen(), e.PinChanged(6), e.PinSubmitted())
    assert state.screen == s.ChangePin(CARD, s.PinStage.NEW)
    assert asked == [c.ForgetPin(), c.TakeOldPin(7)]
    state, asked = fed(state, e.PinChanged(6), e.PinSubmitted(), e.NewPinJudged(7, s.PinFlaw.RUN))
    assert state.screen == s.ChangePin(CARD, s.PinStage.NEW, flaw=s.PinFlaw.RUN)
    state, asked = fed(state, e.PinChanged(6), e.PinSubmitted(), e.NewPinJudged(7))
    assert (state.screen, asked) == (s.ChangePin(CARD, s.PinStage.AGAIN), [c.JudgeNewPin(7)])
    state, asked = fed(state, e.PinChanged(6), e.PinSubmitted())
    assert (state.screen, asked) == (s.ChangingPin(CARD), [c.ChangePin(7)])
    differ, _ = fed(state, e.NewPinJudged(7, s.PinFlaw.DIFFERENT))
    assert differ.screen == s.ChangePin(CARD, s.PinStage.NEW, flaw=s.PinFlaw.DIFFERENT)
    wrong, asked = fed(state, e.PinRejected(7, 2))
    assert (wrong.screen, asked) == (s.ChangePin(CARD, tries_left=2), [c.ForgetPin()])
    last, _ = fed(state, e.PinRejected(7, 1))
    assert last.screen == s.Failed(Failure.PIN_LAST_TRY)
    blocked, _ = fed(state, e.StepFailed(7, Failure.PIN_BLOCKED))
    assert blocked.screen == s.Failed(Failure.PIN_BLOCKED)
    done, _ = fed(state, e.PinReplaced(7))
    assert done.screen == s.NewPinSet(CARD)
    assert fed(done, e.HomeTouched())[0].screen == s.Menu(CARD)


@pytest.mark.parametrize("length", [0, 5])
def test_a_pin_that_is_not_whole_goes_nowhere(length: int) -> None:
    state = replace(at("change-pin-new"), screen=s.ChangePin(CARD, s.PinStage.NEW, length))
    assert transition(state, e.PinSubmitted()) == (state, ())
