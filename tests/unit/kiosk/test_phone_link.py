"""Linking a phone at a real central: what is sent, kept, told, and that neither number nor code is ever logged."""

from collections.abc import Iterator
from itertools import count

import pytest
from sqlalchemy import update

from backend_client.client import errors
from backend_client.client.account import AccountDesk
from backend_client.client.central import Central, HolderSession
from central.identity import phones
from central.identity.tables import phone_checks
from central.storage import writing
from kiosk.phone_link import confirm_code, send_code
from kiosk.services.account import SERVICE
from kiosk.session import events as e
from kiosk.session.commands import ConfirmCode, SendCode
from kiosk.session.number import Digits, LinkTrouble
from kiosk.visit import GUESSES, Visit
from kiosk.workers import Worker, Workers
from tests.city import City

PERSONS = count(3_000)
"""Somebody else for every test, with a number of their own: what one does at central stays."""


@pytest.fixture
def person() -> int:
    """Who comes."""
    return next(PERSONS)


@pytest.fixture
def number(person: int) -> Digits:
    """Their phone's."""
    return Digits(f"990{person:08}")


@pytest.fixture
def session(city: City, central: Central, person: int) -> Iterator[HolderSession]:
    """They are signed in and have an account."""
    made = central.sign_in(city.card(person), " ".join((SERVICE.scope, *SERVICE.more_scopes)))
    desk = AccountDesk(made)
    desk.open(desk.notice())
    yield made
    made.revoke()


@pytest.fixture
def visit(session: HolderSession) -> Visit:
    """Their visit."""
    made = Visit(7)
    assert made.keep(session)
    return made


def told(work: object, visit: Visit, command: object) -> e.Event:
    """Carry it out; the one event that comes of it."""
    events: list[e.Event] = []
    work(visit, command, events.append)  # type: ignore[operator]
    (event,) = events
    return event


def wrong(code: str) -> Digits:
    """Another code."""
    return Digits(f"{(int(code) + 1) % 10**6:06}")


def a_minute_later(city: City, number: Digits) -> None:
    """Central's pause is over."""
    with writing(city.engine) as connection:
        earlier = {"sent": phone_checks.c.sent - phones.PAUSE_SECONDS}
        connection.execute(update(phone_checks).where(phone_checks.c.phone == number.value).values(earlier))


def test_a_number_is_linked_by_the_code_that_came(city: City, visit: Visit, number: Digits) -> None:
    assert told(send_code, visit, SendCode(7, number)) == e.CodeSent(7)
    assert city.sms.sent[-1][0] == number.value and visit.sent is not None and visit.sent.left == GUESSES
    event = told(confirm_code, visit, ConfirmCode(7, Digits(city.sms.code())))
    assert isinstance(event, e.RecordLoaded) and event.service == "account"
    account = event.record.account  # type: ignore[attr-defined]
    assert account.phone == f"990****{number.value[-4:]}"


def test_wrong_codes_are_counted_as_central_counts_them(city: City, visit: Visit, number: Digits) -> None:
    told(send_code, visit, SendCode(7, number))
    code = city.sms.code()
    for left in range(GUESSES - 1, -1, -1):
        assert told(confirm_code, visit, ConfirmCode(7, wrong(code))) == e.CodeRefused(7, left)
    assert told(confirm_code, visit, ConfirmCode(7, Digits(code))) == e.CodeRefused(7, 0)
    a_minute_later(city, number)
    assert told(send_code, visit, SendCode(7, number)) == e.CodeSent(7)
    event = told(confirm_code, visit, ConfirmCode(7, Digits(city.sms.code())))
    assert isinstance(event, e.RecordLoaded)


def test_the_terminal_counts_no_more_guesses_than_central_allows() -> None:
    assert GUESSES == phones.TRIES


def test_a_code_whose_time_is_over_is_not_even_tried(
    city: City, visit: Visit, number: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(send_code, visit, SendCode(7, number))
    assert visit.sent is not None
    visit.sent.over_at -= phones.CODE_SECONDS
    monkeypatch.setattr(AccountDesk, "confirm_phone", None)
    assert told(confirm_code, visit, ConfirmCode(7, Digits(city.sms.code()))) == e.CodeRefused(7, 0)


def test_a_second_code_within_a_minute_is_too_soon_and_the_first_still_counts(
    city: City, visit: Visit, number: Digits
) -> None:
    told(send_code, visit, SendCode(7, number))
    code = city.sms.code()
    assert told(send_code, visit, SendCode(7, number)) == e.NumberRefused(7, LinkTrouble.TOO_SOON)
    assert isinstance(told(confirm_code, visit, ConfirmCode(7, Digits(code))), e.RecordLoaded)


def test_the_codes_of_the_day_are_used_up(city: City, visit: Visit, number: Digits) -> None:
    for _ in range(phones.CODES_PER_DAY):
        assert told(send_code, visit, SendCode(7, number)) == e.CodeSent(7)
        a_minute_later(city, number)
    assert told(send_code, visit, SendCode(7, number)) == e.NumberRefused(7, LinkTrouble.TOO_MANY)


@pytest.mark.expected_log("SMS gateway")
def test_no_gateway_links_nothing_and_is_not_called_too_soon(
    city: City, visit: Visit, number: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_phone: str, _text: str) -> None:
        raise OSError("down")

    with monkeypatch.context() as patched:
        patched.setattr(city.sms, "send", down)
        for _ in range(2):
            assert told(send_code, visit, SendCode(7, number)) == e.NumberRefused(7, LinkTrouble.NO_SMS)
    assert visit.sent is None
    assert told(send_code, visit, SendCode(7, number)) == e.CodeSent(7), "it is back"


def test_a_right_code_whose_answer_was_lost_is_no_wrong_code(
    city: City, visit: Visit, number: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client repeats the call, and central takes a code once."""
    told(send_code, visit, SendCode(7, number))
    confirm = AccountDesk.confirm_phone

    def twice(desk: AccountDesk, *given: object) -> object:
        confirm(desk, *given)  # type: ignore[arg-type]
        return confirm(desk, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(AccountDesk, "confirm_phone", twice)
    event = told(confirm_code, visit, ConfirmCode(7, Digits(city.sms.code())))
    assert isinstance(event, e.RecordLoaded)


@pytest.mark.parametrize("work", [send_code, confirm_code])
def test_a_pin_that_is_not_fresh_is_asked_for_again(
    visit: Visit, number: Digits, work: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stale(*_: object) -> None:
        raise errors.StepUpNeeded("insufficient_user_authentication", max_age=300)

    told(send_code, visit, SendCode(7, number))
    assert visit.session is not None
    monkeypatch.setattr(visit.session, "call", stale)
    command = SendCode(7, number) if work is send_code else ConfirmCode(7, Digits("000000"))
    with pytest.raises(errors.SessionExpired):
        told(work, visit, command)


@pytest.mark.parametrize("work", [send_code, confirm_code])
def test_after_the_visit_nothing_is_asked_and_nothing_is_kept(
    city: City, visit: Visit, number: Digits, work: object
) -> None:
    told(send_code, visit, SendCode(7, number))
    before, sent = len(city.sms.sent), visit.sent
    session = visit.close()
    assert session is not None and visit.sent is None
    visit.expect(sent)
    assert visit.sent is None
    command = SendCode(7, number) if work is send_code else ConfirmCode(7, Digits(city.sms.code()))
    events: list[e.Event] = []
    work(visit, command, events.append)  # type: ignore[operator]
    assert events == [] and len(city.sms.sent) == before
    session.revoke()


@pytest.mark.expected_log("a worker failed|CENTRAL|SMS gateway")
def test_neither_number_nor_code_is_in_any_log_line(
    city: City, visit: Visit, number: Digits, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where the contract itself refuses what the terminal sends: pydantic likes to quote it."""
    events: list[e.Event] = []
    workers = Workers(events.append, 60)
    told(send_code, visit, SendCode(7, number))
    nearly, code = Digits(f"{number.value}9"), Digits(f"{city.sms.code()}7")
    for work, command in ((send_code, SendCode(7, nearly)), (confirm_code, ConfirmCode(7, code))):
        workers.give(Worker.RECORDS, 7, lambda work=work, command=command: work(visit, command, events.append))  # type: ignore[misc]
    workers.settle()
    workers.stop()
    assert len(events) == 2 and all(isinstance(event, e.StepFailed) and event.fatal for event in events)
    assert "ValidationError" in caplog.text
    assert number.value not in caplog.text and code.value not in caplog.text and city.sms.code() not in caplog.text
