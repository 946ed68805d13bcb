"""Layers over a scripted port: hints followed, long commands cut, late answers refused, secrets never re-sent."""

import logging
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from card import errors
from card.apdu import Answer, command
from card.layers import CommandChaining, MaskedTrace, ResponseChaining, TimeLimit
from card.patience import within
from tests.unit.card.ports import Script


def test_get_response_follows_61() -> None:
    port = Script("6102", "61629000")
    assert ResponseChaining(port).send(bytes.fromhex("00A4040000")) == (b"ab", 0x9000)
    assert port.sent[1] == "00C0000002"


def test_get_response_goes_on_until_all_is_there() -> None:
    port = Script("AA6102", "BBBB6100", "CC" * 256 + "9000")
    assert ResponseChaining(port).send(bytes.fromhex("00B0000000")).data == b"\xaa\xbb\xbb" + b"\xcc" * 256
    assert port.sent[1:] == ["00C0000002", "00C0000000"]


def test_a_card_that_always_has_more_is_left() -> None:
    class Endless:
        sent = 0

        def send(self, apdu: bytes | bytearray) -> Answer:
            self.sent += 1
            return Answer(b"x", 0x6110)

    port = Endless()
    assert ResponseChaining(port).send(bytes.fromhex("00A4040000")).sw == 0x6110
    assert port.sent <= 600


def test_the_right_le_follows_6c() -> None:
    port = Script("6C03", "6162639000")
    assert ResponseChaining(port).send(bytes.fromhex("00B2012C20")).data == b"abc"
    assert port.sent[1] == "00B2012C03"


def test_the_right_le_is_asked_once() -> None:
    assert ResponseChaining(Script("6C03", "6C04")).send(bytes.fromhex("00B2012C20")).sw == 0x6C04


@pytest.mark.parametrize("hint", ["6C05", "6C36", "6C00"])
def test_a_pin_is_never_sent_twice(hint: str) -> None:
    """A card that answers 6Cxx to VERIFY would make a naive layer send the PIN again with another last digit."""
    port = Script(hint)
    assert ResponseChaining(port).send(bytearray.fromhex("0020000306313233343536")).sw >> 8 == 0x6C
    assert len(port.sent) == 1


@given(st.binary(max_size=900), st.none() | st.integers(257, 65536))
@settings(deadline=None)
def test_long_commands_arrive_whole(data: bytes, le: int | None) -> None:
    """A card that puts the links together again has what was sent."""

    class Chained:
        def __init__(self) -> None:
            self.data, self.links = b"", list[int]()

        def send(self, apdu: bytes | bytearray) -> Answer:
            length = apdu[4] if len(apdu) > 5 else 0
            self.links.append(apdu[0])
            self.data += bytes(apdu[5 : 5 + length])
            return Answer(b"", 0x9000)

    port = Chained()
    CommandChaining(port).send(command(0x00, 0xDA, 1, 2, data, le))
    assert port.data == data
    assert port.links == [0x10] * (len(port.links) - 1) + [0x00]


def test_a_refused_link_ends_the_chain() -> None:
    port = Script("6A80")
    assert CommandChaining(port).send(command(0x00, 0xDA, 1, 2, bytes(600))).sw == 0x6A80
    assert len(port.sent) == 1


def test_an_answer_that_comes_too_late_is_not_taken() -> None:
    clock = iter([0.0, 4.9, 10.0, 15.1])
    limited = TimeLimit(Script("9000", "9000"), 5.0, lambda: next(clock))
    assert limited.send(bytes(4)).ok
    with pytest.raises(errors.SilentCard):
        limited.send(bytes(4))


def test_a_driver_that_never_comes_back_holds_nobody() -> None:
    pulled = threading.Event()
    with pytest.raises(errors.SilentCard):
        within(0.05, pulled.wait)
    pulled.set()


def test_what_goes_wrong_in_patience_is_raised_here() -> None:
    def fails() -> None:
        raise errors.SwappedCard

    with pytest.raises(errors.SwappedCard):
        within(5, fails)
    assert within(5, lambda: 7) == 7


def test_the_trace_hides_data(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    MaskedTrace(Script("9000")).send(b"\x00\x20\x00\x03\x06123456")
    assert "00 20 00 03 -> 9000 (ok)" in caplog.text
    assert "123456" not in caplog.text
    assert "3132" not in caplog.text
