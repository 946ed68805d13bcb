"""A frozen card is given back at a counter, by somebody with a work card, and its holder reads who it was."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend_client.client import errors
from backend_client.client.central import Central
from backend_client.contract.access_log import Words
from central.__main__ import main
from central.access_log.places import set_place
from central.identity.card_state import frozen
from central.personalise import personalise_staff
from kiosk.services.access_log import SERVICE
from tests.city import City, SoftCard, SoftOldCard, client_of, served

COUNTER, STAFF = "haizhu-counter-3", "0042"
Command = Callable[..., str]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city on a port, with one member of staff at one counter."""
    with served(tmp_path) as made:
        personalise_staff(made.engine, made.keys, STAFF)
        set_place(made.engine, COUNTER, Words(zh="海珠社保卡窗口", en="Haizhu card counter"))
        yield made


@pytest.fixture
def central(city: City) -> Iterator[Central]:
    """A terminal's connection."""
    made = client_of(city)
    yield made
    made.close()


@pytest.fixture
def command(city: City, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `central` on the city's database: the sentence of its refusal, or nothing."""
    monkeypatch.setenv("ONECARD_CENTRAL_KEYS", str(city.keys.folder))

    def run(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["central", *words, "--database", str(city.engine.url)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr().err
        assert bool(ended.value.code) == bool(said)
        return said

    return run


def unfreeze(person: int = 4, staff: str = STAFF) -> tuple[str, ...]:
    """The command's words."""
    return "unfreeze", "--person", str(person), "--staff", staff, "--counter", COUNTER


def test_a_card_that_was_found_signs_in_again_and_its_old_session_stays_over(
    city: City, central: Central, command: Command
) -> None:
    card = city.card()
    before = central.sign_in(card, "social account")
    assert command("lost", "--person", "4") == ""
    with pytest.raises(errors.SignInRefused):
        central.sign_in(card, "social")
    assert command(*unfreeze()) == ""
    with central.sign_in(card, "social account") as session:
        assert session.contributions()
        log = session.access_log()
    with pytest.raises(errors.SessionExpired):
        before.contributions()
    (line,) = [one for one in log.lines if one.purpose == "unfreeze"]
    assert (line.dept, line.operator, line.channel, line.theme_code) == (COUNTER, STAFF, "office", "0003")
    shown = {
        language: json.dumps(str(SERVICE.present(log, None, language)), ensure_ascii=False) for language in ("zh", "en")
    }
    assert "海珠社保卡窗口（工号 0042）解除了您的卡的挂失" in shown["zh"]
    assert "Haizhu card counter (staff 0042) ended the freeze of your card" in shown["en"]


def test_who_has_no_work_card_gives_nothing_back(city: City, central: Central, command: Command) -> None:
    card = city.card()
    command("lost", "--person", "4")
    assert "has no work card" in command(*unfreeze(staff="0043"))
    assert frozen(city.engine, 4)
    with pytest.raises(errors.SignInRefused):
        central.sign_in(card, "social")


def test_a_card_that_is_not_frozen_leaves_no_line(city: City, central: Central, command: Command) -> None:
    card = city.card()
    assert "No card of resident 4 is frozen" in command(*unfreeze())
    with central.sign_in(card, "account") as session:
        assert "unfreeze" not in {line.purpose for line in session.access_log().lines}


@pytest.mark.parametrize("generation", [2, 3])
def test_a_lost_card_is_not_let_in_with_its_replacement(
    city: City, central: Central, command: Command, generation: int
) -> None:
    make: Callable[[int], SoftCard | SoftOldCard] = city.card if generation == 3 else city.old_card
    stolen = make(4)
    command("lost", "--person", "4")
    other = make(4)
    with pytest.raises(errors.SignInRefused):
        central.sign_in(stolen, "social")
    assert "No card of resident 4 is frozen" in command(*unfreeze())
    with central.sign_in(other, "social") as session:
        assert session.contributions()
    command("lost", "--person", "4")
    command(*unfreeze())
    central.sign_in(other, "social").revoke()
    command("lost", "--person", "4")
    third = make(4)
    assert len({stolen.card_id, other.card_id, third.card_id}) == 3
    for lost in (stolen, other):
        with pytest.raises(errors.SignInRefused):
            central.sign_in(lost, "social")


def test_an_expired_card_is_no_valid_one_because_it_was_found(city: City, central: Central, command: Command) -> None:
    from central.personalise import personalise

    card = SoftCard(personalise(city.engine, city.keys, 4, 3, expired=True))
    command("lost", "--person", "4")
    assert command(*unfreeze()) == ""
    with pytest.raises(errors.SignInRefused):
        central.sign_in(card, "social")
