"""Where a spool may lie, and that nothing of it is wiped anywhere else. No daemon is started."""

import os
from pathlib import Path

import pytest

from printing import spooler
from printing.errors import SpoolerFailed
from printing.spooler import Spooler, demand_memory, demand_open, leftovers

MOUNTS = """22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:5 / /run rw,nosuid shared:2 - tmpfs tmpfs rw,mode=755
24 23 8:2 / /run/media rw shared:3 - ext4 /dev/sdb1 rw
25 22 0:6 / /mnt rw shared:4 - ext4 /dev/sdc1 rw
26 25 0:7 / /mnt rw shared:5 - tmpfs tmpfs rw
"""


@pytest.fixture
def mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with these file systems."""
    monkeypatch.setattr(Path, "read_text", lambda _self, **_how: MOUNTS)


@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize(
    ("folder", "fits"),
    [
        ("/run/onecard", True), ("/run", True), ("/runaway/onecard", False), ("/run/media/stick", False),
        ("/home/kiosk", False), ("/run/../home/kiosk", False), ("/mnt/hidden-by-a-later-mount", True),
    ],
)  # fmt: skip
def test_only_memory_will_do(folder: str, fits: bool) -> None:
    if fits:
        demand_memory(Path(folder))
    else:
        with pytest.raises(SpoolerFailed, match="is not on tmpfs"):
            demand_memory(Path(folder))


def test_nothing_is_wiped_off_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooler, "demand_memory", lambda _root: (_ for _ in ()).throw(SpoolerFailed("a disk")))
    (tmp_path / "photo").touch()
    for use in (Spooler(tmp_path, "ipp://x").sweep, Spooler(tmp_path, "ipp://x").running().__enter__):
        with pytest.raises(SpoolerFailed):
            use()
    assert [path.name for path in tmp_path.iterdir()] == ["photo"]


def test_a_spool_is_for_one_program_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooler, "demand_memory", lambda _root: None)
    mine = Spooler(tmp_path / "spool", "ipp://x")
    mine.root.mkdir()
    with mine._owned(), pytest.raises(SpoolerFailed, match="another program"):
        mine.sweep()
    assert mine.root.exists()
    mine.sweep()
    assert not mine.root.exists()


def test_parents_that_cups_can_not_enter_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    tmp_path.chmod(0o700)
    with pytest.raises(SpoolerFailed, match="not open to the user lp"):
        demand_open(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    demand_open(tmp_path)


def test_no_process_is_taken_for_a_daemons_child(tmp_path: Path) -> None:
    assert leftovers(tmp_path) == []
