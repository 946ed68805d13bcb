"""Files that survive a power cut: whole or not there, private, and their folder synced after them."""

import os
import stat
from pathlib import Path

import pytest

from kiosk.journal.durable import durable_file, durable_folder


def mode(path: Path) -> int:
    """Its permissions."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_private_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"old")
    path.chmod(0o644)
    durable_file(path, b"new")
    assert (path.read_bytes(), mode(path)) == (b"new", 0o600)
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


def test_half_a_file_that_a_crash_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "key.new").write_bytes(b"ha")
    durable_file(tmp_path / "key", b"whole")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"key": b"whole"}


def test_what_is_interrupted_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"old")

    def power_cut(_handle: int) -> None:
        raise OSError("no power")

    monkeypatch.setattr(os, "fsync", power_cut)
    with pytest.raises(OSError, match="no power"):
        durable_file(path, b"new")
    assert path.read_bytes() == b"old"


def test_content_is_synced_before_its_name_and_the_folder_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, bool]] = []
    real = os.fsync

    def noted(handle: int) -> None:
        seen.append((stat.S_ISDIR(os.fstat(handle).st_mode), (tmp_path / "key").exists()))
        real(handle)

    monkeypatch.setattr(os, "fsync", noted)
    durable_file(tmp_path / "key", b"x")
    assert seen == [(False, False), (True, True)]


def test_every_folder_that_was_made_is_private_and_its_name_is_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("kiosk.journal.durable.sync_folder", synced.append)
    durable_folder(tmp_path / "data" / "journal")
    assert synced == [tmp_path, tmp_path / "data"]
    assert [mode(tmp_path / "data"), mode(tmp_path / "data" / "journal")] == [0o700, 0o700]
    durable_folder(tmp_path / "data" / "journal")
    assert len(synced) == 2
