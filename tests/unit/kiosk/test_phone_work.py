"""The terminal's part of a phone sign-in against central itself: what is asked, kept, revoked and told."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from backend_client.client import phone_sign_in
from backend_client.client.central import Central, HolderSession
from backend_client.client.errors import Busy, CentralError, StepUpNeeded, TooSlow, Unreachable
from backend_client.client.keys import SigningKey
from central.identity import device_flow
from central.identity.scopes import ACR_PHONE
from central.identity.tables import device_codes
from central.storage import writing
from kiosk.failures import Failure
from kiosk.phone_work import demand_scope, follow
from kiosk.session import events as e
from kiosk.visit import Visit
from kiosk.workers import Worker, Workers
from tests.city import City, client_of, served

PERSON = 4


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """Central, served."""
    with served(tmp_path) as made:
        yield made


@pytest.fixture
def central(city: City, monkeypatch: pytest.MonkeyPatch) -> Iterator[Central]:
    """The terminal's client; polls follow each other at once."""
    monkeypatch.setattr(phone_sign_in.PhoneSignIn, "interval", 0.01)
    made = client_of(city)
    yield made
    made.close()


class Told:
    """What was posted; each event may be answered as a phone would."""

    def __init__(self, city: City, answer: str = "") -> None:
        self.city, self.answer, self.events = city, answer, list[e.Event]()
        self.asked = threading.Event()

    def __call__(self, event: e.Event) -> None:
        self.events.append(event)
        if isinstance(event, e.PhoneAsked):
            if self.answer == "never":
                with writing(self.city.engine) as connection:
                    connection.execute(update(device_codes).values(expires=0.0))
            elif self.answer:
                person = PERSON if self.answer == "approve" else None
                assert device_flow.decide(self.city.engine, event.codes.user_code, person)
            self.asked.set()


def test_an_approval_is_kept_for_the_visit_and_told_masked(city: City, central: Central) -> None:
    visit, told = Visit(7), Told(city, "approve")
    follow(central, "account", visit, told)
    session = visit.session
    assert session is not None and session.holder is not None and session.acr == ACR_PHONE
    assert visit.card is None
    asked, signed_in = told.events
    assert isinstance(asked, e.PhoneAsked) and asked.codes.qr.startswith(f"{asked.codes.address}?user_code=")
    assert isinstance(signed_in, e.PhoneSignedIn)
    assert signed_in.holder.masked_id_no.count("*") == 11
    assert 290 < signed_in.seconds <= session.seconds_left + 1
    assert session.holder.id_no not in repr(told.events)
    assert session.access_log().lines
    with pytest.raises(StepUpNeeded):
        demand_scope(session, "social")
    ended = visit.close()
    assert ended is session
    ended.revoke()


def test_a_refusal_is_told_as_such(city: City, central: Central) -> None:
    told = Told(city, "refuse")
    follow(central, "account", Visit(7), told)
    assert told.events[1:] == [e.StepFailed(7, Failure.PHONE_REFUSED)]


def test_a_code_whose_time_is_over_is_told_as_such(city: City, central: Central) -> None:
    told = Told(city, "never")
    follow(central, "account", Visit(7), told)
    assert told.events[1:] == [e.StepFailed(7, Failure.PHONE_OVER)]


@pytest.mark.parametrize("lost", [Unreachable(), TooSlow(), Busy(1.0)])
def test_a_poll_that_gets_no_answer_ends_nothing(
    city: City, central: Central, monkeypatch: pytest.MonkeyPatch, lost: CentralError
) -> None:
    told, ask, polls = Told(city, "approve"), central.device_token, []

    def at_the_third(code: str, key: SigningKey) -> HolderSession:
        polls.append(code)
        if len(polls) < 3:
            raise lost
        return ask(code, key)

    monkeypatch.setattr(central, "device_token", at_the_third)
    visit = Visit(7)
    follow(central, "account", visit, told)
    assert [type(event) for event in told.events] == [e.PhoneAsked, e.PhoneSignedIn]
    session = visit.close()
    assert session is not None
    session.revoke()


def test_the_end_of_the_visit_stops_the_polling_and_leaves_no_thread(
    city: City, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interval of an hour: only the visit's end can wake the thread."""
    monkeypatch.setattr(phone_sign_in.PhoneSignIn, "interval", 3600)
    visit, told = Visit(7), Told(city)
    workers = Workers(told, 60)
    workers.give(Worker.PHONE, 7, lambda: follow(central, "account", visit, told))
    assert told.asked.wait(30)
    asked = told.events[0]
    assert isinstance(asked, e.PhoneAsked)
    assert visit.close() is None
    assert device_flow.decide(city.engine, asked.codes.user_code, PERSON)
    workers.settle()
    workers.stop()
    assert told.events == [asked]
    assert visit.session is None
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("phone")]


def test_a_yes_that_comes_while_the_visit_ends_is_revoked(
    city: City, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, told, given = Visit(7), Told(city, "approve"), []
    poll = phone_sign_in.PhoneSignIn.poll

    def slow(attempt: phone_sign_in.PhoneSignIn) -> object:
        session = poll(attempt)
        given.append(session)
        visit.close()
        return session

    monkeypatch.setattr(phone_sign_in.PhoneSignIn, "poll", slow)
    follow(central, "account", visit, told)
    assert visit.session is None and len(told.events) == 1
    assert given[0] is not None and given[0].holder is None
