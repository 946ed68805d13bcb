"""What a terminal of each crypto profile demands of a card, on the simulated chip without a reader."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from backend_client.client.proofs import SigningCard
from backend_client.crypto import gm
from backend_client.crypto.sm2_certificate import read_certificate
from card.apdu import Channel
from card.errors import PcscError, UnsupportedCard
from card.failures import CardFailure
from card.records import CardData
from demo.parts.card_file import write_card
from kiosk import card_work
from kiosk.card_work import CardDesk
from simulators.card_file import load_card
from simulators.card_os import Chip
from tests.unit.card.ports import ChipPort, layered

INTERNATIONAL, GM = (CardDesk(lambda: "reader", "test", algorithm=algorithm) for algorithm in ("ES256", "SM2"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the card in the reader is described."""
    return tmp_path / "card.json"


@pytest.fixture(autouse=True)
def reader(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every channel ends at the chip of the card file."""

    @contextmanager
    def opened(_name: str) -> Iterator[Channel]:
        yield layered(ChipPort(Chip(load_card(path))))

    monkeypatch.setattr(card_work, "open_channel", opened)


def read(desk: CardDesk) -> tuple[bytes | None, CardData]:
    """The certificate that was read ahead, and what was seen."""
    seen: list[CardData] = []
    certificate = desk.read(seen.append)
    return certificate, seen[0]


def refused(desk: CardDesk) -> None:
    """Nobody is asked for a PIN."""
    seen: list[CardData] = []
    with pytest.raises(UnsupportedCard):
        desk.read(seen.append)
    assert seen == []


def test_each_profile_reads_its_own_certificate(path: Path) -> None:
    card = json.loads(write_card(path, sm2=True).read_text(encoding="utf-8"))
    assert read(GM)[0] == base64.b64decode(card["sm2_certificate"])
    assert read(INTERNATIONAL)[0] == base64.b64decode(card["certificate"])


def test_a_card_that_signs_but_not_with_sm2_is_refused_by_gm_alone(path: Path) -> None:
    write_card(path)
    refused(GM)
    assert read(INTERNATIONAL)[0] is not None


@pytest.mark.parametrize("broken", ["certificate", "cut", "nonsense", "bit"])
def test_a_certificate_that_is_none_is_refused_before_the_pin(path: Path, broken: str) -> None:
    card = json.loads(write_card(path, sm2=True).read_text(encoding="utf-8"))
    good = base64.b64decode(card["sm2_certificate"])
    wrong = {
        "certificate": base64.b64decode(card["certificate"]), "cut": good[:-1], "nonsense": b"\x30\x03abc",
        "bit": good[:4] + bytes([good[4] ^ 1]) + good[5:],
    }  # fmt: skip
    path.write_text(json.dumps({**card, "sm2_certificate": base64.b64encode(wrong[broken]).decode()}), encoding="utf-8")
    refused(GM)


def test_a_symmetric_card_needs_no_certificate(path: Path) -> None:
    write_card(path, generation=2)
    assert [read(desk)[0] for desk in (GM, INTERNATIONAL)] == [None, None]


class Listener:
    """Takes the card that comes to sign in."""

    def sign_in(self, card: Any, scope: str, acting_for: str = "") -> Any:
        """Keep it, and let it sign while its channel is open."""
        self.card, self.signature = card, card.sign(bytes(range(32)))
        return scope


@pytest.mark.parametrize(("desk", "algorithm"), [(GM, "SM2"), (INTERNATIONAL, "ES256")])
def test_the_card_is_asked_for_the_profiles_algorithm(path: Path, desk: CardDesk, algorithm: str) -> None:
    write_card(path, sm2=True)
    certificate, data = read(desk)
    central, pin = Listener(), bytearray(b"246810")
    assert desk.sign_in(data, certificate, pin, central, "social") == "social"  # type: ignore[arg-type, comparison-overlap]
    assert pin == bytes(6)
    assert isinstance(central.card, SigningCard) and central.card.algorithm == algorithm
    assert central.card.certificate_chain == (certificate,)


def test_what_it_signs_with_sm2_holds(path: Path) -> None:
    write_card(path, sm2=True)
    certificate, data = read(GM)
    public = read_certificate(certificate or b"").public

    class OneMessage(Listener):
        def sign_in(self, card: Any, scope: str, acting_for: str = "") -> Any:
            self.signature = card.sign(gm.sm2_digest(public, b"message"))

    central = OneMessage()
    GM.sign_in(data, certificate, bytearray(b"246810"), central, "social")  # type: ignore[arg-type]
    assert gm.sm2_verify(public, b"message", central.signature)
    assert not gm.sm2_verify(public, b"messages", central.signature)


def test_a_card_that_is_out_before_it_is_opened_was_taken_out(path: Path) -> None:
    """Not a reader that is absent: the supervisor saw the card go while the visit's work was still waiting its turn."""
    write_card(path)
    data = read(INTERNATIONAL)[1]
    desk = CardDesk(lambda: "", "test")
    with pytest.raises(PcscError) as while_reading:
        desk.read(lambda _data: None)
    with pytest.raises(PcscError) as while_resuming:
        desk.check_same(data)
    assert while_reading.value.failure is while_resuming.value.failure is CardFailure.CARD_REMOVED
