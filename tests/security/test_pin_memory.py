"""From touch to zeroed buffer: after the PIN was used, no copy of it is in the terminal's memory, nor in pcscd's.

What Qt would keep (a line edit's undo stack, a QString of its text) is avoided: the pad's keys append to one bytearray.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.parts.process import Process
from demo.street import Street
from tests.parts import calm
from tests.security.memory import forms_of, found_in, pattern_of

PIN, NEW = "739154", "605837"


class Touched(Process):
    """A terminal in a process of its own, touched key by key."""

    def __init__(self, config: Path) -> None:
        super().__init__("tests.security.touched_terminal", str(config))

    def enter(self, pin: str, *, screen: str = "PinEntry") -> None:
        """Six keys, each a line of its own."""
        for count, digit in enumerate(pin, start=1):
            self.ask(f"touch pin_{digit}")
            if screen == "PinEntry":
                self.ask(f"until PinEntry {count}")

    def forms(self, pin: str) -> dict[str, bytes]:
        """What a copy could look like in this very process."""
        ids = self.ask("ids")["value"]
        assert isinstance(ids, list)
        return forms_of(pin, ids)


@pytest.fixture
def terminal(street: Street) -> Iterator[Touched]:
    """The street's terminal; the card in the slot has our PIN."""
    calm(street)
    street.pcscd.start()
    path = street.personalise(4)
    content = json.loads(path.read_text(encoding="utf-8"))
    own = street.folder / "pin-memory.json"
    own.write_text(json.dumps({**content, "pin": PIN}), encoding="utf-8")
    street.card.ask(f"swap {own}")
    with Touched(street.config_path) as touched:
        street.card.insert()
        touched.ask("until PinEntry")
        yield touched
    calm(street)


def pcscd_of(street: Street) -> int:
    """The process that carries our commands to the reader."""
    pid = street.pcscd._ours()
    assert pid is not None
    return pid


def test_no_copy_of_a_pin_is_left(terminal: Touched, street: Street) -> None:
    forms = terminal.forms(PIN)
    assert found_in(terminal.child.pid, forms) == [], "the search must begin with nothing"
    terminal.enter(PIN)
    assert found_in(terminal.child.pid, forms), "while it is in the pad it must be found: the search works"
    terminal.ask("touch pin_ok")
    terminal.ask("until Menu")
    assert found_in(terminal.child.pid, forms) == []
    assert found_in(pcscd_of(street), forms_of(PIN)) == []
    terminal.ask("touch end")
    street.card.remove()
    terminal.ask("until Welcome")
    terminal.ask("settle")
    assert found_in(terminal.child.pid, forms) == []


def test_no_copy_is_left_of_a_wrong_pin_nor_of_one_that_was_given_up(terminal: Touched, street: Street) -> None:
    wrong, left = "284605", "917360"
    terminal.enter(wrong)
    terminal.ask("touch pin_ok")
    terminal.ask("until PinEntry 0")
    assert found_in(terminal.child.pid, terminal.forms(wrong)) == []
    terminal.enter(left)
    street.card.remove()
    terminal.ask("until Welcome")
    terminal.ask("settle")
    assert found_in(terminal.child.pid, terminal.forms(left)) == []


def test_no_copy_is_left_of_two_pins_after_a_change(terminal: Touched, street: Street) -> None:
    terminal.enter(PIN)
    terminal.ask("touch pin_ok")
    terminal.ask("until Menu")
    terminal.ask("touch change_pin")
    terminal.ask("until ChangePin")
    for pin in (PIN, NEW, NEW):
        terminal.enter(pin, screen="ChangePin")
        terminal.ask("touch pin_ok")
    terminal.ask("until NewPinSet")
    for pin in (PIN, NEW):
        assert found_in(terminal.child.pid, terminal.forms(pin)) == []
        assert found_in(pcscd_of(street), forms_of(pin)) == []
    both = {"both in ASCII": (PIN + NEW).encode()}
    assert found_in(terminal.child.pid, both) == []
    assert found_in(pcscd_of(street), both) == []


@pytest.mark.parametrize(
    ("memory", "found"),
    [
        (b"\x00917360\x00", True),
        (b"pin=917360;", True),
        (b"2001918739173604", False),
        (b"-2858917360572616265,", False),
        (b"at 12:30:01.917360", False),
    ],
)
def test_a_longer_number_is_no_pin(memory: bytes, found: bool) -> None:
    name = "ASCII, 1 bytes a digit"
    assert bool(pattern_of(name, forms_of("917360")[name]).search(memory)) is found


def test_the_search_can_fail(terminal: Touched) -> None:
    terminal.ask(f"plant {' '.join(PIN)}")
    assert found_in(terminal.child.pid, terminal.forms(PIN))
