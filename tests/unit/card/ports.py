"""Ports for unit tests: a script of answers, and the simulated chip without any reader."""

from collections.abc import Collection
from pathlib import Path

from card.apdu import Answer, Channel, split_response
from card.layers import CommandChaining, ResponseChaining
from card.social_security import Application, open_application
from simulators.card_file import CardFile
from simulators.card_os import Chip
from simulators.witness import Witness
from tests.unit.card.records_of import GOOD

CORPUS = Path(__file__).resolve().parents[2] / "corpus" / "cards"


class Script:
    """A port that answers from a list and keeps what was sent."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.sent = [bytes.fromhex(answer) for answer in answers], list[str]()

    def send(self, apdu: bytes | bytearray) -> Answer:
        """The next answer."""
        self.sent.append(bytes(apdu).hex().upper())
        return split_response(self.answers.pop(0))


class ChipPort:
    """The simulated chip; keeps what was sent, and lets a witness see it first."""

    def __init__(self, chip: Chip, witness: Witness | None = None) -> None:
        self.chip, self.witness, self.sent = chip, witness, list[str]()

    def send(self, apdu: bytes | bytearray) -> Answer:
        """What the chip says."""
        self.sent.append(bytes(apdu).hex().upper())
        if self.witness is not None:
            self.witness.see(bytes(apdu), self.chip)
        return split_response(self.chip.process(bytes(apdu)))


def layered(port: Channel) -> Channel:
    """A port with the layers that need no clock."""
    return CommandChaining(ResponseChaining(port))


def chip(
    tries: int = 3,
    changes: dict[int, bytes] | None = None,
    habits: Collection[str] = (),
    external_key: bytes | None = None,
) -> Chip:
    """A generation-2 chip with PIN 246810."""
    values = {**GOOD, 3: b"2.00", **(changes or {})}
    ef05, ef06 = ({tag: value for tag, value in values.items() if (tag <= 7) is first} for first in (True, False))
    file = CardFile(
        2, b"246810", tries, ef05, ef06, None, None, bytes(16), external_key=external_key, habits=frozenset(habits)
    )
    return Chip(file)


def application(port: Channel) -> Application:
    """Any port as a proven application, for what comes after the proof."""
    return Application(port, "44" * 16)


def on_chip(tries: int = 3) -> Application:
    """A proven application on a simulated chip."""
    return open_application(layered(ChipPort(chip(tries))))
