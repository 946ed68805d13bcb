"""The terminal's certificate is renewed before its end, and the running client goes on with the new one."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest

from backend_client.client.central import Central
from backend_client.client.keys import KeyFileError
from central.enrolment import authority, register
from kiosk.app import Terminal
from kiosk.central_access import device_key, renewed, settings_of, tls_context
from kiosk.cli.enrol import enrol
from kiosk.config import Config, load_config
from tests.city import City, served
from tests.unit.kiosk.test_config import GOOD, written

NEW = "T44010500077"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city behind TLS."""
    with served(tmp_path / "city", "https") as made:
        yield made


def enrolled(city: City, folder: Path, monkeypatch: pytest.MonkeyPatch, days: int) -> Config:
    """A terminal whose first certificate lives this long."""
    with monkeypatch.context() as patch:
        patch.setattr(authority, "TERMINAL_DAYS", days)
        config = configuration(city, folder)
        enrol(config, register.new_code(city.engine, NEW))
    return config


def configuration(city: City, folder: Path) -> Config:
    """Of a terminal that will be enrolled."""
    central = f'certificate = "terminal.pem"\nca_file = "{city.keys.folder / "device-ca.pem"}"'
    text = GOOD.replace("[central]", f"[central]\n{central}")
    config = load_config(written(folder, text))
    terminal = config.terminal.model_copy(update={"id": NEW})
    place = config.central.model_copy(update={"base_url": city.url})
    return config.model_copy(update={"terminal": terminal, "central": place})


def test_a_certificate_near_its_end_is_renewed_and_used(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = enrolled(city, tmp_path, monkeypatch, 20)
    central = Central(settings_of(config), device_key(config))
    assert central.status_of(uuid4()) is None, "it works with the first one"
    before = (config.central.certificate or Path()).read_bytes()
    terminal = SimpleNamespace(config=config, central=central)
    Terminal._renew(terminal)  # type: ignore[arg-type]
    assert (config.central.certificate or Path()).read_bytes() != before
    assert central.status_of(uuid4()) is None, "and with the next one, on the same client"
    assert renewed(config) is None, "once is enough"
    assert central.status_of(uuid4()) is None
    central.close()


@pytest.mark.expected_log("certificate is not renewed")
def test_a_renewal_that_fails_leaves_the_certificate_that_is_there(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = enrolled(city, tmp_path, monkeypatch, 20)
    central = Central(settings_of(config), device_key(config))
    before = (config.central.certificate or Path()).read_bytes()
    register.revoke(city.engine, NEW)
    Terminal._renew(SimpleNamespace(config=config, central=central))  # type: ignore[arg-type]
    assert (config.central.certificate or Path()).read_bytes() == before
    central.close()


def test_a_certificate_with_time_left_is_kept(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert renewed(enrolled(city, tmp_path, monkeypatch, 90)) is None


def test_a_terminal_that_is_not_enrolled_renews_nothing(city: City, tmp_path: Path) -> None:
    config = configuration(city, tmp_path)
    assert renewed(config) is None and tls_context(config) is None


def test_a_certificate_of_another_key_is_refused(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = enrolled(city, tmp_path, monkeypatch, 90)
    assert config.central.certificate is not None
    config.central.certificate.write_bytes((city.keys.folder / "tls.pem").read_bytes())
    with pytest.raises(KeyFileError, match="enrol"):
        tls_context(config)
