"""The real client against central on a port: renewal, step-up, a wrong clock, revocation that is owed."""

import time
import uuid
from itertools import count
from pathlib import Path

import pytest

from backend_client.client import errors
from backend_client.client.central import Central
from backend_client.client.clock import Clock
from backend_client.client.revocations import Revocations
from backend_client.contract import seal
from backend_client.contract.documents import DocumentKind, IssueRequest, Medium
from backend_client.crypto.sealed import is_sm2
from central.identity.scopes import needs
from central.identity.tokens import look_up
from tests.city import City, client_of, served


def test_renewal_keeps_the_session_and_changes_the_token(city: City, central: Central) -> None:
    card = city.card()
    session = central.sign_in(card, "social")
    sid, first, entered = session.sid, session._token, session._entered
    session.renew(card)
    assert (session.sid, session._entered) == (sid, entered) and session._token != first
    session.renew(card, pin_entered=True)
    assert session._entered >= entered
    assert session.contributions().person.name
    session.revoke()
    with pytest.raises(errors.SessionExpired):
        session.renew(card)


def test_a_slow_challenge_does_not_end_the_session_early(
    city: City, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second or more passes between each two looks at the clock: central counts the PIN from the assertion on."""
    looks, started = count(), time.time()
    monkeypatch.setattr(central.connection.clock, "now", lambda: started + next(looks))
    card = city.card()
    session = central.sign_in(card, "social")
    session.renew(card)
    session.renew(card, pin_entered=True)
    session.renew(card)
    assert session.contributions().person.name
    session.revoke()


def test_both_profiles_sign_in(city: City, central: Central) -> None:
    for card in (city.card(), city.old_card()):
        with central.sign_in(card, "social") as session:
            assert session.contributions()


def test_step_up_is_a_typed_error(city: City, central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(needs(), "social", needs()["social"].__class__("", "", needs()["social"].acr, max_age=0))
    with central.sign_in(city.card(), "social") as session, pytest.raises(errors.StepUpNeeded) as raised:
        session.contributions()
    assert raised.value.max_age == 0 and len(raised.value.acr_values) == 2
    assert "PIN" in str(raised.value)


@pytest.mark.expected_log("this machine's clock is")
@pytest.mark.parametrize("wrong_by", [-4000.0, -40.0, 0.0, 40.0, 4000.0])
def test_a_wrong_clock_is_told_and_corrected_by_the_signed_date(
    city: City,
    central: Central,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    wrong_by: float,
) -> None:
    real = time.time

    class Machine:
        """time, as the terminal sees it."""

        time, monotonic = staticmethod(lambda: real() + wrong_by), staticmethod(time.monotonic)

    for module in ("clock", "connection"):
        monkeypatch.setattr(f"backend_client.client.{module}.time", Machine)
    with central.sign_in(city.card(), "social") as session:
        assert session.contributions()
    assert central.connection.clock.difference == pytest.approx(-wrong_by, abs=3)
    assert ("this machine's clock is" in caplog.text) == bool(wrong_by), "the attendant finds it in the log"


def test_without_a_pinned_key_a_wrong_clock_stops_the_sign_in(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    central = client_of(city, seal_keys={})
    real = time.time
    monkeypatch.setattr(central.connection.clock, "now", lambda: real() - 100)
    with pytest.raises(errors.ClockDiffers):
        central.sign_in(city.card(), "social")
    central.close()


@pytest.mark.expected_log("this machine's clock is")
def test_a_jump_of_the_machines_clock_changes_nothing_once_corrected(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    clock.correct(time.time() + 500)
    before = clock.now()
    monkeypatch.setattr("backend_client.client.clock.time.time", lambda: 0.0)
    assert clock.now() == pytest.approx(before, abs=2)


@pytest.mark.expected_log("this machine's clock is")
def test_a_clock_that_is_set_right_is_no_longer_told(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    right = time.time() + 500
    clock.correct(right)
    assert clock.difference == pytest.approx(500, abs=2)
    monkeypatch.setattr("backend_client.client.clock.time.time", lambda: right)
    assert clock.difference == 0


@pytest.mark.expected_log("token not revoked")
def test_a_revocation_that_failed_is_owed_and_paid(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    central = client_of(city)
    session = central.sign_in(city.card(), "social")
    token = str(session._token)
    real, tries = central.connection.revoke, [0]

    def down_twice(value: str) -> None:
        tries[0] += 1
        if tries[0] < 3:
            raise errors.Unreachable
        real(value)

    central.connection.revocations = Revocations(down_twice, pause=0.02)
    session.revoke()
    assert central.connection.revocations.owed == 1 and look_up(city.engine, token) is not None
    worker = central.connection.revocations._worker
    assert worker is not None
    worker.join(5)
    assert central.connection.revocations.owed == 0 and look_up(city.engine, token) is None
    central.close()


@pytest.mark.expected_log("token not revoked")
def test_what_is_owed_ends_with_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_token: str) -> None:
        raise errors.Unreachable

    owed = Revocations(down, pause=0.01)
    assert not owed.end("t", 0.05)
    worker = owed._worker
    assert worker is not None
    worker.join(5)
    assert owed.owed == 0 and not worker.is_alive()
    owed.close()


def test_an_sm2_card_signs_in_goes_on_and_gets_a_document(tmp_path: Path) -> None:
    with served(tmp_path, profile="gm") as made:
        central = client_of(made)
        for card in (made.sm2_card(), made.old_card()):
            session = central.sign_in(card, "social")
            first = session._token
            session.renew(card)
            assert session._token != first
            issued = session.issue(IssueRequest(kind=DocumentKind.CONTRIBUTIONS_SLIP, medium=Medium.SLIP), uuid.uuid4())
            assert is_sm2(seal.decode(issued.signed_code))
            session.revoke()
        with pytest.raises(errors.SignInRefused):
            central.sign_in(made.card(), "social")
        central.close()
