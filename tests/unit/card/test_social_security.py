"""APDU layers and the PIN's rules, on a scripted port."""

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from card import errors, pcsc
from card.channel import Answer, IsoChannel, TracedChannel, split_response
from card.reader import CardAbsent, CardMute, CardPresent, card_event
from card.social_security import pin_tries_left, read_card, verify_pin
from simulators.card_file import CardFile
from simulators.card_os import Chip
from tests.unit.card.records_of import GOOD


class Script:
    """A port that answers from a list and keeps what was sent."""

    def __init__(self, *answers: bytes) -> None:
        self.answers, self.sent = list(answers), list[bytes]()

    def send(self, apdu: bytes | bytearray) -> Answer:
        """The next answer."""
        self.sent.append(bytes(apdu))
        return split_response(self.answers.pop(0))


class ChipPort:
    """The simulated chip without any reader."""

    def __init__(self, chip: Chip) -> None:
        self.chip = chip

    def send(self, apdu: bytes | bytearray) -> Answer:
        """What the chip says."""
        return split_response(self.chip.process(bytes(apdu)))


def chip(tries: int = 3) -> Chip:
    """A generation-2 chip."""
    ef05 = {tag: value for tag, value in GOOD.items() if tag <= 7}
    ef06 = {tag: value for tag, value in GOOD.items() if tag > 7}
    return Chip(CardFile(2, b"246810", tries, {**ef05, 3: b"2.00"}, ef06, None, None, bytes(16)))


def test_get_response_follows_61() -> None:
    port = Script(b"\x61\x02", b"ab\x90\x00")
    assert IsoChannel(port).send(bytes.fromhex("00A4040000")) == Answer(b"ab", 0x9000)
    assert port.sent[1] == bytes.fromhex("00C0000002")


def test_the_right_le_follows_6c() -> None:
    port = Script(b"\x6c\x03", b"abc\x90\x00")
    assert IsoChannel(port).send(bytes.fromhex("00B2012C20")).data == b"abc"
    assert port.sent[1] == bytes.fromhex("00B2012C03")


def test_a_whole_card_is_read_from_the_chip() -> None:
    data = read_card(IsoChannel(ChipPort(chip())))
    assert (data.generation, data.holder.name) == (2, "测甲")


@pytest.mark.parametrize("sw", [b"\x6a\x82", b"\x6d\x00", b"\x6e\x00"])
def test_another_card_is_unsupported(sw: bytes) -> None:
    with pytest.raises(errors.UnsupportedCard):
        read_card(IsoChannel(Script(sw)))


@given(st.lists(st.binary(max_size=40), min_size=60, max_size=60))
@settings(max_examples=500, deadline=None)
def test_any_answers_give_a_card_or_a_named_error(answers: list[bytes]) -> None:
    try:
        read_card(IsoChannel(Script(*answers)))
    except errors.CardError as error:
        assert str(error).endswith(".")


@given(st.integers(0, 0xFFFF))
def test_any_status_word_to_verify_is_named(sw: int) -> None:
    pin = bytearray(b"123456")
    try:
        verify_pin(IsoChannel(Script(b"\x63\xc3", sw.to_bytes(2, "big"), b"\x90\x00", b"\x90\x00")), pin)
    except (errors.PinError, errors.CommunicationError):
        pass
    assert pin == bytearray(6)


def test_the_pin_is_never_sent_on_the_last_try() -> None:
    port = Script(b"\x63\xc1")
    with pytest.raises(errors.LastTry):
        verify_pin(port, bytearray(b"123456"))
    assert len(port.sent) == 1
    assert len(port.sent[0]) == 4


def test_a_short_pin_is_never_sent() -> None:
    port = Script()
    with pytest.raises(errors.CommunicationError):
        verify_pin(port, bytearray(b"123"))
    assert port.sent == []


@pytest.mark.parametrize(("sw", "left"), [(b"\x63\xc3", 3), (b"\x90\x00", None)])
def test_tries_left(sw: bytes, left: int | None) -> None:
    assert pin_tries_left(Script(sw)) == left


def test_the_trace_hides_data(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    TracedChannel(Script(b"\x90\x00")).send(b"\x00\x20\x00\x03\x06123456")
    assert "00200003" in caplog.text
    assert "123456" not in caplog.text
    assert "3132" not in caplog.text


@pytest.mark.parametrize("code", [*pcsc.MEANINGS, 0x8010FFFF, -2146435026])
def test_every_return_code_is_named(code: int) -> None:
    assert isinstance(pcsc.error_for(code, "testing"), errors.CardError)


def test_state_bits_become_events() -> None:
    assert card_event("R", 0x22, b"\x3b") == CardPresent("R", b"\x3b")
    assert card_event("R", 0x222, b"") == CardMute("R")
    assert card_event("R", 0x12, b"") == CardAbsent("R")


def test_the_chip_counts_wrong_pins_and_blocks() -> None:
    wrong, right = b"\x00\x20\x00\x03\x06000000", b"\x00\x20\x00\x03\x06246810"
    card = chip()
    card.process(bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF"))
    assert [card.process(wrong).hex() for _ in range(3)] == ["63c2", "63c1", "6983"]
    assert card.process(right).hex() == "6983"


@given(st.binary(max_size=300))
def test_the_chip_answers_anything(raw: bytes) -> None:
    assert len(chip().process(raw)) >= 2
