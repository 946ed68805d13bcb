"""The reader watch on a real pcscd that is killed, restarted without readers, and used by others."""

import gc
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from smartcard import scard

from card import errors, reader
from card.channel import open_channel
from card.failures import CardFailure as F
from card.social_security import read_card
from demo.parts.devices import VirtualCard
from demo.parts.process import die_with_parent
from demo.parts.reader import SOCKET, Daemon, SlotLease
from tests.hardware.events import Events, watched


def test_pcscd_may_die_again_and_again(daemon: Daemon, events: Events, card: VirtualCard, slot: SlotLease) -> None:
    card.insert()
    for _ in range(3):
        events.until(reader.CardPresent)
        with open_channel(slot.reader) as channel:
            assert read_card(channel).holder.name == "测甲"
        daemon.kill()
        events.until(reader.ServiceGone)
        daemon.start()
    events.until(reader.CardPresent)


def test_a_reader_unplugged_and_plugged_in_again(
    daemon: Daemon, events: Events, card: VirtualCard, tmp_path: Path
) -> None:
    """A pcscd without the driver, and then one with it: what a pulled USB plug looks like to a client."""
    card.insert()
    events.until(reader.CardPresent)
    nothing = tmp_path / "reader.conf"
    nothing.write_text("")
    daemon.kill()
    bare = subprocess.Popen(
        ["/usr/sbin/pcscd", "--foreground", "--config", str(nothing)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent,
    )  # fmt: skip
    events.until(reader.CardAbsent)
    events.until(reader.ReaderRemoved)
    events.until(reader.ServiceBack)
    bare.send_signal(signal.SIGTERM)
    bare.wait()
    SOCKET.unlink(missing_ok=True)
    daemon.start()
    events.until(reader.ReaderAdded)
    events.until(reader.CardPresent)


HOLDER = """
import sys, time
from smartcard import scard
_, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
code, handle, _ = scard.SCardConnect(context, sys.argv[1], scard.SCARD_SHARE_SHARED, 3)
assert code == 0, hex(code)
if sys.argv[2] == "transaction":
    assert scard.SCardBeginTransaction(handle) == 0
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["connection", "transaction"])
def test_a_reader_in_use_by_another_program(events: Events, card: VirtualCard, slot: SlotLease, how: str) -> None:
    card.insert()
    events.until(reader.CardPresent)
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, slot.reader, how],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent,
    )  # fmt: skip
    assert other.stdout is not None and other.stdin is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(errors.PcscError) as busy, open_channel(slot.reader):
        pass
    assert busy.value.failure is F.CARD_IN_USE
    other.stdin.close()
    other.wait()
    other.stdout.close()
    with open_channel(slot.reader) as channel:
        assert read_card(channel).holder.name == "测甲"


def test_a_card_reset_by_another_program_is_named(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    """Nobody can reset a card that we hold exclusively: the other one is refused, our read goes on."""
    card.insert()
    events.until(reader.CardPresent)
    with open_channel(slot.reader) as channel:
        _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        code, _, _ = scard.SCardConnect(context, slot.reader, scard.SCARD_SHARE_SHARED, 3)
        assert code & 0xFFFFFFFF == 0x8010000B
        scard.SCardReleaseContext(context)
        assert read_card(channel).holder.name == "测甲"


def test_a_card_exchanged_while_the_machine_slept(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    """A process that was stopped sees one look before and one after: the counter tells of the exchange."""
    card.insert()
    events.until(reader.CardPresent)
    watcher = subprocess.Popen(
        [sys.executable, "-m", "tests.hardware.watcher", slot.reader],
        stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent,
    )  # fmt: skip
    assert watcher.stdout is not None
    while watcher.stdout.readline().strip() != "CardPresent":
        pass
    watcher.send_signal(signal.SIGSTOP)
    card.remove()
    events.until(reader.CardAbsent)
    card.insert()
    events.until(reader.CardPresent)
    watcher.send_signal(signal.SIGCONT)
    assert [watcher.stdout.readline().strip() for _ in range(2)] == ["CardAbsent", "CardPresent"]
    watcher.terminate()
    watcher.wait()
    watcher.stdout.close()


def test_both_readers_are_watched(daemon: Daemon) -> None:
    daemon.start()
    with watched("Virtual PCD") as told:
        first, second = told.until(reader.ReaderAdded), told.until(reader.ReaderAdded)
    assert first != second


def handles() -> int:
    """Open file descriptors of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_insertions_leave_nothing_behind(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    """A few here; benchmarks/insertions.py does ten thousand."""
    for turn in range(12):
        card.insert()
        events.until(reader.CardPresent)
        with open_channel(slot.reader) as channel:
            read_card(channel)
        card.remove()
        events.until(reader.CardAbsent)
        if turn == 3:
            before = handles(), threading.active_count()
    assert (handles(), threading.active_count()) == before


def test_an_idle_watch_sleeps(events: Events) -> None:
    """No polling: the watch's thread is not even scheduled while nothing happens."""
    events.until(reader.ReaderAdded)
    thread = next(thread for thread in threading.enumerate() if thread.name == "reader-watch")
    status = Path(f"/proc/self/task/{thread.native_id}/status")

    def switches() -> int:
        return sum(int(line.split()[1]) for line in status.read_text().splitlines() if "ctxt_switches" in line)

    gc.collect()
    while True:  # until what the start has caused is over
        before = switches()
        time.sleep(0.5)
        if switches() == before:
            break
    time.sleep(2)
    assert switches() - before <= 4
