"""Pytest fixtures of the real parts. Given to pytest once, by tests/conftest.py: there are two card slots only."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from smartcard import scard

from central.commands.application import opened
from central.personalise import personalise
from central.synthetic.contributions import contributions
from central.synthetic.family_planning import family_planning
from demo.driver import Driver
from demo.parts.card_file import write_card
from demo.parts.devices import A4, Thermal, VirtualCard
from demo.parts.reader import Daemon, SlotLease, card_slot, pcscd
from demo.street import Street
from demo.visits import Visit


@pytest.fixture(scope="session")
def daemon() -> Iterator[Daemon]:
    """A running pcscd."""
    with pcscd() as running:
        yield running


RECORDS = {"contributions": contributions, "family-planning": family_planning}


def wait_until_empty(reader: str) -> None:
    """Until pcscd has seen that the card of an earlier test is gone (it polls this driver every 400 ms)."""
    wait_until(reader, scard.SCARD_STATE_EMPTY)


def wait_until(reader: str, flag: int) -> None:
    """Until pcscd says this of a reader: a state of SCardGetStatusChange."""
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    _, readers = scard.SCardListReaders(context, [])
    state = [(next(name for name in readers if reader in name), scard.SCARD_STATE_UNAWARE)]
    for _ in range(20):
        _, state = scard.SCardGetStatusChange(context, 2000, state)
        if state[0][1] & flag:
            break
        state = [state[0][:2]]
    scard.SCardReleaseContext(context)


@pytest.fixture
def slot(daemon: Daemon) -> Iterator[SlotLease]:
    """A virtual slot for this test, empty."""
    daemon.start()
    with card_slot() as lease:
        wait_until_empty(lease.reader)
        yield lease


@pytest.fixture
def card(slot: SlotLease, tmp_path: Path) -> Iterator[VirtualCard]:
    """A valid generation-3 card outside the reader."""
    with VirtualCard(write_card(tmp_path / "card.json"), slot) as virtual:
        yield virtual


@pytest.fixture(scope="session")
def thermal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Thermal]:
    """A slip printer."""
    with Thermal(tmp_path_factory.mktemp("slips")) as printer:
        yield printer


@pytest.fixture(scope="session")
def a4(tmp_path_factory: pytest.TempPathFactory) -> Iterator[A4]:
    """An IPP printer."""
    with A4(tmp_path_factory.mktemp("pages")) as printer:
        yield printer


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A whole street."""
    with Street(tmp_path_factory.mktemp("street"), patience=3) as whole:
        yield whole


def calm(street: Street) -> None:
    """The street as it should be: card out, paper in, central reachable."""
    street.card.ask("fault none")
    street.card.remove()
    street.proxy.ask("ok")
    for command in ("paper ok", "cover closed", "cutter ok", "silent off", "online"):
        street.thermal.ask(command)
    for command in ("online", "paper ok", "cover closed", "clear"):
        street.a4.ask(command)


@pytest.fixture
def driver(street: Street, qapp: object) -> Iterator[Driver]:
    """A fresh terminal on the street, under our hands."""
    del qapp
    calm(street)
    street.pcscd.start()
    wait_until_empty(street.slot.reader)
    hands = Driver(street.config_path)
    yield hands
    calm(street)
    hands.stop()


def visitor(
    driver: Driver, street: Street, person: int = 4, generation: int | None = None, kind: str = "contributions"
) -> Visit:
    """Someone with a card. Made as `central personalise` and `central record` do it, but here: each is a process."""
    import json

    engine, keys = opened(street.central.database)
    card = personalise(engine, keys, person, generation)
    engine.dispose()
    path = street.folder / f"visitor-{person}-{generation}.json"
    path.write_text(json.dumps(card, ensure_ascii=False), encoding="utf-8")
    found = RECORDS[kind](keys.seed, person)
    record = json.loads(found.model_dump_json()) if found else None
    return Visit(driver, street, person, path, str(card["pin"]), kind, record)


def with_card(visit: Visit, path: Path, **changes: str | None) -> Visit:
    """The same visitor with some records of the card changed (hex by tag, None takes the record away)."""
    import json
    from dataclasses import replace

    card = json.loads(visit.card.read_text(encoding="utf-8"))
    for tag, value in changes.items():
        file = "ef05" if tag <= "07" else "ef06"
        if value is None:
            del card[file][tag]
        else:
            card[file][tag] = value
    path.write_text(json.dumps(card), encoding="utf-8")
    return replace(visit, card=path)
