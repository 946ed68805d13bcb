"""`python -m tests.security.disk_terminal CONFIG DISK SPOOL`: a terminal that can write to its disk and its spool only.

In a mount namespace where everything else is read-only. One visit a line of standard input.
"""

import ctypes
import json
import os
import sys
from pathlib import Path

CLONE_NEWNS = 0x20000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
NOT_DISKS = {"proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "mqueue", "securityfs", "debugfs", "tracefs",
             "bpf", "fusectl", "hugetlbfs", "binfmt_misc"}  # fmt: skip


def only_writable(*places: Path) -> int:
    """Make every other mount read-only for this process; how many that were. 0 without the right to do so."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() or libc.unshare(CLONE_NEWNS) or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None):
        return 0
    kept = [place.resolve() for place in places]
    count = 0
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _device, where, kind = line.split()[:3]
        holds = any(place.is_relative_to(where) for place in kept if _mount_of(place) == Path(where))
        if kind not in NOT_DISKS and not holds:
            count += not libc.mount(b"none", where.encode(), None, MS_REMOUNT | MS_BIND | MS_RDONLY, None)
    return count


def _mount_of(place: Path) -> Path:
    while not os.path.ismount(place):
        place = place.parent
    return place


def say(**words: object) -> None:
    """One line."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main(config: Path, disk: Path, spool: Path) -> None:
    """Serve visits until standard input ends."""
    read_only = only_writable(disk, spool)
    os.chdir(disk)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PyQt6.QtWidgets import QApplication

    from demo.driver import Driver
    from kiosk import logs
    from kiosk.config import load_config
    from kiosk.session import state as s

    logs.set_up(load_config(config).terminal.data / "terminal.log", echo=False)
    application = QApplication(sys.argv[:1])
    driver = Driver(config)
    driver.until(s.Welcome, 30)
    driver.terminal.runtime.settle()
    say(event="ready", read_only=read_only)
    for line in sys.stdin:
        job = json.loads(line)
        driver.until(s.PinEntry, 30)
        driver.enter_pin(job["pin"])
        driver.until(s.Menu, 20)
        driver.touch(f"service_{job['service']}")
        driver.until(s.Viewing, 20)
        driver.touch("print")
        driver.until(s.ChoosePaper, 10)
        driver.touch("paper_both")
        driver.until(s.Printing, 10)
        say(event="printing")
        state = driver.until(s.Done, 90)
        assert isinstance(state.screen, s.Done)
        say(event="done", failures=[printed.failure.name for printed in state.screen.ended if printed.failure])
        driver.until(s.Welcome, 60)
        driver.terminal.runtime.settle()
        say(event="welcome")
    driver.stop()
    del application


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:]))
