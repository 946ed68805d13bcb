"""A CUPS daemon for one job: started with an empty spool on tmpfs, killed with all its children when the job is over.

For A4 printers that need a driver. CUPS replays what a crash left (printing.md section 4: a second copy after SIGKILL,
a stranger's page after SIGTERM), so nothing is ever left: no daemon outlives its job, no spool outlives its daemon.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from printing import ipp_call as call
from printing.errors import SpoolerFailed
from printing.ipp_words import A4_MEDIA

CUPSD_PROGRAM = "/usr/sbin/cupsd"
QUEUE = "onecard"
QUEUE_URI = f"ipp://localhost/printers/{QUEUE}"
START_SECONDS = 10.0
SOCKET = "door/cups.sock"
FOLDERS = {"door": 0o700, "etc": 0o755, "spool": 0o710, "cache": 0o770, "tmp": 0o1770, "run": 0o755}
PR_SET_PDEATHSIG = 1
CUPSD = """LogLevel warn
Listen {socket}
Browsing No
WebInterface No
DefaultAuthType None
PreserveJobHistory Yes
PreserveJobFiles No
DirtyCleanInterval 0
MaxLogSize 0
<Policy default>
JobPrivateAccess all
JobPrivateValues none
<Limit All>
Order deny,allow
</Limit>
</Policy>
<Location />
Order allow,deny
Allow localhost
</Location>
"""
FILES = """ServerRoot {root}/etc
RequestRoot {root}/spool
CacheDir {root}/cache
StateDir {root}/run
TempDir {root}/tmp
ErrorLog /dev/null
AccessLog /dev/null
PageLog /dev/null
ServerBin /usr/lib/cups
DataDir /usr/share/cups
SystemGroup root
User {user}
Group {group}
Sandboxing relaxed
"""


@dataclass(frozen=True)
class Spooler:
    """`root`: a folder of our own on tmpfs; `device`: the printer's URI for CUPS; `model`: a driver or `everywhere`."""

    root: Path
    device: str
    model: str = "everywhere"

    @property
    def socket(self) -> Path:
        """Where cupsd listens: in a folder that only we can enter, so nobody else on the machine can print or look."""
        return self.root / SOCKET

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """The queue's URI, at `socket`, while the daemon lives. SpoolerFailed when it can't be started."""
        with self._owned():
            self._wipe()
            demand_open(self.root.parent)
            daemon = self._start()
            try:
                self._wait(daemon)
                self._make_queue()
                self._wait_for_driver()
                yield QUEUE_URI
            finally:
                daemon.kill()
                daemon.wait()
                self._wipe()

    def sweep(self) -> None:
        """Kill what an earlier daemon left running, wipe what it left lying. SpoolerFailed while a program uses it."""
        with self._owned():
            self._wipe()

    def check(self) -> None:
        """SpoolerFailed when no page could be spooled here; nothing is started."""
        demand_memory(self.root)
        demand_open(self.root.parent)
        for program in (CUPSD_PROGRAM, "lpadmin"):
            if shutil.which(program) is None:
                raise SpoolerFailed(f"{program} is not installed")

    @contextlib.contextmanager
    def _owned(self) -> Iterator[None]:
        """One program at a time: a test page must not sweep the terminal's page away. Nothing is wiped off a disk."""
        demand_memory(self.root)
        self.root.parent.mkdir(parents=True, exist_ok=True)
        with self.root.with_name(f"{self.root.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SpoolerFailed("another program is printing with it") from error
            yield

    def _wipe(self) -> None:
        for process in leftovers(self.root):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        shutil.rmtree(self.root, ignore_errors=True)

    def _start(self) -> subprocess.Popen[bytes]:
        user = pwd.getpwnam("lp") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.root.mkdir(parents=True, mode=0o711)
        self.root.chmod(0o711)
        for name, mode in FOLDERS.items():
            (self.root / name).mkdir()
            (self.root / name).chmod(mode)
            os.chown(self.root / name, os.geteuid(), user.pw_gid)
        (self.root / "etc" / "cupsd.conf").write_text(CUPSD.format(socket=self.socket))
        names = {"user": user.pw_name, "group": "lp" if os.geteuid() == 0 else str(user.pw_gid)}
        (self.root / "etc" / "cups-files.conf").write_text(FILES.format(root=self.root, **names))
        etc = self.root / "etc"
        command = [CUPSD_PROGRAM, "-f", "-c", str(etc / "cupsd.conf"), "-s", str(etc / "cups-files.conf")]
        quiet = subprocess.DEVNULL
        try:
            return subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, preexec_fn=_die_with_parent)
        except OSError as error:
            raise SpoolerFailed("cupsd is not installed") from error

    def _wait(self, daemon: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and daemon.poll() is None:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(self.socket))
                return
            time.sleep(0.01)
        raise SpoolerFailed("cupsd did not start")

    def _make_queue(self) -> None:
        """`everywhere` asks the printer; stop-printer: a job that failed waits for us, it is not tried again."""
        command = ["lpadmin", "-h", str(self.socket), "-p", QUEUE, "-E", "-v", self.device, "-m", self.model,
                   "-o", "printer-error-policy=stop-printer"]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=START_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            raise SpoolerFailed("lpadmin could not make the queue") from error

    def _wait_for_driver(self) -> None:
        """cupsd answers lpadmin first and asks the printer for an `everywhere` driver then, in a thread.

        A job that comes before goes out raw, or is aborted: "Unable to convert file 0 to printable format" (measured,
        1 of 500 on a busy machine; scheduler/ipp.c of CUPS 2.4.2, create_local_bg_thread). The driver's attributes
        appear all at once, under the queue's lock (scheduler/printers.c, cupsdSetPrinterAttrs).
        """

        async def media() -> list[str]:
            async with call.client(QUEUE_URI, 1, str(self.socket)) as queue:
                return await call.ask_media(queue)

        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(*call.failures()):
                if A4_MEDIA in asyncio.run(media()):
                    return
            time.sleep(0.02)
        raise SpoolerFailed("the queue got no driver")


def leftovers(root: Path) -> list[int]:
    """Processes that CUPS started for this root: filters and backends outlive their daemon, but name it."""
    mark = f"CUPS_SERVERROOT={root}/etc".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "environ").read_bytes().split(b"\0") + (process / "cmdline").read_bytes().split(b"\0")
            if mark in words or f"{root}/etc/cupsd.conf".encode() in words:
                found.append(int(process.name))
    return found


def demand_memory(root: Path) -> None:
    """SpoolerFailed unless the folder lies in memory: a page must never reach a disk."""
    place = root.resolve()
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
    above = [
        (len(line[4]), index, line[line.index("-") + 1])
        for index, line in enumerate(mounts)
        if place.is_relative_to(line[4])
    ]
    if max(above)[2] not in ("tmpfs", "ramfs"):
        raise SpoolerFailed(f"{root} is not on tmpfs")


def demand_open(folder: Path) -> None:
    """SpoolerFailed when CUPS's own user couldn't walk to the spool: every page would be stopped inside, unknown."""
    if os.geteuid() == 0 and any(not place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.parents)):
        raise SpoolerFailed(f"{folder} is not open to the user lp")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
