"""Files and folders that survive a power cut: a name is only safe when its folder was synced (fsync(2))."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Put the folder's names on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def durable_folder(folder: Path) -> None:
    """Make a private folder and what is missing above it, each name on disk when this returns."""
    if folder.is_dir():
        return
    durable_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def durable_file(path: Path, content: bytes) -> None:
    """A private file (0600) that is either whole or not there, whatever happens in the middle."""
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)  # half a file that a crash left
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)
