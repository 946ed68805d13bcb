"""Forged sign-ins and stolen tokens on our central: all refused, none by a crash, none with a hint."""

from collections.abc import Iterator

import pytest

from tests.attack_table import ATTACKS, CALLS
from tests.attacks import Attempt, Call
from tests.bench import CityBench
from tests.city import refused

CODES = {
    "invalid_grant", "invalid_client", "invalid_dpop_proof", "use_dpop_nonce", "invalid_request", "invalid_scope",
    "invalid_target", "unsupported_grant_type", "invalid_token", "too_large",
}  # fmt: skip
HINTS = ("nonce is", "signature", "lost", "cryptogram", "jti", "expired card", "Traceback", "sqlite")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CityBench]:
    """Central with an attacker's belongings."""
    made = CityBench(tmp_path_factory.mktemp("bench"))
    yield made
    made.close()


def test_there_are_at_least_60() -> None:
    assert len(ATTACKS) + len(CALLS) >= 60


def test_the_attempt_that_is_changed_is_good(bench: CityBench) -> None:
    attempt = Attempt(bench)
    answer = attempt.send()
    assert answer.status_code == 200
    assert Call(bench, answer.json()["access_token"], attempt.key).send().status_code == 200


@pytest.mark.parametrize("name", ATTACKS)
def test_a_forged_sign_in_is_refused(bench: CityBench, name: str) -> None:
    attempt = Attempt(bench)
    ATTACKS[name](attempt)
    answer = attempt.send()
    assert "access_token" not in answer.text
    assert any(refused(answer, code) for code in CODES), answer.text
    assert not [hint for hint in HINTS if hint in answer.text.replace("use_dpop_nonce", "")]


@pytest.mark.parametrize("name", CALLS)
def test_a_stolen_token_is_refused(bench: CityBench, name: str) -> None:
    attempt = Attempt(bench)
    call = Call(bench, attempt.send().json()["access_token"], attempt.key)
    CALLS[name](call)
    answer = call.send()
    assert answer.status_code == 401 and "record_id" not in answer.text
    assert any(refused(answer, code) for code in CODES), answer.text
    assert answer.headers["WWW-Authenticate"].startswith("DPoP ")
