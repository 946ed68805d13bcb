"""`python -m benchmarks.insertions --turns 10000`: a card in, read, out, ten thousand times; does anything grow?

Uses a pcscd of its own whose polling pauses are shorter (faster_pcscd.c), so no other pcscd may run on the machine.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.table import markdown
from card.channel import open_channel
from card.reader import CardAbsent, CardPresent, ReaderWatch
from card.social_security import read_card
from demo.parts.card_file import write_card
from demo.parts.devices import VirtualCard
from demo.parts.process import die_with_parent
from demo.parts.reader import SOCKET, SlotLease
from tests.hardware.events import Events

WARM_UP = 500
"""Turns until allocators and caches have what they keep."""
ALLOWED_KIB = 1024


@contextmanager
def fast_pcscd(folder: Path) -> Iterator[None]:
    """The real pcscd with shorter pauses."""
    shim = folder / "faster.so"
    source = Path(__file__).with_name("faster_pcscd.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(shim), str(source), "-ldl"], check=True)
    SOCKET.unlink(missing_ok=True)
    child = subprocess.Popen(
        ["/usr/sbin/pcscd", "--foreground"], env={**os.environ, "LD_PRELOAD": str(shim)}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent,
    )  # fmt: skip
    while not SOCKET.exists():
        if child.poll() is not None:
            raise RuntimeError("pcscd did not start; is another one running?")
        time.sleep(0.01)
    yield
    child.terminate()
    child.wait()


def standing() -> tuple[int, int, int]:
    """Open handles, threads and resident memory (KiB) of this process."""
    handles = sum(1 for _ in Path("/proc/self/fd").iterdir())
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024
    return handles, threading.active_count(), resident


def soak(turns: int) -> str:
    """The table; every tenth of the way a row."""
    rows, told, slot = [], Events(), SlotLease(0)
    with (
        tempfile.TemporaryDirectory() as folder,
        fast_pcscd(Path(folder)),
        VirtualCard(write_card(Path(folder) / "card.json"), slot) as card,
    ):
        watch = ReaderWatch(slot.reader, told.put)
        watch.start()
        for turn in range(1, turns + 1):
            card.insert()
            told.until(CardPresent)
            with open_channel(slot.reader) as channel:
                read_card(channel)
            card.remove()
            told.until(CardAbsent)
            card.lines.clear()
            if turn == WARM_UP or turn % max(1, turns // 10) == 0:
                rows.append([f"{turn:,}", *(f"{value:,}" for value in standing())])
                sys.stderr.write(f"{' · '.join(rows[-1])}\n")
        watch.stop()
    return markdown(["insertions", "handles", "threads", "resident KiB"], rows)


def main() -> None:
    """Soak; exit 1 when something has grown since the warm-up."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--turns", type=int, default=1000)
    table = soak(options.parse_args().turns)
    sys.stdout.write(table)
    first, last = ([int(cell.replace(",", "")) for cell in line.split("|")[2:5]] for line in _ends(table))
    grown = last[0] > first[0] or last[1] > first[1] or last[2] > first[2] + ALLOWED_KIB
    raise SystemExit(1 if grown else 0)


def _ends(table: str) -> tuple[str, str]:
    lines = [line for line in table.splitlines()[2:] if line.startswith("|")]
    return lines[0], lines[-1]


if __name__ == "__main__":
    main()
