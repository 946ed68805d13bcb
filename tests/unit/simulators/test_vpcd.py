"""The wire to a reader: a small reader of our own that does what vpcd does, and dies when told to."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from simulators.vpcd import GET_ATR, POWER_ON, Contact, Silence, Slot, is_reader

CYCLES = int(os.environ.get("ONECARD_CYCLES", "200"))
"""Insertions; 10,000 for a soak."""
ATR, ECHO, HOLD, PULL = b"\x3b\x00", b"echo", b"hold", b"pull"


class Reader:
    """Listens where vpcd would; each accepted connection is a card."""

    def __init__(self, port: int = 0) -> None:
        self.listening = socket.create_server(("127.0.0.1", port))
        self.listening.settimeout(5)
        self.port: int = self.listening.getsockname()[1]
        self.card: socket.socket | None = None

    def accept(self) -> None:
        """A card comes in, in place of an earlier one; one that the slot drops at once (is_reader) is no card."""
        port = self.port
        while abs(port - self.port) <= 1:
            self.drop()
            self.card, (_host, port) = self.listening.accept()
            self.card.settimeout(5)

    def tell(self, message: bytes) -> None:
        """One message to the card."""
        assert self.card is not None
        self.card.sendall(len(message).to_bytes(2, "big") + message)

    def hear(self) -> bytes:
        """One message from the card; empty when it is gone."""
        assert self.card is not None
        size = self.card.recv(2, socket.MSG_WAITALL)
        return self.card.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL) if size else b""

    def ask(self, message: bytes) -> bytes:
        """Message and answer."""
        self.tell(message)
        return self.hear()

    def drop(self) -> None:
        """The card's connection ends."""
        if self.card is not None:
            self.card.close()

    def die(self) -> None:
        """pcscd is gone."""
        self.drop()
        self.listening.close()


def transmit(command: bytes) -> bytes | Silence | None:
    """A chip that echoes, holds its tongue, or is pulled."""
    return {HOLD: Silence(0.05), PULL: None}.get(command, command)


@pytest.fixture
def reader() -> Iterator[Reader]:
    """A running reader."""
    running = Reader()
    yield running
    running.die()


@pytest.fixture
def slot(reader: Reader) -> Iterator[Slot]:
    """A card outside that reader."""
    card = Slot(reader.port, Contact(lambda: ATR, lambda _control: None, transmit))
    yield card
    card.remove()


def enter(slot: Slot, reader: Reader) -> None:
    """The card goes in and is powered."""
    assert slot.insert()
    reader.accept()
    reader.tell(bytes([POWER_ON]))
    assert reader.ask(bytes([GET_ATR])) == ATR


def test_a_card_answers(slot: Slot, reader: Reader) -> None:
    enter(slot, reader)
    assert reader.ask(ECHO) == ECHO
    assert slot.inside


def test_a_pulled_card_is_gone_in_order(slot: Slot, reader: Reader) -> None:
    enter(slot, reader)
    slot.remove()
    assert reader.hear() == b""
    assert not slot.inside


def test_a_card_that_is_pulled_in_mid_command_stays_out(slot: Slot, reader: Reader) -> None:
    enter(slot, reader)
    assert reader.ask(PULL) == b""
    assert not slot.inside


def test_a_silent_card_makes_the_reader_give_up_and_is_still_in(slot: Slot, reader: Reader) -> None:
    enter(slot, reader)
    assert reader.ask(HOLD) == b""
    reader.accept()
    assert slot.inside
    assert reader.ask(ECHO) == ECHO


def test_a_hand_pulls_a_silent_card(reader: Reader) -> None:
    slot = Slot(reader.port, Contact(lambda: ATR, lambda _control: None, lambda _command: Silence(0)))
    enter(slot, reader)
    reader.tell(HOLD)
    slot.remove()
    assert reader.hear() == b""


def test_the_card_is_back_when_the_reader_is(slot: Slot, reader: Reader) -> None:
    enter(slot, reader)
    reader.die()
    with closing(Reader(reader.port).listening):
        pass  # a daemon that dies again at once
    again = Reader(reader.port)
    again.accept()
    assert again.ask(ECHO) == ECHO
    again.die()


def test_a_card_that_is_pulled_while_the_reader_is_dead_stays_out(slot: Slot, reader: Reader) -> None:
    enter(slot, reader)
    reader.die()
    slot.remove()
    again = Reader(reader.port)
    again.listening.settimeout(0.3)
    with pytest.raises(TimeoutError):
        again.accept()
    again.die()


def test_a_card_that_is_pulled_while_it_connects_says_nothing(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    connecting, go_on = threading.Event(), threading.Event()
    connect = socket.create_connection

    def slowly(address: tuple[str, int], timeout: float) -> socket.socket:
        connecting.set()
        go_on.wait(5)
        return connect(address, timeout)

    monkeypatch.setattr("simulators.vpcd.socket.create_connection", slowly)
    slot = Slot(reader.port, Contact(lambda: ATR, lambda _control: None, transmit))
    assert not slot.insert(timeout=0)
    assert connecting.wait(5)
    slot.remove()
    go_on.set()
    reader.accept()
    assert reader.hear() == b""


def test_a_socket_that_met_itself_is_not_a_reader(reader: Reader) -> None:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        own.connect(own.getsockname())
        assert not is_reader(own)
    with socket.create_connection(("127.0.0.1", reader.port)) as other:
        assert is_reader(other)


def _handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_insertions_leave_nothing_behind(slot: Slot, reader: Reader) -> None:
    enter(slot, reader)
    slot.remove()
    reader.drop()
    before = _handles(), threading.active_count()
    for _ in range(CYCLES):
        enter(slot, reader)
        slot.remove()
        reader.drop()
    assert (_handles(), threading.active_count()) == before
