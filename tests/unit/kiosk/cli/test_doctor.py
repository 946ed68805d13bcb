"""`kiosk doctor`: each part that is missing is one finding with the next step; what is there is said to be there."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from backend_client.client.keys import DeviceKey
from card.errors import PcscError
from card.failures import CardFailure
from kiosk.cli import doctor
from kiosk.cli.doctor import Finding, examine
from kiosk.config import Config, load_config
from kiosk.journal.opening import open_journal
from printing.outcome import PrinterFault, PrinterStatus, Supply
from tests.city import City, served
from tests.unit.kiosk.test_config import GOOD, written

READER = "Virtual PCD 00 00"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city on a port."""
    with served(tmp_path / "city") as made:
        yield made


@pytest.fixture
def folder(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A terminal's folder that lacks nothing but printers; its reader is there."""
    DeviceKey.create(tmp_path / "device.pem")
    (tmp_path / "keys.json").write_text(json.dumps(city.keys.public_jwks()), encoding="utf-8")
    text = GOOD.replace("https://central.example.invalid", city.url).replace("localhost", "127.0.0.1:1")
    written(tmp_path, text.replace('host = "127.0.0.1"', 'host = "127.0.0.1"\nport = 1'))
    monkeypatch.setattr("kiosk.cli.card.reader_named", lambda part: READER if part in READER else pytest.fail(part))
    return tmp_path


def config(folder: Path, **central: object) -> Config:
    """Its configuration, `[central]` changed."""
    found = load_config(folder / "terminal.toml")
    return found.model_copy(update={"central": found.central.model_copy(update=central)})


def test_a_whole_terminal_lacks_its_printers_only(folder: Path) -> None:
    findings = examine(folder / "terminal.toml", fix=True)
    assert [one.part for one in findings if not one.ok] == ["slip printer", "A4 printer"]
    assert [one.part for one in findings] == [
        "fonts", "reader", "configuration", "keys", "profile", "certificate", "central", "slip printer", "A4 printer",
        "spooler", "sites", "journal",
    ]  # fmt: skip
    assert next(one.sentence for one in findings if one.part == "reader") == f"{READER} is there."
    assert (folder / "data").stat().st_mode & 0o777 == 0o700, "--fix made it"


def test_without_a_configuration_the_rest_is_left_out(folder: Path) -> None:
    (folder / "terminal.toml").write_text("[terminal", encoding="utf-8")
    findings = examine(folder / "terminal.toml", fix=True)
    assert [(one.part, one.ok) for one in findings] == [("fonts", True), ("reader", True), ("configuration", False)]
    assert not (folder / "data").exists()


def test_a_reader_that_is_not_there_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(part: str) -> str:
        raise PcscError(CardFailure.READER_ABSENT, 0x8010002E, f"looking for {part!r}")

    monkeypatch.setattr("kiosk.cli.card.reader_named", absent)
    reader = examine(folder / "terminal.toml", fix=True)[1]
    assert not reader.ok and "'Virtual'" in reader.sentence


@pytest.mark.parametrize("wrong_by", [4000.0, -4000.0])
def test_a_wrong_clock_is_told_as_the_attendant_sees_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, wrong_by: float
) -> None:
    monkeypatch.setattr(doctor, "time", SimpleNamespace(time=lambda: time.time() + wrong_by))
    found = doctor._central(config(folder))
    assert not found.ok
    assert (
        f"clock is {wrong_by:+.0f} s off" in found.sentence or f"clock is {wrong_by + 1:+.0f} s off" in found.sentence
    )


def test_central_is_there_or_not(folder: Path, city: City) -> None:
    assert doctor._central(config(folder)) == Finding("central", True, f"{city.url} answers 200.")
    assert not doctor._central(config(folder, base_url="http://127.0.0.1:1")).ok


Change = Callable[[Path], dict[str, object]]
KEYS: dict[str, tuple[Change, str]] = {
    "no device key": (lambda folder: {"device_key": folder / "none.pem"}, "none.pem"),
    "no seal keys": (lambda folder: {"seal_keys": folder / "none.json"}, "none.json is not a JWKS file"),
}


@pytest.mark.parametrize("name", KEYS)
def test_a_key_that_is_missing_is_named(folder: Path, name: str) -> None:
    change, sentence = KEYS[name]
    found = doctor._keys(config(folder, **change(folder)))
    assert not found.ok and sentence in found.sentence


def test_a_software_key_is_told_even_when_it_is_allowed(folder: Path) -> None:
    allowed, plain = (doctor._keys(config(folder, software_key=one)).sentence for one in (True, False))
    assert allowed.endswith("(software_key = true); 1 seal key(s) are pinned.")
    assert "unprotected" in plain and "(software_key" not in plain


def test_a_profile_without_a_pinned_key_says_what_to_fetch(folder: Path) -> None:
    found = config(folder)
    other = found.model_copy(update={"terminal": found.terminal.model_copy(update={"profile": "gm"})})
    assert doctor._profile(found).ok
    said = doctor._profile(other)
    assert not said.ok and "no seal key of it is pinned" in said.sentence


def test_a_certificate_that_cannot_be_used_says_how_to_get_one(folder: Path) -> None:
    (folder / "terminal.pem").write_text("nothing", encoding="ascii")
    found = doctor._certificate(config(folder, certificate=folder / "terminal.pem"))
    assert not found.ok and "kiosk enrol CODE" in found.sentence


def test_a_printer_is_told_with_what_it_has_left() -> None:
    supplies = (Supply("black", 12, low=True), Supply("drum", None, low=False))
    ready = PrinterStatus(None, sheets=40, paper_low=True, supplies=supplies)
    said = doctor._condition("A4 printer", "ipp://x", ready)
    assert said == Finding("A4 printer", True, "ipp://x is ready: 40 sheets, paper is low, black 12 %.")
    out = doctor._condition("A4 printer", "ipp://x", PrinterStatus(PrinterFault.PAPER_OUT))
    assert not out.ok and out.sentence.endswith("look at the printer.")


def test_a_damaged_journal_is_to_be_kept(folder: Path) -> None:
    found = config(folder)
    found.terminal.data.mkdir(mode=0o700)
    assert doctor._journal(found) == Finding("journal", True, "The journal is whole, 0 document(s) are open.")
    open_journal(found).close()
    found.journal_path.write_bytes(b"no database" * 1000)
    said = doctor._journal(found)
    assert not said.ok and "keep the file" in said.sentence


def test_the_citys_other_systems_are_offered_where_their_view_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(**terminal: object) -> str:
        made = config(folder)
        return doctor._sites(made.model_copy(update={"terminal": made.terminal.model_copy(update=terminal)})).sentence

    assert said() == "The city's other systems are offered, where central lists any."
    assert "sites = false" in said(sites=False)
    monkeypatch.setattr("kiosk.site_work.installed", lambda: False)
    assert "PyQt6-WebEngine, is not installed" in said()
