"""`kiosk journal` beside a real central: books compared, numbers taken in, a paper resolved by an attendant."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest

from backend_client.contract.documents import DocumentKind, DocumentState, IssueRequest, Medium
from kiosk.cli.errors import CommandError
from kiosk.cli.journal import adopt_numbers, daily_report, resolve_unknown
from kiosk.config import Config, load_config
from kiosk.journal.entry import Step
from kiosk.journal.journal import Journal
from tests.city import City, client_of, served
from tests.unit.kiosk.test_config import GOOD, written

SLIP = IssueRequest(kind=DocumentKind.CONTRIBUTIONS_SLIP, medium=Medium.SLIP)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city on a port."""
    with served(tmp_path / "city") as made:
        yield made


@pytest.fixture
def config(city: City, tmp_path: Path) -> Config:
    """The terminal whose key the city knows."""
    (tmp_path / "keys.json").write_text(json.dumps(city.keys.public_jwks()), encoding="utf-8")
    found = load_config(written(tmp_path, GOOD))
    place = found.central.model_copy(update={"base_url": city.url, "device_key": tmp_path / "city/device.pem"})
    return found.model_copy(update={"central": place})


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An empty one."""
    made = Journal(tmp_path / "journal.db", tmp_path / "journal.key")
    yield made
    made.close()


def issued(city: City) -> str:
    """A number that this terminal was given and its journal has lost."""
    central = client_of(city)
    with central.sign_in(city.card(), "social") as session:
        number = session.issue(SLIP, uuid4()).doc_no
    central.close()
    return number


def test_a_number_that_only_central_knows_is_named_taken_in_and_resolved(
    city: City, config: Config, journal: Journal
) -> None:
    number, day = issued(city), datetime.now().astimezone().date()
    books = daily_report(config, journal, day, with_central=True)
    assert not books.adds_up and books.only_central == (number,)
    assert daily_report(config, journal, day, with_central=False).only_central == ()
    (said,) = adopt_numbers(config, journal, day)
    assert f"({number}) is unknown" in said and "kiosk journal resolve" in said
    assert adopt_numbers(config, journal, day) == [], "once is enough"
    (entry,) = journal.entries()
    told = resolve_unknown(config, journal, entry.number, printed=True)
    assert told == f"Entry {entry.number} ({number}) is confirmed."
    assert daily_report(config, journal, day, with_central=True).problems == ()


def test_a_paper_that_never_came_is_void_at_central_too(city: City, config: Config, journal: Journal) -> None:
    number = issued(city)
    adopt_numbers(config, journal, datetime.now().astimezone().date())
    (entry,) = journal.entries()
    assert "is voided" in resolve_unknown(config, journal, entry.number, printed=False)
    central = client_of(city)
    status = central.status_of(entry.key)
    central.close()
    assert status is not None and (status.doc_no, status.state) == (number, DocumentState.VOIDED)


@pytest.mark.parametrize("what", ["report", "adopt"])
def test_without_central_nothing_is_claimed(config: Config, journal: Journal, what: str) -> None:
    away = config.model_copy(update={"central": config.central.model_copy(update={"base_url": "http://127.0.0.1:1"})})
    day = datetime.now().astimezone().date()
    with pytest.raises(CommandError, match="can't be reached"):
        if what == "report":
            daily_report(away, journal, day, with_central=True)
        else:
            adopt_numbers(away, journal, day)
    assert journal.entries() == []


def test_a_decision_that_central_did_not_hear_is_kept(city: City, config: Config, journal: Journal) -> None:
    issued(city)
    adopt_numbers(config, journal, datetime.now().astimezone().date())
    (entry,) = journal.entries()
    away = config.model_copy(update={"central": config.central.model_copy(update={"base_url": "http://127.0.0.1:1"})})
    with pytest.raises(CommandError, match=rf"Entry {entry.number} is noted as printed, central is told later"):
        resolve_unknown(away, journal, entry.number, printed=True)
    assert journal.entry(entry.number).step is Step.PRINTED


def test_a_device_key_that_cannot_be_used_is_one_sentence(config: Config, journal: Journal, tmp_path: Path) -> None:
    lost = config.central.model_copy(update={"device_key": tmp_path / "none.pem"})
    with pytest.raises(CommandError, match=r"none\.pem"):
        adopt_numbers(config.model_copy(update={"central": lost}), journal, datetime.now().astimezone().date())
