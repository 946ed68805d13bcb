"""Polling for the phone's answer: a lost answer ends nothing, it only slows the polls down (RFC 8628 section 3.5)."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from backend_client.client.errors import (
    Busy,
    CentralError,
    Nonsense,
    Refused,
    SessionExpired,
    SignInRefused,
    TooSlow,
    Unreachable,
    refusal,
)
from backend_client.client.phone_sign_in import LONGEST, PhoneSignIn
from backend_client.contract.identity import DeviceAuthorization

SESSION = object()
PENDING, SLOWER = refusal("authorization_pending"), refusal("slow_down")
Attempt = Callable[..., PhoneSignIn]


@pytest.fixture
def attempt() -> Attempt:
    """An attempt at a central that answers as told, in order."""

    def make(*answers: object, lives: int = 300) -> PhoneSignIn:
        left = list(answers)
        begun = DeviceAuthorization(
            device_code="d" * 43, user_code="BCDF-GHJK", verification_uri="http://c/device",
            verification_uri_complete="http://c/device?user_code=BCDF-GHJK", expires_in=lives, interval=5,
        )  # fmt: skip

        def device_token(_code: str, _key: object) -> object:
            answer = left.pop(0)
            if isinstance(answer, CentralError):
                raise answer
            return answer

        central: Any = SimpleNamespace(device_authorization=lambda _scope: begun, device_token=device_token)
        return PhoneSignIn(central, "account")

    return make


@pytest.mark.parametrize("lost", [Unreachable(), TooSlow(), Busy(1.0)])
def test_a_lost_answer_doubles_the_interval_and_the_next_answer_gives_it_back(attempt: Attempt, lost: object) -> None:
    one = attempt(lost, lost, lost, PENDING, SESSION)
    waits = []
    for _ in range(4):
        waits.append(one.interval)
        assert one.poll() is None
    assert waits == [5, 10, 20, 40] and one.interval == 5
    assert one.poll() is SESSION


def test_polls_are_never_more_than_a_minute_apart_unless_central_asks(attempt: Attempt) -> None:
    one = attempt(*[Unreachable()] * 40, *[SLOWER] * 20)
    for _ in range(40):
        one.poll()
    assert one.interval == LONGEST
    for _ in range(20):
        one.poll()
    assert one.interval == 5 + 20 * 5


def test_a_lost_answer_after_the_codes_time_ends_it(attempt: Attempt) -> None:
    one = attempt(Unreachable(), lives=1)
    one.over_at -= 1
    with pytest.raises(SessionExpired):
        one.poll()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal("access_denied"), SignInRefused), (refusal("expired_token"), SessionExpired),
        (refusal("invalid_grant"), SignInRefused), (refusal("invalid_client"), Refused), (Nonsense("x"), Nonsense),
    ],
)  # fmt: skip
def test_a_refusal_ends_it(attempt: Attempt, answer: object, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        attempt(answer).poll()
    assert type(raised.value) is error


def test_a_yes_that_was_lost_on_its_way_is_no_refusal(attempt: Attempt) -> None:
    """Central gives one token for a code; when its answer is lost, the next poll hears that the code was used."""
    one = attempt(TooSlow(), refusal("invalid_grant"))
    assert one.poll() is None
    with pytest.raises(SessionExpired):
        one.poll()
