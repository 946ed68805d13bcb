"""`python -m tests.security.disk --visits 100`: is anybody still on the terminal's disk after so many visits?

Every place that the terminal may write to lies on one ext4 image (loop-mounted, sync); everything else is read-only
for it. Both papers of each visit are printed, the page through a CUPS daemon; in the last visit the terminal is killed
while the page is in the spool, and starts again. Then files, freed blocks, SQLite's free pages and the tmpfs spool are
searched for every person's values in every code page. Exit 1 when anything is found.

Not searched: memory and swap (docs/privacy-on-disk.md).
"""

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from central.keys import Keys
from central.personalise import personalise
from central.storage import open_storage
from central.synthetic.contributions import contributions
from central.synthetic.family_planning import family_planning
from demo.parts.process import Process
from demo.street import Street
from tests.security.disk_image import Disk
from tests.security.traces import KEY, Search, Trace, traces, values

SERVICES = ("contributions", "family-planning")
SHORTEST_NAME = 3  # characters: two of them are four bytes in GBK and UTF-16, and would be found by chance


@dataclass(frozen=True)
class Guest:
    """A resident with a card file; `secrets`: what must not stay."""

    number: int
    card: Path
    pin: str
    service: str
    secrets: tuple[Trace, ...]


def guests(street: Street, count: int) -> list[Guest]:
    """The first residents of the city who have the records, and a name that can be searched for."""
    engine = open_storage(street.central.database)
    keys = Keys(Path(street.central.database.removeprefix("sqlite:///")).parent / "keys")
    found: list[Guest] = []
    number = 0
    while len(found) < count:
        number += 1
        records = [contributions(keys.seed, number), family_planning(keys.seed, number)]
        service = SERVICES[len(found) % 2] if records[1] is not None else SERVICES[0]
        personal = [pair for each in records if each is not None for pair in values(each.model_dump(mode="json"))]
        if min(len(value) for field, value in personal if field == "name") < SHORTEST_NAME:
            continue
        card: dict[str, Any] = personalise(engine, keys, number, 3)
        path = street.folder / f"guest-{number}.json"
        path.write_text(json.dumps(card), encoding="utf-8")
        personal += [("card id", card["ef05"]["01"]), ("name on the card", _name(card))]
        found.append(Guest(number, path, card["pin"], service, tuple(traces(number, personal))))
    engine.dispose()
    return found


def _name(card: dict[str, Any]) -> str:
    return bytes.fromhex(card["ef06"]["09"]).rstrip(b"\0").decode("gbk")


@contextlib.contextmanager
def spool_folder() -> Iterator[Path]:
    """In memory, of this run alone."""
    path = Path("/dev/shm") / f"onecard-disk-{uuid.uuid4()}"
    path.mkdir(mode=0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path)


class TerminalOnDisk:
    """The terminal's process; everything it may write to is on the disk, or in the spool."""

    def __init__(self, street: Street, disk: Disk, spool: Path) -> None:
        self._street, self._disk, self._spool = street, disk, spool
        home = disk.root / "home"
        self._environment = {
            "HOME": str(home), "TMPDIR": str(disk.root / "tmp"), "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_CONFIG_HOME": str(home / ".config"), "XDG_DATA_HOME": str(home / ".local"),
            "XDG_RUNTIME_DIR": str(disk.root / "tmp"),
        }  # fmt: skip
        for folder in ("home", "tmp", "etc"):
            (disk.root / folder).mkdir(mode=0o700)
        text = street.config_path.read_text(encoding="utf-8").replace('data = "terminal"', 'data = "../terminal"')
        self._config = disk.root / "etc" / "terminal.toml"
        self._config.write_text(f'{text}[a4.cups]\nspool = "{spool}"\n', encoding="utf-8")
        for name in ("device.pem", "seal-keys.json"):
            shutil.copy2(street.folder / name, disk.root / "etc" / name)
        self.process = self._started()

    def _started(self) -> Process:
        arguments = (str(self._config), str(self._disk.root), str(self._spool))
        return Process("tests.security.disk_terminal", *arguments, extra=self._environment).__enter__()

    def visit(self, guest: Guest) -> list[str]:
        """From the card's insertion to its removal; the failures on the last screen."""
        self._begin(guest)
        failures = self.process.wait_for("done", self._after, 120)["failures"]
        self._street.card.remove()
        self.process.wait_for("welcome", self._after, 60)
        assert isinstance(failures, list)
        return failures

    def visit_that_is_killed(self, guest: Guest) -> None:
        """The terminal dies with the page in the spool, and starts again."""
        self._begin(guest)
        while not any(self._spool.glob("*/spool/d*")):
            time.sleep(0.002)
        self.process.child.kill()
        self.process.stop()
        self._street.card.remove()
        self.process = self._started()

    def stop(self) -> None:
        """Its input ends, it ends."""
        assert self.process.child.stdin is not None
        self.process.child.stdin.close()
        self.process.child.wait(60)

    def _begin(self, guest: Guest) -> None:
        self._after = len(self.process.lines)
        self._street.card.insert(guest.card)
        stdin = self.process.child.stdin
        assert stdin is not None
        stdin.write(json.dumps({"pin": guest.pin, "service": guest.service}) + "\n")
        stdin.flush()
        self.process.wait_for("printing", self._after, 60)


@dataclass(frozen=True)
class Finding:
    """`found`: one line each; `written`: bytes searched; `read_only`: mounts that the terminal could not write to."""

    kind: str
    visits: int
    written: int
    read_only: int
    traces: int
    failures: tuple[str, ...]
    found: tuple[str, ...]


def examine(folder: Path, visits: int) -> Finding:
    """All visits, then the search."""
    with Street(folder / "street", patience=20) as street, spool_folder() as spool, Disk(folder) as disk:
        street.a4.ask("pictures off")
        residents = guests(street, visits)
        terminal = TerminalOnDisk(street, disk, spool)
        read_only = int(str(terminal.process.wait_for("ready")["read_only"]))
        failures = [failure for guest in residents[:-1] for failure in terminal.visit(guest)]
        terminal.visit_that_is_killed(residents[-1])
        terminal.stop()
        wanted = [trace for guest in residents for trace in guest.secrets]
        search = Search(wanted)
        left = [path for path in spool.rglob("*") if path.is_file() and path.suffix != ".lock"]
        found = {f"spool: {path.name}" for path in left}
        found |= disk.searched(search)
        return Finding(disk.kind, visits, disk.written, read_only, len(wanted), tuple(failures), tuple(sorted(found)))


def main(visits: int = 100) -> None:
    """`--visits N`."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="onecard-disk-"))
    try:
        finding = examine(folder, visits)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"{finding.visits} visits, {finding.kind}, {finding.written:,} bytes written and searched for "
        f"{finding.traces:,} traces (≥ {KEY} bytes each), {finding.read_only} other mounts read-only, "
        f"{len(finding.failures)} papers failed, {seconds:.0f} s\n"
    )
    sys.stdout.write("\n".join(finding.found) or "Nothing found.")
    sys.stdout.write("\n")
    raise SystemExit(bool(finding.found))


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    typer.run(main)
