"""A disk of the terminal's own: an ext4 image on a loop device where the machine allows it, else a folder.

Mounted `sync`: whatever was written reached the image, also what was deleted a moment later.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

from tests.security.traces import Search, used_runs

SIZE = 96 * 1024 * 1024


def loop_devices_work() -> bool:
    """Root, a loop device and mkfs: what an image needs."""
    return os.geteuid() == 0 and Path("/dev/loop-control").exists() and shutil.which("mkfs.ext4") is not None


class Disk:
    """`root`: where it is mounted; `kind`: image or folder."""

    def __init__(self, folder: Path) -> None:
        self.root, self.image = folder / "disk", folder / "disk.img"
        self.kind = "folder"

    def __enter__(self) -> Self:
        self.root.mkdir(parents=True)
        if loop_devices_work() and self._made():
            self.kind = "image"
        return self

    def __exit__(self, *_: object) -> None:
        if self.kind == "image" and os.path.ismount(self.root):
            subprocess.run(["umount", str(self.root)], check=True)

    def _made(self) -> bool:
        with self.image.open("wb") as file:
            file.truncate(SIZE)
        commands = (
            ["mkfs.ext4", "-q", "-E", "nodiscard", str(self.image)],
            ["mount", "-o", "loop,sync", str(self.image), str(self.root)],
        )
        return all(subprocess.run(each, capture_output=True, check=False).returncode == 0 for each in commands)

    def searched(self, search: Search) -> set[str]:
        """What is found in each file as it is, and in the raw image when there is one (it is unmounted)."""
        found = set()
        for path in sorted(self.root.rglob("*")):
            found |= {f"{path.relative_to(self.root)}: {path.name}" for _ in search.within(path.name.encode())}
            if path.is_file() and not path.is_symlink():
                found |= {f"{path.relative_to(self.root)}: {what}" for what in search.within(path.read_bytes())}
        self.__exit__()
        if self.kind == "image":
            found |= {f"raw image: {what}" for run in used_runs(self.image) for what in search.within(run)}
        return found

    @property
    def written(self) -> int:
        """Bytes of the image that are not zero blocks; of a folder, its files."""
        if self.kind == "image":
            return sum(len(run) for run in used_runs(self.image))
        return sum(path.stat().st_size for path in self.root.rglob("*") if path.is_file())
