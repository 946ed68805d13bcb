"""Other people's cards in a real reader: "not a card that this machine reads", and nothing harmful was sent."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from card import errors, reader
from card.channel import open_channel
from card.failures import CardFailure as F
from card.social_security import open_application
from demo.parts.devices import VirtualCard
from demo.parts.process import die_with_parent
from demo.parts.reader import FIRST_PORT, Daemon, SlotLease
from tests.hardware.events import watched

KINDS = {
    "bank": {F.CARD_UNSUPPORTED},
    "transport": {F.CARD_UNSUPPORTED},
    "sim": {F.CARD_UNSUPPORTED},
    "memory": {F.CARD_UNSUPPORTED},
    "empty-atr": {F.CARD_MUTE, F.CARD_UNSUPPORTED, F.CARD_REMOVED},
    "nonsense-atr": {F.CARD_PROTOCOL, F.CARD_MUTE, F.CARD_UNSUPPORTED},
    "silent": {F.CARD_SILENT},
}


def refusal(slot: SlotLease) -> F:
    """How our terminal takes the card that is in."""
    with pytest.raises(errors.CardError) as refused, open_channel(slot.reader) as channel:
        open_application(channel)
    return refused.value.failure


@pytest.mark.parametrize("kind", KINDS)
def test_other_peoples_cards_are_refused_by_name_and_unharmed(slot: SlotLease, kind: str) -> None:
    with watched(slot.reader) as events, VirtualCard(kind, slot) as card:
        card.insert()
        seen = events.until((reader.CardPresent, reader.CardMute))  # type: ignore[arg-type]
        if isinstance(seen, reader.CardPresent):
            assert refusal(slot) in KINDS[kind]
        assert card.harm == []


def test_the_witness_would_have_told(slot: SlotLease) -> None:
    """The same card, with a careless program: VERIFY before anything is known about it."""
    with watched(slot.reader) as events, VirtualCard("bank", slot) as card:
        card.insert()
        events.until(reader.CardPresent)
        with open_channel(slot.reader) as channel:
            channel.send(bytes.fromhex("0020000306313233343536"))
        card.wait_for("harm")
        assert card.harm[0]["apdu"] == "0020000306…"


# Debian 12 installs them where python3 does not look, and leaves out their need of pycryptodome.
VICC_MODULES = "/usr/lib/python3/site-packages/virtualsmartcard"


@contextlib.contextmanager
def vicc(kind: str, slot: SlotLease) -> Iterator[None]:
    """Debian's virtual smart card, a program that others wrote, in our slot."""
    child = subprocess.Popen(
        [sys.executable, "/usr/bin/vicc", "--type", kind, "--port", str(FIRST_PORT + slot.number), "-H", "127.0.0.1"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent, start_new_session=True, env={**os.environ, "PYTHONPATH": VICC_MODULES},
    )  # fmt: skip
    try:
        yield
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()


@pytest.mark.parametrize("kind", ["iso7816"])
def test_cards_that_others_wrote_are_refused(slot: SlotLease, kind: str) -> None:
    with watched(slot.reader) as events:
        with vicc(kind, slot):
            events.until(reader.CardPresent, 30)
            assert refusal(slot) is F.CARD_UNSUPPORTED
        events.until(reader.CardAbsent)


def test_nothing_is_left_behind(daemon: Daemon, slot: SlotLease) -> None:
    """After strangers' cards the reader still reads nothing, and says so."""
    daemon.start()
    assert refusal(slot) is F.CARD_REMOVED
