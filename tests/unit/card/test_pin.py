"""The PIN's rules: sent once, in the card's coding, never on the last try, zeroed whatever happens."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card import errors
from card.apdu import Answer
from card.pin import PIN_KINDS, PinKind, change_pin, tries_left, verify_pin
from card.social_security import Application
from tests.unit.card.ports import Script, application, layered, on_chip

OLD, NEW = b"246810", b"135790"


class Spy:
    """Keeps the very buffers that were sent."""

    def __init__(self, port: Script) -> None:
        self.port, self.buffers = port, list[bytes | bytearray]()

    def send(self, apdu: bytes | bytearray) -> Answer:
        """Transmit and keep."""
        self.buffers.append(apdu)
        return self.port.send(apdu)


def outcome(action: Callable[[], None]) -> bool:
    """Did the card take it?"""
    try:
        action()
    except (errors.PinError, errors.CommunicationError):
        return False
    return True


@given(st.integers(0, 0xFFFF), st.sampled_from([*PIN_KINDS.values()]))
def test_any_status_word_is_named_and_every_buffer_zeroed(sw: int, kind: PinKind) -> None:
    pins = [bytearray(OLD), bytearray(OLD), bytearray(NEW)]
    for act in (lambda card: verify_pin(card, pins[0], kind), lambda card: change_pin(card, pins[1], pins[2], kind)):
        spy = Spy(Script("63C3", f"{sw:04X}", "63C2"))  # the third is for what is asked after 61xx and 63xx
        assert outcome(partial(act, application(layered(spy)))) is (sw == 0x9000)
        assert not any(spy.buffers[1]), "the command that was sent is not zeroed"
    assert pins == [bytearray(6)] * 3


@pytest.mark.parametrize(
    ("sw", "error"),
    [
        ("63C2", errors.WrongPin), ("63C0", errors.BlockedPin), ("6983", errors.BlockedPin),
        ("6984", errors.UnusablePin), ("6700", errors.UnusablePin), ("6A88", errors.UnusablePin),
        ("6D00", errors.UnusablePin), ("6F00", errors.CommunicationError), ("", errors.CommunicationError),
    ],
)  # fmt: skip
def test_what_the_card_says_is_named(sw: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        verify_pin(application(Script("63C3", sw)), bytearray(OLD))


@pytest.mark.parametrize("act", [verify_pin, lambda a, pin: change_pin(a, pin, bytearray(NEW))])
def test_the_last_try_is_never_spent(act: Callable[[Application, bytearray], None]) -> None:
    port = Script("63C1")
    pin = bytearray(OLD)
    with pytest.raises(errors.LastTry):
        act(application(port), pin)
    assert port.sent == ["00200003"]
    assert pin == bytearray(6)


def test_a_short_pin_is_never_sent() -> None:
    port, new = Script(), bytearray(NEW)
    with pytest.raises(errors.CommunicationError):
        verify_pin(application(port), bytearray(b"123"))
    with pytest.raises(errors.CommunicationError):
        change_pin(application(port), bytearray(b"1"), new)
    assert port.sent == []
    assert new == bytearray(6)


def test_commands_by_coding() -> None:
    ascii_port, bcd_port = Script("63C3", "9000"), Script("63C3", "9000")
    verify_pin(application(ascii_port), bytearray(OLD))
    verify_pin(application(bcd_port), bytearray(OLD), PIN_KINDS["bcd-00"])
    assert ascii_port.sent == ["00200003", "0020000306323436383130"]
    assert bcd_port.sent == ["00200000", "0020000003246810"]


def test_change_by_coding() -> None:
    ascii_port, bcd_port = Script("63C3", "9000"), Script("63C3", "9000")
    change_pin(application(ascii_port), bytearray(OLD), bytearray(NEW))
    change_pin(application(bcd_port), bytearray(OLD), bytearray(NEW), PIN_KINDS["bcd-00"])
    assert ascii_port.sent[1] == "002400030C323436383130313335373930"
    assert bcd_port.sent[1] == "0024000006246810135790"


def test_a_new_pin_that_the_card_refuses() -> None:
    with pytest.raises(errors.PinNotChanged):
        change_pin(application(Script("63C3", "6A80")), bytearray(OLD), bytearray(NEW))


@pytest.mark.parametrize(("asked", "left"), [("63C2", 2), ("63C1", 1), ("6700", 1), ("6300", 1)])
@pytest.mark.parametrize("sw", ["6300", "6382"])
def test_a_card_that_refuses_without_a_count_is_asked_for_it(sw: str, asked: str, left: int) -> None:
    """ISO 7816-4, table 6: 63xx is a warning, not a fault of the card. One that never counts gets no second try."""
    port = Script("63C3", sw, asked)
    with pytest.raises(errors.WrongPin) as wrong:
        verify_pin(application(port), bytearray(OLD))
    assert wrong.value.tries_left == left
    assert port.sent[2] == port.sent[0]


@pytest.mark.parametrize(("sw", "left"), [("63C3", 3), ("9000", None), ("6700", None)])
def test_tries_left(sw: str, left: int | None) -> None:
    assert tries_left(application(Script(sw))) == left


def test_wrong_tries_count_down_on_the_chip() -> None:
    card = on_chip()
    for left in (2, 1):
        with pytest.raises(errors.WrongPin) as wrong:
            verify_pin(card, bytearray(b"000000"))
        assert wrong.value.tries_left == left
    with pytest.raises(errors.LastTry):
        verify_pin(card, bytearray(OLD))
    assert tries_left(card) == 1


def test_a_blocked_chip_says_so() -> None:
    with pytest.raises(errors.BlockedPin):
        verify_pin(on_chip(tries=0), bytearray(OLD))


def test_the_terminal_has_no_way_to_unblock() -> None:
    """RESET RETRY COUNTER (INS 2C) appears nowhere in the package."""
    from pathlib import Path

    import card

    package = Path(card.__file__).parent
    assert not [path.name for path in package.glob("*.py") if "0x2C" in path.read_text(encoding="utf-8")]
