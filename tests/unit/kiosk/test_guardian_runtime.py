"""A ward's session in the runtime, against central itself: whose it is, what it prints, and how both sessions end."""

import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from backend_client.client import errors
from backend_client.client.central import Central, HolderSession
from backend_client.contract.documents import DocumentKind, IssuedDocument, IssueRequest, Medium
from central.identity.guardians import end_relation
from central.identity.scopes import ACTING_SCOPES
from central.identity.tokens import look_up
from central.synthetic.household import wards_of
from central.synthetic.person import person
from kiosk.document_work import Order
from kiosk.failures import Failure
from kiosk.mapping import failure_of
from kiosk.pin_buffer import PinBuffer
from kiosk.runtime import Runtime
from kiosk.services.catalogue import all_services
from kiosk.session import commands as c
from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.site_work import SiteDesk
from kiosk.visit import Visit
from tests.city import City

GUARDIAN = 32
CARD = s.Card("任**", "990***********0000", 3)


class Hands:
    """The card's desk: the real client with a card that has no chip."""

    def __init__(self, city: City) -> None:
        self.card = city.card(GUARDIAN)
        self.asked: list[tuple[str, str]] = []

    def sign_in(
        self, _data: object, _certificate: object, pin: bytearray, central: Central, scope: str, acting_for: str = ""
    ) -> HolderSession:  # fmt: skip
        """As `CardDesk.sign_in`."""
        pin[:] = bytes(len(pin))
        self.asked.append((scope, acting_for))
        return central.sign_in(self.card, scope, acting_for=acting_for)


class Papers:
    """The documents' desk: central issues, no printer."""

    def __init__(self) -> None:
        self.issued: list[IssuedDocument] = []
        self.orders: list[Order] = []

    def make(self, order: Order) -> s.Printed:
        """As `DocumentDesk.make`."""
        self.orders.append(order)
        try:
            issued = order.session.issue(IssueRequest(kind=order.kind, medium=order.medium), uuid.uuid4())
        except errors.CentralError as error:
            return s.Printed(order.kind, order.medium, None, failure_of(error))
        self.issued.append(issued)
        return s.Printed(order.kind, order.medium, issued.doc_no)


class Terminal:
    """A runtime with a guardian signed in, in visit 1."""

    def __init__(self, city: City, central: Central) -> None:
        self.city, self.central, self.told = city, central, list[e.Event]()
        self.hands, self.papers = Hands(city), Papers()
        who = person(city.keys.seed, GUARDIAN)
        self.runtime = Runtime(
            self.told.append, PinBuffer(), central, self.hands, self.papers, all_services(), lambda: "zh",  # type: ignore[arg-type]
            SimpleNamespace(play=lambda _cue: None), 60, 60, SiteDesk(city.url, self.told.append),
        )  # fmt: skip
        self.runtime._visit = Visit(1, card=SimpleNamespace(holder=who, card_id=who.card_id))  # type: ignore[arg-type]
        self.do(c.SignIn(1))
        self.own = self.session

    @property
    def session(self) -> HolderSession:
        """Of the visit that goes on."""
        session = self.runtime._visit.session
        assert session is not None
        return session

    def do(self, command: c.Command) -> list[e.Event]:
        """One command to its end; what came of it."""
        before = len(self.told)
        self.runtime.carry_out(command)
        self.runtime.settle()
        return self.told[before:]

    def choose(self, visit: int = 2, kind: str = "elder") -> s.Acting:
        """The list, and the ward of this kind, as the core asks for them."""
        (loaded,) = self.do(c.LoadRecord(visit - 1, "guardian"))
        assert isinstance(loaded, e.RecordLoaded)
        ward = next(one for one in loaded.record.wards if one.kind == kind)  # type: ignore[attr-defined]
        acting = s.Acting(CARD, ward.relation_id, ward.name, ward.id_no, s.WardKind(kind))
        assert self.do(c.BeginActing(visit, acting)) == []
        return acting

    def act(self, visit: int = 2) -> None:
        """In the elder's session."""
        self.choose(visit)
        assert self.do(c.SignIn(visit)) == [e.SignedIn(visit)]


@pytest.fixture
def terminal(city: City, central: Central) -> Iterator[Terminal]:
    """A guardian at the menu."""
    made = Terminal(city, central)
    yield made
    made.runtime.stop()


def ward(terminal: Terminal, kind: str = "elder") -> Any:
    """The synthetic person whom the guardian acts for."""
    seed = terminal.city.keys.seed
    return person(seed, next(one.ward for one in wards_of(seed, GUARDIAN) if one.kind == kind))


def alive(terminal: Terminal, token: str | None) -> bool:
    """Does central still take this token?"""
    assert token is not None
    return look_up(terminal.city.engine, token) is not None


def test_a_wards_session_opens_the_wards_record_and_asks_for_records_only(terminal: Terminal) -> None:
    own_scope = set(terminal.hands.asked[0][0].split())
    assert {"guardian", "account", "social", "family"} <= own_scope
    terminal.act()
    scope, relation = terminal.hands.asked[-1]
    assert (set(scope.split()), len(relation)) == (set(ACTING_SCOPES), 32)
    (loaded,) = terminal.do(c.LoadRecord(2, "contributions"))
    assert isinstance(loaded, e.RecordLoaded) and loaded.record.subject_id_no == ward(terminal).id_no
    assert loaded.visit == 2


def test_what_the_terminal_offers_for_a_ward_is_what_central_allows() -> None:
    offered = {service.scope for service in all_services() if service.for_wards}
    assert offered == set(ACTING_SCOPES)
    assert not any(service.more_scopes for service in all_services() if service.for_wards)


@pytest.mark.parametrize("service", ["account", "access-log", "guardian"])
@pytest.mark.expected_log("kiosk.workers: CARD_NEEDED")
def test_what_is_the_guardians_own_is_refused_in_a_wards_session(terminal: Terminal, service: str) -> None:
    terminal.act()
    assert terminal.do(c.LoadRecord(2, service)) == [e.StepFailed(2, Failure.CARD_NEEDED)]


def test_the_paper_is_the_wards(terminal: Terminal) -> None:
    terminal.act()
    (ended,) = terminal.do(c.MakeDocument(2, "contributions", Medium.SLIP))
    assert isinstance(ended, e.DocumentEnded) and ended.printed.failure is None
    (order,), (issued,) = terminal.papers.orders, terminal.papers.issued
    assert order.by_proxy
    assert order.holder_id_no == issued.facts.record.subject_id_no == ward(terminal).id_no
    terminal.do(c.EndActing(3))
    terminal.do(c.MakeDocument(3, "contributions", Medium.SLIP))
    own = terminal.papers.orders[-1]
    assert (own.holder_id_no, own.by_proxy) == (person(terminal.city.keys.seed, GUARDIAN).id_no, False)


def test_the_way_back_ends_the_wards_session_at_central_and_goes_on_with_ones_own(terminal: Terminal) -> None:
    terminal.act()
    session, token = terminal.session, terminal.session._token
    assert terminal.do(c.EndActing(3)) == []
    assert (alive(terminal, token), session.holder) == (False, None)
    assert terminal.session is terminal.own
    (loaded,) = terminal.do(c.LoadRecord(3, "contributions"))
    assert isinstance(loaded, e.RecordLoaded)
    assert (loaded.visit, loaded.record.subject_id_no) == (3, person(terminal.city.keys.seed, GUARDIAN).id_no)


def test_the_way_back_from_the_pad_leaves_no_digit(terminal: Terminal) -> None:
    terminal.choose()
    terminal.runtime._pin.append(1)
    assert terminal.do(c.EndActing(3)) == []
    assert len(terminal.runtime._pin) == 0
    assert terminal.session is terminal.own


def test_ones_own_token_that_ran_out_meanwhile_is_told(terminal: Terminal) -> None:
    terminal.act()
    terminal.own.expires_at = 0.0
    assert terminal.do(c.EndActing(3)) == [e.OwnSessionOver(3)]


def test_the_end_of_the_visit_ends_both_sessions_at_central(terminal: Terminal) -> None:
    terminal.act()
    tokens = terminal.own._token, terminal.session._token
    assert all(alive(terminal, token) for token in tokens)
    terminal.do(c.EndVisit(2))
    assert not any(alive(terminal, token) for token in tokens)
    assert terminal.runtime._visit.session is None and terminal.own.holder is None


def test_a_sign_in_for_a_ward_that_comes_after_the_way_back_is_revoked(terminal: Terminal) -> None:
    terminal.choose()
    made: list[HolderSession] = []

    def late(*arguments: Any, **more: Any) -> HolderSession:
        made.append(Hands.sign_in(terminal.hands, *arguments, **more))
        terminal.runtime.carry_out(c.EndActing(3))
        return made[0]

    terminal.hands.sign_in = late  # type: ignore[method-assign]
    assert terminal.do(c.SignIn(2)) == []
    assert made[0].holder is None
    assert terminal.session is terminal.own


def test_an_answer_that_was_asked_for_in_the_other_session_keeps_its_number(terminal: Terminal) -> None:
    """The core drops it: it is posted under the number that it was asked for under."""
    release = terminal_waits(terminal)
    terminal.runtime.carry_out(c.LoadRecord(1, "contributions"))
    terminal.runtime.carry_out(c.BeginActing(2, s.Acting(CARD, "0" * 32, "x", "x", s.WardKind.ELDER)))
    release()
    terminal.runtime.settle()
    late = terminal.told[-1]
    assert isinstance(late, e.RecordLoaded) and late.visit == 1


def terminal_waits(terminal: Terminal) -> Callable[[], None]:
    """Central's next answer waits until it is let go."""
    import threading

    go, session = threading.Event(), terminal.own
    whole = session.contributions
    session.contributions = lambda: (go.wait(20), whole())[1]  # type: ignore[method-assign]
    return go.set


@pytest.mark.expected_log("kiosk.workers: ACTING_OVER")
def test_a_relation_that_nobody_has_is_refused(terminal: Terminal) -> None:
    terminal.do(c.BeginActing(2, s.Acting(CARD, "0" * 32, "测*", "990***********0000", s.WardKind.CHILD)))
    assert terminal.do(c.SignIn(2)) == [e.StepFailed(2, Failure.ACTING_OVER)]


@pytest.mark.expected_log("kiosk.workers: CENTRAL_NONSENSE")
def test_a_session_of_another_person_than_the_chosen_one_is_not_taken(terminal: Terminal) -> None:
    chosen = terminal.choose()
    terminal.runtime._visit.ward = s.Acting(CARD, chosen.relation, "别*", chosen.masked_id_no, chosen.kind)
    assert terminal.do(c.SignIn(2)) == [e.StepFailed(2, Failure.CENTRAL_NONSENSE)]
    assert terminal.runtime._visit.session is None


@pytest.mark.expected_log("kiosk.workers: CENTRAL_NONSENSE")
def test_a_central_that_answers_with_the_guardians_own_session_opens_nothing(terminal: Terminal) -> None:
    """So the guardian's record can't stand under the ward's name."""
    terminal.choose()
    made: list[HolderSession] = []

    def own(data: object, certificate: object, pin: bytearray, central: Central, scope: str, _for: str) -> Any:
        made.append(Hands.sign_in(terminal.hands, data, certificate, pin, central, scope))
        return made[0]

    terminal.hands.sign_in = own  # type: ignore[method-assign, assignment]
    assert terminal.do(c.SignIn(2)) == [e.StepFailed(2, Failure.CENTRAL_NONSENSE)]
    assert made[0].holder is None


@pytest.mark.expected_log("kiosk.workers: (ACTING_OVER|SESSION_EXPIRED)")
def test_a_relation_that_is_withdrawn_ends_records_and_papers_with_its_own_sentence(
    city: City, central: Central
) -> None:
    """The child's: what one does to a relation stays."""
    terminal = Terminal(city, central)
    terminal.choose(kind="child")
    terminal.do(c.SignIn(2))
    assert end_relation(city.engine, city.keys.seed, ward(terminal, "child").number)
    assert terminal.do(c.LoadRecord(2, "contributions")) == [e.StepFailed(2, Failure.ACTING_OVER)]
    (ended,) = terminal.do(c.MakeDocument(2, "contributions", Medium.SLIP))
    kind = DocumentKind.CONTRIBUTIONS_SLIP
    assert ended == e.DocumentEnded(2, s.Printed(kind, Medium.SLIP, None, Failure.ACTING_OVER))
    terminal.session.expires_at = 0.0
    assert terminal.do(c.LoadRecord(2, "contributions")) == [e.StepFailed(2, Failure.SESSION_EXPIRED)]
    assert terminal.do(c.SignIn(2)) == [e.StepFailed(2, Failure.ACTING_OVER)]
    terminal.runtime.stop()
