"""A malformed configuration is refused with file, key and what is allowed."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.contract.masking import masked_id, masked_name
from kiosk.config import ConfigurationError, load_config, load_seal_keys
from kiosk.document_work import Setting
from kiosk.masking import masked_text
from kiosk.pin_buffer import PinBuffer
from kiosk.printers import OURS, printers, setting, spooler
from kiosk.services.catalogue import all_services, chosen
from kiosk.session.clock import LIMITS, Kind
from kiosk.session.timing import BOUNDS, STANDARD, Timing
from printing.cups import CupsPrinter
from printing.ipp import IppPrinter
from printing.profiles import DEFAULT, profiles
from printing.spooler import Spooler

GOOD = """
[terminal]
id = "T44010500001"
data = "data"
[card]
reader = "Virtual"
[central]
base_url = "https://central.example.invalid"
seal_keys = "keys.json"
device_key = "device.pem"
[thermal]
host = "127.0.0.1"
[a4]
uri = "ipp://localhost/ipp/print"
"""


def written(folder: Path, text: str) -> Path:
    """A configuration file."""
    path = folder / "terminal.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_one_is_read_and_anchored(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, GOOD))
    assert config.thermal.port == 9100
    assert config.journal_path == tmp_path / "data/journal.db"
    assert setting(config) == Setting("", DEFAULT)
    assert config.central.device_key == tmp_path / "device.pem"


def test_an_a4_printer_is_reached_directly_or_through_cups(tmp_path: Path) -> None:
    direct = load_config(written(tmp_path, GOOD))
    assert (type(printers(direct).a4), spooler(direct)) == (IppPrinter, None)
    text = GOOD + '[a4.cups]\nspool = "/run/onecard"\ndriver = "drv:///sample.drv/generic.ppd"\n'
    through = load_config(written(tmp_path, text))
    uri = "ipp://localhost/ipp/print"
    between = Spooler(Path("/run/onecard") / OURS, uri, "drv:///sample.drv/generic.ppd")
    assert printers(through).a4 == CupsPrinter(between, IppPrinter(uri))
    usb = load_config(written(tmp_path, text + 'device = "usb://Maker/Model"\n'))
    assert spooler(usb) == replace(between, device="usb://Maker/Model")


def test_the_paper_knows_the_place_and_the_slip_printer(tmp_path: Path) -> None:
    text = GOOD.replace('data = "data"', 'data = "data"\nplace = "海珠区测试路1号"')
    config = load_config(written(tmp_path, text.replace('host = "127.0.0.1"', 'host = "x"\nprofile = "clone-58"')))
    assert setting(config) == Setting("海珠区测试路1号", profiles()["clone-58"])


BAD = {
    "not TOML": ("[terminal", "is not TOML"),
    "mode": (GOOD.replace('data = "data"', 'data = "data"\nmode = "demo"'), "terminal.mode.*'test' or 'production'"),
    "profile": (GOOD.replace('data = "data"', 'data = "data"\nprofile = "sm2"'), "terminal.profile.*'gm'"),
    "port": (GOOD.replace('host = "127.0.0.1"', 'host = "x"\nport = 70000'), "thermal.port"),
    "unknown key": (GOOD.replace('reader = "Virtual"', 'reader = "V"\nspeed = 3'), "card.speed"),
    "missing": (GOOD.replace('id = "T44010500001"', ""), "terminal.id"),
    "id": (GOOD.replace("T44010500001", "lower case"), "terminal.id"),
    "url": (GOOD.replace("https://central.example.invalid", "ftp://x"), "central.base_url"),
    "too hasty": (GOOD + "[timing]\npin_entry = 5\n", "timing.pin_entry.*greater than or equal to 40"),
    "no such time": (GOOD + "[timing]\nlunch = 60\n", "timing.lunch"),
    "a longer session": (GOOD + "[timing]\nsession = 3600\n", "timing.session.*less than or equal to 900"),
    "too loud": (GOOD + "[sound]\nvolume = 150\n", "sound.volume"),
    "no visits": (GOOD + "[visits]\nkeep = 0\n", "visits.keep"),
    "no spool": (GOOD + '[a4.cups]\ndriver = "everywhere"\n', "a4.cups.spool"),
    "no device": (GOOD + '[a4.cups]\nspool = "/run"\ndevice = "a printer"\n', "a4.cups.device"),
    "a place of two lines": (
        GOOD.replace('data = "data"', 'data = "data"\nplace = "a\\nb"'),
        "terminal.place.*letters",
    ),
    "private use": (GOOD.replace('data = "data"', 'data = "data"\nplace = "\ue5e5"'), "terminal.place.*letters"),
    "no such slip printer": (
        GOOD.replace('host = "127.0.0.1"', 'host = "x"\nprofile = "mine"'),
        "thermal.profile.*one of generic-80, generic-58",
    ),
    "no services": (GOOD.replace('data = "data"', 'data = "data"\nservices = []'), "terminal.services"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_one_names_file_and_key(tmp_path: Path, name: str) -> None:
    text, sentence = BAD[name]
    path = written(tmp_path, text)
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        load_config(path)
    assert str(path) in str(refused.value)


def test_durations_are_those_of_the_table_unless_the_terminal_says_otherwise(tmp_path: Path) -> None:
    assert Timing(**load_config(written(tmp_path, GOOD)).timing.model_dump()) == STANDARD
    slow = load_config(written(tmp_path, GOOD + "[timing]\nmenu = 240\nwarning = 30\n"))
    assert Timing(**slow.timing.model_dump()) == replace(STANDARD, menu=240.0, warning=30.0)


@pytest.mark.parametrize("name", BOUNDS)
def test_every_default_is_within_its_bounds_and_leaves_time_to_answer(name: str) -> None:
    bounds = BOUNDS[name]
    assert bounds.least <= bounds.default <= bounds.most
    holders = {limit.duration for limit in LIMITS.values() if limit.kind is Kind.HOLDER}
    assert name not in holders or bounds.least >= 2 * STANDARD.warning
    assert name != "warning" or bounds.least >= 20


def test_a_missing_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--config"):
        load_config(tmp_path / "nowhere.toml")


def test_services_that_do_not_exist_are_named() -> None:
    assert [service.id for service in chosen(["family-planning"])] == ["family-planning"]
    with pytest.raises(
        ConfigurationError, match="Allowed: access-log, account, contributions, family-planning, guardian"
    ):
        chosen(["horoscope"])
    assert len(all_services()) == 5


def test_seal_keys_that_are_no_jwks_are_named(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text('{"keys": [{"kid": "a", "kty": "EC"}]}')
    assert load_seal_keys(path) == {"a": {"kid": "a", "kty": "EC"}}
    path.write_text("[]")
    with pytest.raises(ConfigurationError, match="JWKS"):
        load_seal_keys(path)


def test_names_and_numbers_are_masked() -> None:
    assert masked_name("测甲") == "测*"
    assert masked_name("阿依古丽·买买提") == "阿**"
    assert masked_id("990106198504120014") == "990***********0014"
    assert masked_text("id 990106198504120014!") == "id 990***********0014!"


@given(st.text())
def test_no_number_survives_masking(around: str) -> None:
    assert "990106198504120014" not in masked_text(f"{around} 990106198504120014 {around}")


@given(st.lists(st.sampled_from(["append", "delete", "clear", "take"]), max_size=30))
def test_the_pin_buffer_wipes_what_it_gives_away(actions: list[str]) -> None:
    pin, model = PinBuffer(), ""
    for index, action in enumerate(actions):
        if action == "append":
            pin.append(index % 10)
            model = (model + str(index % 10))[:6]
        elif action == "delete":
            pin.delete()
            model = model[:-1]
        else:
            taken = pin.take() if action == "take" else _cleared(pin)
            assert action == "clear" or taken == model.encode()
            model = ""
            assert bytes(pin._digits) == bytes(6)
        assert len(pin) == len(model)


def _cleared(pin: PinBuffer) -> bytearray:
    pin.clear()
    return bytearray()


@pytest.mark.parametrize(
    ("journal", "complaint"),
    [
        ('[journal]\nkey = "pkcs11"', "module, token and pin_file"),
        ('[journal]\nkey = "tpm"', "journal.key"),
    ],
)
def test_a_journal_key_that_is_half_configured_is_refused(tmp_path: Path, journal: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        load_config(written(tmp_path, f"{GOOD}\n{journal}\n"))


def test_production_chooses_where_the_journals_key_is(tmp_path: Path) -> None:
    production = GOOD.replace("[card]", 'mode = "production"\n[card]')
    production = production.replace("[central]", "[central]\nsoftware_key = true")
    with pytest.raises(ConfigurationError, match="in production"):
        load_config(written(tmp_path, production))
    assert load_config(written(tmp_path, f'{production}\n[journal]\nkey = "file"\n')).journal.key == "file"


@pytest.mark.parametrize(
    ("central", "taken"),
    [
        ("", False),
        ("software_key = false", False),
        ("software_key = true", True),
    ],
)
def test_production_takes_a_device_key_in_a_file_only_knowingly(tmp_path: Path, central: str, taken: bool) -> None:
    production = GOOD.replace("[card]", 'mode = "production"\n[card]').replace("[central]", f"[central]\n{central}")
    path = written(tmp_path, f'{production}\n[journal]\nkey = "file"\n')
    if taken:
        assert load_config(path).central.software_key
    else:
        with pytest.raises(ConfigurationError, match="software_key = true"):
            load_config(path)
