"""Whole visits in the gm profile: SM2 card, SM2 codes on both papers, checked offline; the other profile stays out."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.contract import seal
from backend_client.crypto.sealed import is_sm2
from central.evidence import code_in
from demo.driver import Driver
from demo.parts.process import ROOT
from demo.street import Street
from demo.visits import whole
from kiosk.failures import Failure
from kiosk.session import state as s
from tests.parts import calm, visitor

pytestmark = [pytest.mark.reader, pytest.mark.timeout(180), pytest.mark.expected_log("kiosk.(runtime|workers): ")]


@pytest.fixture(scope="module")
def gm_street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A street whose city and terminal have the gm profile."""
    with Street(tmp_path_factory.mktemp("gm-street"), patience=3, profile="gm") as made:
        yield made


def hands(street: Street, config: Path) -> Iterator[Driver]:
    """A terminal with this configuration."""
    calm(street)
    street.pcscd.start()
    driver = Driver(config)
    yield driver
    calm(street)
    driver.stop()


@pytest.fixture
def gm_driver(gm_street: Street, qapp: object) -> Iterator[Driver]:
    """The street's terminal."""
    yield from hands(gm_street, gm_street.config_path)


@pytest.fixture
def foreign_driver(gm_street: Street, qapp: object) -> Iterator[Driver]:
    """A terminal on the same street that was set up for the other profile."""
    yield from hands(gm_street, other_profile(gm_street))


def other_profile(street: Street) -> Path:
    """The street's configuration with the other word in it."""
    text = street.config_path.read_text(encoding="utf-8")
    assert 'profile = "gm"' in text
    path = street.folder / "other.toml"
    path.write_text(text.replace('profile = "gm"', 'profile = "international"'), encoding="utf-8")
    return path


def offline(folder: Path, given: Path | str) -> dict[str, object]:
    """`bin/central verify` where there is no database, with what was published."""
    options = ("--keys", "keys.json", "--status-list", "void.jwt")
    done = subprocess.run(
        [ROOT / "bin/central", "verify", str(given), *options], cwd=folder, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    said: dict[str, object] = json.loads(done.stdout)
    assert (done.returncode == 0) is (said["state"] == "valid")
    return said


def test_an_sm2_card_takes_home_papers_that_anyone_can_check(
    gm_driver: Driver, gm_street: Street, tmp_path: Path
) -> None:
    visit = visitor(gm_driver, gm_street, 4, 3)
    assert json.loads(visit.card.read_text(encoding="utf-8"))["sm2_certificate"]
    whole(visit)
    (tmp_path / "keys.json").write_text(gm_street.central.seal_keys(), encoding="utf-8")
    (tmp_path / "void.jwt").write_text(gm_street.central.run("status-list"), encoding="ascii")
    papers = Path(str(gm_street.a4.pages[-1]["pdf"])), Path(str(gm_street.thermal.slips[-1]["png"]))
    for paper in papers:
        said = offline(tmp_path, paper)
        assert (said["state"], said["checked_void"]) == ("valid", True)
        assert gm_street.central.verify(str(paper))["state"] == "valid"
    code = code_in(papers[0].read_bytes())
    assert code is not None
    raw = seal.decode(code)
    assert is_sm2(raw)
    assert offline(tmp_path, seal.encode(raw[:-1] + bytes([raw[-1] ^ 1])))["state"] == "altered"


def test_a_symmetric_card_signs_in_with_sm4(gm_driver: Driver, gm_street: Street) -> None:
    visit = visitor(gm_driver, gm_street, 5, 2)
    assert json.loads(visit.card.read_text(encoding="utf-8"))["cryptogram_cipher"] == "SM4"
    visit.sign_in()
    visit.leave()


def test_a_card_without_sm2_is_refused_before_the_pin(gm_driver: Driver, gm_street: Street, tmp_path: Path) -> None:
    visit = visitor(gm_driver, gm_street, 4, 3)
    card = json.loads(visit.card.read_text(encoding="utf-8"))
    del card["sm2_private_key"], card["sm2_certificate"]
    path = tmp_path / "es256-only.json"
    path.write_text(json.dumps(card), encoding="utf-8")
    gm_driver.until(s.Welcome, 15)
    gm_street.card.insert(path)
    visit.fails_with(Failure.CARD_UNSUPPORTED)
    visit.pull()


def test_a_terminal_of_the_other_profile_signs_nobody_in(foreign_driver: Driver, gm_street: Street) -> None:
    """The same card: its ES256 pair, certified by a CA of this very city, is worth nothing here."""
    visit = visitor(foreign_driver, gm_street, 4, 3)
    visit.begin()
    foreign_driver.enter_pin(visit.pin)
    visit.fails_with(Failure.SIGN_IN_REFUSED)
    visit.pull()


def test_doctor_says_which_profile_it_is(gm_street: Street) -> None:
    for config, ok, words in ((gm_street.config_path, True, "SM2SM3"), (other_profile(gm_street), False, "pinned")):
        command = [str(ROOT / "bin/kiosk"), "doctor", "--config", str(config), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        profile = next(one for one in json.loads(done.stdout) if one["part"] == "profile")
        assert profile["ok"] is ok and words in profile["sentence"]
