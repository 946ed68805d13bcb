"""The city's module: what it says is what the platform has, and nothing of it stands anywhere else in the terminal."""

import json
import re
from pathlib import Path

import pytest

import city
from backend_client.contract.documents import Medium
from card.pin import PIN_KINDS
from card.social_security import AID
from central import zone
from central.identity.scopes import STAFF_SCOPE, needs
from kiosk.config import ConfigurationError, load_config
from kiosk.failures import Failure, failure_text
from kiosk.texts import text
from printing.slip import render_slip
from tests.samples import CUTOFF, contributions, issued

ROOT = Path(__file__).parents[3]
TERMINAL_ROOMS = ("card", "backend_client/client", "printing", "kiosk")
ONLY_IN_THE_CITY = re.compile(
    r"(?<!\d)(12345|12333)(?!\d)|/api/v1|\"/token|\"/revoke|/card/challenge|社会保障\"\.encode|sx1\.sh|urn:onecard"
)
ALLOWED = {
    "kiosk/cli/main.py",  # examples in the help
    "backend_client/client/phone_sign_in.py",  # its docstring names a level of assurance
}


def _lines() -> list[str]:
    found = []
    for room in TERMINAL_ROOMS:
        for path in (ROOT / room).rglob("*"):
            name = str(path.relative_to(ROOT))
            if path.suffix in (".py", ".toml") and name not in ALLOWED:
                lines = path.read_text(encoding="utf-8").splitlines()
                found += [f"{name}: {line.strip()}" for line in lines if ONLY_IN_THE_CITY.search(line)]
    return found


def test_nothing_of_the_city_stands_anywhere_else_in_the_terminal() -> None:
    assert _lines() == []


def test_every_endpoint_is_one_of_the_contract() -> None:
    paths = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))["paths"]
    assert [path for path in city.Endpoint if not any(known.startswith(path) for known in paths)] == []


def test_every_scope_is_one_of_the_reference_platform() -> None:
    assert set(city.Scope) - needs().keys() == {city.Scope.TERMINAL, STAFF_SCOPE}


def test_paper_and_central_tell_the_same_time() -> None:
    """Each has its own word for it: a mistake in one is not mirrored in the other."""
    assert zone.ZONE.utcoffset(None) == city.ZONE.utcoffset(None)


def test_the_card_s_facts_are_what_the_card_room_goes_by() -> None:
    assert AID == city.CARD_APPLICATION
    assert city.CARD_PIN in PIN_KINDS


@pytest.mark.parametrize("language", ["zh", "en"])
def test_another_city_s_words_reach_screens_failures_and_slips(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    words = {"terminal_name": "Stadtkarte", "platform": "Das Rathaus", "hotline": "115"}
    for one in ("zh", "en"):
        monkeypatch.setitem(city.WORDS, one, words)
    assert text("app", language) == "Stadtkarte"
    assert text("hotline", language).endswith("115")
    assert "Das Rathaus" in failure_text(Failure.CENTRAL_SLOW, language).holder
    slip = render_slip(issued(contributions(), Medium.SLIP), "en", CUTOFF)
    assert b"115" in slip and b"12345" not in slip


def test_a_district_that_the_city_has_not_is_named(tmp_path: Path) -> None:
    path = tmp_path / "terminal.toml"
    path.write_text('[terminal]\nid = "T1"\ndata = "x"\ndistrict = "pudong"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"terminal\.district.*'pudong'; known: liwan, .*haizhu"):
        load_config(path)
