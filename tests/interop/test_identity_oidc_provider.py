"""The same client on our central and on oidc-provider; and the attacks of tests/security on oidc-provider."""

from collections.abc import Iterator

import pytest

from backend_client.client import errors
from backend_client.client.central import Central
from backend_client.client.keys import SigningKey
from backend_client.client.settings import CentralSettings
from backend_client.contract.identity import CLIENT_ASSERTION_TYPE
from tests.attack_table import ATTACKS, CALLS
from tests.attacks import Attempt, Call, client_jwt
from tests.bench import CityBench
from tests.city import SoftCard, SoftOldCard, free_port, serving
from tests.interop.oidc_bench import OidcBench

# What oidc-provider takes and we refuse. Each is lawful there: the RFCs leave it open, and we need none of it.
LAXER = {
    "unknown header names are ignored (RFC 7515 section 4)": (
        "zip: card", "zip: client", "zip: proof", "jku: card", "jku: client", "jku: proof", "b64 false: client",
        "client: x5c in the header", "card: jwk in the header", "card: x5c and kid", "wrong typ: client",
    ),
    "the last of two equal names is taken (RFC 7519 section 4 allows it)": (
        "alg twice: card", "alg twice: client", "alg twice: proof", "jti twice: card", "jti twice: client",
        "jti twice: proof",
    ),
    "base64url with loose bits is decoded": (
        "signature with loose bits: card", "signature with loose bits: client", "signature with loose bits: proof",
    ),
    "certificates behind the leaf are not looked at": ("card: x5c of four", "card: x5c of forty"),
    "a proof with the server's nonce may carry any iat (RFC 9449 section 11.1)": (
        "an hour old: proof", "200 s old: proof", "an hour from the future: proof",
        "two minutes from the future: proof", "proof an hour old", "proof from the future",
    ),
    "a client assertion's iat and lifetime are not looked at": (
        "an hour from the future: client", "two minutes from the future: client", "client: lives for a day",
    ),
    "a number of 400 digits is infinite in JavaScript, and an infinite past is a past": (
        "iat of 400 digits: client", "iat of 400 digits: proof", "card: nbf of 400 digits", "client: nbf of 400 digits",
    ),
    "the bench's card grant has no sessions that go on, so no auth_time": ("card: auth_time of 400 digits",),
    "the resource parameter belongs to another feature there": ("unknown resource",),
}  # fmt: skip
TAKEN = {name for names in LAXER.values() for name in names}


@pytest.fixture(scope="module")
def oidc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcBench]:
    """oidc-provider with an attacker's belongings."""
    made = OidcBench(tmp_path_factory.mktemp("oidc"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CityBench]:
    """Our central on a port."""
    made = CityBench(tmp_path_factory.mktemp("ours"), f"http://127.0.0.1:{free_port()}")
    with serving(made.city):
        yield made
    made.close()


@pytest.fixture(params=["oidc", "ours"])
def bench(request: pytest.FixtureRequest) -> CityBench:
    """Each of the two servers."""
    made: CityBench = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def central(bench: CityBench) -> Iterator[Central]:
    """The terminal's client at this server."""
    made = Central(CentralSettings(bench.url, bench.terminal), bench.city.device)
    yield made
    made.close()


def active(bench: CityBench, token: str) -> bool:
    """What introspection says."""
    assertion = client_jwt(bench, bench.terminal, bench.device).compact()
    form = {"client_assertion_type": CLIENT_ASSERTION_TYPE, "client_assertion": assertion, "token": token}
    return bool(bench.post("/introspect", form, {}).json()["active"])


def test_a_card_signs_in_reads_and_is_revoked(bench: CityBench, central: Central) -> None:
    session = central.sign_in(bench.card, "social")
    token = str(session._token)
    assert session.call("GET", bench.resource).status == 200
    assert session.call("GET", bench.resource).status == 200
    assert active(bench, token)
    session.revoke()
    assert not active(bench, token)
    assert Call(bench, token, bench.card_key).send().status_code == 401


def test_a_card_that_is_not_what_it_says_is_refused(bench: CityBench, central: Central) -> None:
    liar = SoftCard.__new__(SoftCard)
    liar.card_id, liar.certificate_chain, liar.key = bench.card_id, bench.card.certificate_chain, bench.other_card_key
    with pytest.raises(errors.SignInRefused):
        central.sign_in(liar, "social")


def test_an_unknown_scope_and_an_unknown_terminal_are_refused(bench: CityBench, central: Central) -> None:
    with pytest.raises(errors.Refused, match="invalid_scope"):
        central.sign_in(bench.card, "everything")
    stranger = Central(CentralSettings(bench.url, "T99999999999"), bench.city.device)
    with pytest.raises(errors.Refused, match="invalid_client"):
        stranger.sign_in(bench.card, "social")
    stranger.close()


def test_two_sessions_have_two_keys_and_one_ends_alone(bench: CityBench, central: Central) -> None:
    first, second = central.sign_in(bench.card, "social"), central.sign_in(bench.card, "family social")
    first_key, second_key = first._key, second._key
    assert isinstance(first_key, SigningKey) and isinstance(second_key, SigningKey)
    assert first_key.thumbprint != second_key.thumbprint and first.sid != second.sid
    first.revoke()
    assert second.call("GET", bench.resource).status == 200
    second.revoke()


def test_an_old_card_needs_our_second_step(ours: CityBench) -> None:
    client = Central(CentralSettings(ours.url, ours.terminal), ours.city.device)
    card: SoftOldCard = ours.city.old_card()
    with client.sign_in(card, "social") as session:
        assert session.call("GET", ours.resource).status == 200
    client.close()


def test_the_attempt_that_is_changed_is_good(oidc: OidcBench) -> None:
    attempt = Attempt(oidc)
    answer = attempt.send()
    assert answer.status_code == 200, answer.text
    assert Call(oidc, answer.json()["access_token"], attempt.key).send().status_code == 200


@pytest.mark.parametrize("name", ATTACKS)
def test_a_forged_sign_in_is_refused(oidc: OidcBench, name: str) -> None:
    attempt = Attempt(oidc)
    ATTACKS[name](attempt)
    answer = attempt.send()
    assert (answer.status_code == 200) == (name in TAKEN), answer.text


@pytest.mark.parametrize("name", CALLS)
def test_a_stolen_token_is_refused(oidc: OidcBench, name: str) -> None:
    attempt = Attempt(oidc)
    call = Call(oidc, attempt.send().json()["access_token"], attempt.key)
    CALLS[name](call)
    assert (call.send().status_code == 200) == (name in TAKEN)
