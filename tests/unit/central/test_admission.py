"""Registering by command: who was revoked stays out until somebody says otherwise, and nobody changes their kind."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from backend_client.client import errors
from backend_client.client.enrolment import request_for
from backend_client.client.keys import SigningKey
from central.__main__ import main
from central.enrolment import register
from central.errors import InvalidClient
from central.storage import terminals
from tests.city import TERMINAL, City, client_of, served

Command = Callable[..., str]
SITE = "housing"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city on a port."""
    with served(tmp_path) as made:
        yield made


@pytest.fixture
def command(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `central` with the words given on the city's database: what it said, or the sentence of its refusal."""
    monkeypatch.setenv("ONECARD_CENTRAL_KEYS", str(city.keys.folder))

    def run(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["central", *words, "--database", str(city.engine.url)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return said.err if ended.value.code else said.out

    return run


def key_file(folder: Path, key: SigningKey) -> str:
    """A public key as registering takes it."""
    path = folder / "new.jwk"
    path.write_text(json.dumps(key.public_jwk()), encoding="utf-8")
    return str(path)


def registered(city: City, client_id: str) -> tuple[str, str, str]:
    """State, kind and key."""
    wanted = select(terminals).where(terminals.c.terminal_id == client_id)
    with city.engine.connect() as connection:
        row = connection.execute(wanted).one()
    return row.state, row.kind, json.loads(row.public_jwk)["x"]


def as_terminal(client_id: str, key: str) -> tuple[str, ...]:
    """The command for a terminal."""
    return "register", client_id, "--public-key", key


def as_site(client_id: str, key: str) -> tuple[str, ...]:
    """The command for a site."""
    return "register-site", client_id, "--public-key", key, "--url", "https://housing.example"


@pytest.mark.parametrize(("client_id", "words"), [(TERMINAL, as_terminal), (SITE, as_site)])
def test_who_was_revoked_is_let_in_only_when_it_is_said(
    city: City, command: Command, tmp_path: Path, client_id: str, words: Callable[[str, str], tuple[str, ...]]
) -> None:
    old, new = SigningKey.generate(), SigningKey.generate()
    assert command(*words(client_id, key_file(tmp_path, old))) == ""
    assert command("revoke-terminal", client_id) == ""
    refused = command(*words(client_id, key_file(tmp_path, new)))
    assert "was revoked" in refused and "--revive" in refused
    state, kind, key = registered(city, client_id)
    assert (state, key) == ("revoked", old.public_jwk()["x"])
    assert command(*words(client_id, key_file(tmp_path, new)), "--revive") == ""
    assert registered(city, client_id) == ("valid", kind, new.public_jwk()["x"])


def test_a_revoked_terminal_gets_no_enrolment_code_either(city: City, command: Command) -> None:
    assert register.revoke(city.engine, TERMINAL)
    assert "was revoked" in command("enrolment-code", TERMINAL)
    assert registered(city, TERMINAL)[0] == "revoked"
    code = json.loads(command("enrolment-code", TERMINAL, "--revive"))["code"]
    assert registered(city, TERMINAL)[0] == "revoked", "until it enrols"
    key = SigningKey.generate()
    register.enrol(city.engine, city.keys, TERMINAL, code, request_for(key.private, TERMINAL))
    assert registered(city, TERMINAL)[0] == "valid"


def test_an_id_does_not_change_its_kind(city: City, command: Command, tmp_path: Path) -> None:
    key = key_file(tmp_path, SigningKey.generate())
    before = registered(city, TERMINAL)
    assert "is the id of a terminal" in command(*as_site(TERMINAL, key))
    assert "is the id of a terminal" in command(*as_terminal(TERMINAL, key), "--resource", "https://records.example")
    assert command(*as_site(SITE, key)) == ""
    assert "is the id of a site" in command(*as_terminal(SITE, key))
    assert registered(city, TERMINAL) == before


def test_who_held_a_key_that_was_replaced_is_out_at_once(city: City, command: Command, tmp_path: Path) -> None:
    central = client_of(city)
    session = central.sign_in(city.card(), "social")
    assert session.contributions()
    new = SigningKey.generate()
    assert command(*as_terminal(TERMINAL, key_file(tmp_path, new))) == ""
    with pytest.raises(errors.SessionExpired):
        session.contributions()
    central.close()


def test_a_certificate_of_the_key_that_was_replaced_counts_no_more(
    city: City, command: Command, tmp_path: Path
) -> None:
    code = register.new_code(city.engine, TERMINAL)
    made = register.enrol(city.engine, city.keys, TERMINAL, code, request_for(SigningKey.generate().private, TERMINAL))
    shown = made.public_bytes(Encoding.DER)
    assert register.holder_of(city.engine, shown) == TERMINAL
    assert command(*as_terminal(TERMINAL, key_file(tmp_path, SigningKey.generate()))) == ""
    assert register.holder_of(city.engine, shown) is None


def test_a_code_from_before_enrols_nobody_afterwards(city: City, command: Command, tmp_path: Path) -> None:
    code = register.new_code(city.engine, SITE)
    assert command(*as_site(SITE, key_file(tmp_path, SigningKey.generate()))) == ""
    with pytest.raises(InvalidClient):
        register.enrol(city.engine, city.keys, SITE, code, request_for(SigningKey.generate().private, SITE))
    assert registered(city, SITE)[:2] == ("valid", "site")
