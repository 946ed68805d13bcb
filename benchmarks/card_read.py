"""A whole read of a card against the very same APDUs through raw SCardTransmit, turn by turn on one card."""

import tempfile
import time
from pathlib import Path

from smartcard import scard

from benchmarks.table import markdown, median, p95
from card.channel import open_channel
from card.reader import CardPresent, ReaderEvent, ReaderWatch
from card.records import PLACES
from card.social_security import AID, read_card
from demo.parts.card_file import write_card
from demo.parts.devices import VirtualCard
from demo.parts.reader import card_slot, pcscd

TURNS = 200
SELECT = bytes.fromhex("00A404000F") + AID
GET_RESPONSE = bytes.fromhex("00C0000013")


def apdus() -> list[bytes]:
    """The commands that `read_card` sends to this card."""
    reads = [bytes([0, 0xB2, p.number, p.short_id << 3 | 4, p.length + 2]) for p in PLACES]
    return [SELECT, GET_RESPONSE, *reads]


def raw_read(reader: str) -> float:
    """Milliseconds for the commands through raw SCardTransmit."""
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    _, handle, _ = scard.SCardConnect(
        context, reader, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    )
    scard.SCardBeginTransaction(handle)
    start = time.perf_counter()
    for command in apdus():
        code, answer = scard.SCardTransmit(handle, scard.SCARD_PCI_T1, list(command))
        if code or len(answer) < 2:
            raise RuntimeError(f"raw SCardTransmit failed with {code & 0xFFFFFFFF:08X}")
    elapsed = time.perf_counter() - start
    scard.SCardEndTransaction(handle, scard.SCARD_RESET_CARD)
    scard.SCardDisconnect(handle, scard.SCARD_RESET_CARD)
    scard.SCardReleaseContext(context)
    return elapsed * 1000


def our_read(reader: str) -> float:
    """Milliseconds for `read_card`, decoding included."""
    with open_channel(reader) as channel:
        start = time.perf_counter()
        read_card(channel)
        return (time.perf_counter() - start) * 1000


def _insert(card: VirtualCard, reader: str) -> str:
    import queue

    found: queue.Queue[ReaderEvent] = queue.Queue()
    watch = ReaderWatch(reader, found.put)
    watch.start()
    card.insert()
    while not isinstance(found.get(timeout=10), CardPresent):
        pass
    watch.stop()
    return reader


def measure() -> str:
    """The table."""
    rows = []
    with (
        tempfile.TemporaryDirectory() as folder,
        pcscd(),
        card_slot() as slot,
        VirtualCard(write_card(Path(folder) / "card.json"), slot) as card,
    ):
        reader = _insert(card, slot.reader)
        for latency in (0, 5):
            card.ask(f"latency {latency}")
            turns = TURNS if not latency else TURNS // 10
            pairs = [(raw_read(reader), our_read(reader)) for _ in range(turns)]
            raw, ours = ([pair[side] for pair in pairs] for side in (0, 1))
            rows += [
                [f"raw SCardTransmit, card {latency} ms", f"{median(raw):.2f}", f"{p95(raw):.2f}", "1.00"],
                [f"`read_card`, card {latency} ms", f"{median(ours):.2f}", f"{p95(ours):.2f}",
                 f"{median(ours) / median(raw):.2f}"],
            ]  # fmt: skip
    return markdown(["15 APDUs", "median ms", "p95 ms", "ratio"], rows)
