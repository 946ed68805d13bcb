"""What ends a session ends all of it: not by half when central dies in between, not too early for what comes beside."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from backend_client.client.keys import SigningKey
from central.api.office import Context
from central.card_keys import SoftwareCardKeys
from central.enrolment import register
from central.identity import accounts
from central.identity.card_state import freeze
from central.storage import cards, terminals
from tests.city import TERMINAL, City, refused

DIES = "CREATE TRIGGER dies BEFORE UPDATE ON sessions BEGIN SELECT RAISE(ABORT, 'the power is cut'); END"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city."""
    made = City(tmp_path)
    yield made
    made.close()


def states(city: City) -> tuple[str, str]:
    """Of the card and of the terminal."""
    with city.engine.connect() as connection:
        card = connection.execute(select(cards.c.state)).scalar_one()
        return str(card), str(connection.execute(select(terminals.c.state)).scalar_one())


@pytest.mark.parametrize(
    "ending", [lambda c: freeze(c.engine, 4), lambda c: register.revoke(c.engine, TERMINAL)], ids=["freeze", "revoke"]
)
def test_a_power_cut_leaves_no_frozen_card_or_stolen_terminal_with_live_sessions(
    city: City, ending: Callable[[Context], object]
) -> None:
    key = SigningKey.generate()
    token = city.token(city.card(4), key).json()["access_token"]
    with city.engine.begin() as connection:
        connection.execute(text(DIES))
    with pytest.raises(IntegrityError, match="power"):
        ending(city.context)
    assert states(city) == ("valid", "valid"), "to be done again, as a whole"
    with city.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER dies"))
    ending(city.context)
    assert "valid" in states(city) and states(city) != ("valid", "valid")
    assert refused(city.call("GET", "/api/v1/contributions", key, token), "invalid_token")


def test_closing_is_whole_too(city: City) -> None:
    key = SigningKey.generate()
    token = city.token(city.card(4), key, "acct.open account").json()["access_token"]
    shown = city.client.get("/api/v1/account/notice").json()
    consent = {"notice_version": shown["version"], "notice_digest": shown["digest"], "consent": True}
    assert city.call("POST", "/api/v1/account", key, token, json=consent).status_code == 201
    with city.engine.begin() as connection:
        connection.execute(text(DIES))
    with pytest.raises(IntegrityError, match="power"):
        accounts.close(city.engine, 4)
    assert accounts.account_of(city.engine, 4).state == "open"


class Slow(SoftwareCardKeys):
    """An HSM that takes its time: something happens meanwhile."""

    happens: Callable[[], object] = staticmethod(lambda: None)

    def matches(self, card_id: str, data: bytes, cryptogram: bytes) -> bool:
        """As ever, but later."""
        self.happens()
        return super().matches(card_id, data, cryptogram)


def test_a_terminal_that_is_revoked_in_the_midst_of_a_sign_in_gets_no_session(tmp_path: Path) -> None:
    hsm = Slow(bytes(16))
    city = City(tmp_path, card_keys=hsm)
    hsm._master_key = city.keys.card_master_key
    hsm.happens = lambda: register.revoke(city.engine, TERMINAL)
    answer = city.token(city.old_card(), SigningKey.generate())
    city.close()
    assert refused(answer, "invalid_client")
