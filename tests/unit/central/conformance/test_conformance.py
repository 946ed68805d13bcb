"""The suite is green on our central, and each of its checks fails when its rule, and only its rule, is broken.

Each fault is tried on its check and its neighbours; `CONFORMANCE_WHOLE=1` tries every fault on the whole suite.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import event, update
from typer.testing import CliRunner

from backend_client.client.keys import DeviceKey
from central.__main__ import app
from central.conformance.credentials import CredentialsError, load
from central.conformance.outcome import State
from central.conformance.platform import Platform
from central.conformance.suite import checks, run_all
from central.identity.tables import sessions
from central.personalise import personalise
from central.storage import writing
from tests.city import TERMINAL, City, free_port, register, serving
from tests.unit.central.conformance.broken import Twist, header
from tests.unit.central.conformance.rules import FAULTS

WHOLE = bool(os.environ.get("CONFORMANCE_WHOLE"))
OTHER = "T44010500002"
PERSON, NEIGHBOURS = 4, 2
CREDENTIALS = f"""
terminal = "{TERMINAL}"
terminal_key = "device.pem"
other_terminal = "{OTHER}"
other_terminal_key = "other.pem"
card = "card-{{generation}}.json"
profile = "{{profile}}"
"""


class Subject:
    """A served central whose answers can be twisted, and credentials for it."""

    def __init__(self, folder: Path, profile: str = "international") -> None:
        self.profile = profile
        self.city = City(folder, f"http://127.0.0.1:{free_port()}", daily_limit=10**6, profile=profile)
        register(self.city.context, OTHER, DeviceKey.create(folder / "other.pem"))
        event.listen(self.city.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
        self.city.engine.dispose()  # what comes now needs no disk that keeps its word
        self.folder, self.twist = folder, Twist(self.city.app)
        self.city.app = self.twist  # type: ignore[assignment]  # served in its place

    def credentials(self, generation: int = 3) -> Path:
        """Written anew: one card of the two is in use at a time."""
        card = personalise(self.city.engine, self.city.keys, PERSON, generation)
        (self.folder / f"card-{generation}.json").write_text(json.dumps(card), encoding="utf-8")
        path = self.folder / "credentials.toml"
        path.write_text(CREDENTIALS.format(generation=generation, profile=self.profile), encoding="utf-8")
        return path

    @contextmanager
    def platform(self, generation: int = 3) -> Iterator[Platform]:
        """The suite's hands. Waiting takes no time: everything that happened is put into the past instead."""

        def wait(seconds: float) -> None:
            columns = (sessions.c.started, sessions.c.auth_time, sessions.c.ends)
            with writing(self.city.engine) as connection:
                connection.execute(update(sessions).values({column: column - seconds for column in columns}))
            self.city.keys.__dict__["nonce_key"] = os.urandom(32)  # no nonce lives that long

        made = Platform(self.city.url, load(self.credentials(generation)), patient=True, wait=wait)
        yield made
        made.close()


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    """One central for all."""
    made = Subject(tmp_path_factory.mktemp("conformance"))
    with serving(made.city):
        yield made
    made.city.close()


@pytest.mark.parametrize("generation", [2, 3])
def test_our_central_keeps_the_contract(tested: Subject, generation: int) -> None:
    with tested.platform(generation) as platform:
        outcomes = run_all(platform)
    assert [one.line() for one in outcomes if one.state is State.FAIL] == []
    skipped = {one.name for one in outcomes if one.state is State.SKIPPED}
    assert skipped == ({"cryptogram"} if generation == 3 else set())


def test_a_gm_platform_keeps_it_too_and_is_not_taken_for_the_other(tmp_path: Path) -> None:
    gm = Subject(tmp_path, "gm")
    with serving(gm.city):
        for generation in (2, 3):
            with gm.platform(generation) as platform:
                outcomes = run_all(platform)
            assert [one.line() for one in outcomes if one.state is State.FAIL] == []
        gm.profile = "international"
        with gm.platform() as platform:
            outcomes = run_all(platform, ("keys-usable", "signed-date", "token"))
        assert {one.name for one in outcomes if one.state is State.FAIL} == {"keys-usable", "signed-date", "token"}
    gm.city.close()


def test_a_platform_that_gives_nonces_only_when_it_demands_them_is_as_good(tested: Subject) -> None:
    sparing = header("/", "dpop-nonce", None, lambda exchange: b"use_dpop_nonce" not in exchange.answer)
    with tested.platform() as platform, sparing.applied(tested.twist):
        outcomes = run_all(platform)
    assert [one.line() for one in outcomes if one.state is State.FAIL] == []


def test_every_check_has_its_fault() -> None:
    assert [check.name for check in checks()] == list(FAULTS)
    assert len(FAULTS) >= 80


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_rule_fails_its_check_and_no_other(tested: Subject, name: str) -> None:
    place = list(FAULTS).index(name)
    tried = list(FAULTS) if WHOLE else list(FAULTS)[max(0, place - NEIGHBOURS) : place + NEIGHBOURS + 1]
    with tested.platform(2 if name == "cryptogram" else 3) as platform, FAULTS[name].applied(tested.twist):
        outcomes = run_all(platform, tried)
    assert [one.name for one in outcomes if one.state is State.FAIL] == [name], [
        one.line() for one in outcomes if one.state is not State.PASS
    ]


def test_the_command_reports_for_people_and_for_machines(tested: Subject) -> None:
    command = ["conformance", tested.city.url, "--credentials", str(tested.credentials()), "--only", "health"]
    said = CliRunner().invoke(app, [*command, "--only", "step-up"])
    assert said.exit_code == 0
    assert "pass    health: GET /healthz" in said.stdout and "skipped step-up" in said.stdout
    assert said.stdout.endswith("1 pass, 0 fail, 1 skipped\n")
    with FAULTS["health"].applied(tested.twist):
        said = CliRunner().invoke(app, [*command, "--json"])
    told = json.loads(said.stdout)
    assert said.exit_code == 1 and told["summary"] == {"pass": 0, "fail": 1, "skipped": 0}
    assert told["checks"][0]["name"] == "health" and told["checks"][0]["detail"] == "status is not ok"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "Say which platform"),
        ("platform.city.example", "Say which platform"),
        ("http://127.0.0.1:1", "Nothing was"),
    ],
)
def test_a_platform_that_cannot_be_asked_is_one_sentence_not_a_hundred_failures(
    tested: Subject, url: str, sentence: str
) -> None:
    said = CliRunner().invoke(app, ["conformance", url, "--credentials", str(tested.credentials())])
    assert said.exit_code == 1 and said.stdout == "" and sentence in str(said.exception)


def test_a_platform_behind_its_own_ca_is_asked_over_tls(tmp_path: Path) -> None:
    city = City(tmp_path, f"https://127.0.0.1:{free_port()}")
    card = personalise(city.engine, city.keys, PERSON, 3)
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    (tmp_path / "ca.pem").write_bytes(city.keys.device_ca.public_bytes(Encoding.PEM))
    text = f'terminal = "{TERMINAL}"\nterminal_key = "device.pem"\ncard = "card.json"\n'
    for name, more, state in (("with", 'ca_file = "ca.pem"\n', State.PASS), ("without", "", State.FAIL)):
        path = tmp_path / f"{name}.toml"
        path.write_text(text + more, encoding="utf-8")
        with serving(city):
            platform = Platform(city.url, load(path))
            outcomes = run_all(platform, ["health", "metadata-issuer", "fate-stranger"])
            platform.close()
        assert [one.state for one in outcomes] == [state, state, State.SKIPPED]
    city.close()


def test_a_platform_that_is_not_there_fails_and_skips_what_hangs_on_it(tested: Subject) -> None:
    platform = Platform(f"http://127.0.0.1:{free_port()}", load(tested.credentials()))
    outcomes = run_all(platform, ["health", "token", "issue"])
    platform.close()
    assert [one.state for one in outcomes] == [State.FAIL] * 3
    assert "no answer to GET /healthz: ConnectionError" in outcomes[0].detail


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("terminal = 1", "missing \\['terminal_key', 'card'\\]"),
        ('terminal = "T"\nterminal_key = "x"\ncard = "y"\nshoe = 1', "unknown \\['shoe'\\]"),
        ('terminal = "T"\nterminal_key = "none.pem"\ncard = "y"', "can't be read"),
        ("terminal = ", "is not TOML"),
        ('terminal = "T"\nterminal_key = "x"\ncard = "y"\nprofile = "sm2"', "international or gm"),
    ],
)
def test_credentials_that_cannot_be_used_say_why(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "credentials.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CredentialsError, match=complaint):
        load(path)


def test_the_documentation_has_the_table_of_checks() -> None:
    table = CliRunner().invoke(app, ["conformance", "--list"]).stdout
    page = (Path(__file__).parents[4] / "docs/conformance.md").read_text(encoding="utf-8")
    assert table in page, "write it anew: bin/central conformance --list"
