"""`simulators a4`: a real IPP printer (`ippeveprinter`) with the private D-Bus and avahi that it insists on.

Its print command is `a4_command.py`; switches reach it as files in a control folder (printing.md section 4).
"""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from simulators.control import Answer, say, serve_commands
from simulators.page_counter import CounterServer

PRINTER_NAME = "OneCard A4"
A4_SIZE = "iso_a4_210x297mm"
ENVELOPES = {"size3": "na_number-10_4.125x9.5in", "type3": "envelope", "level3": "-2"}
START_SECONDS = 20
PR_SET_PDEATHSIG = 1

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_type="signal"/><allow send_type="method_return"/><allow send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="signal"/><allow receive_type="method_return"/>
<allow receive_type="error"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
</policy></busconfig>
"""
AVAHI_CONFIG = """[server]
host-name=onecard{pid}
use-ipv4=yes
use-ipv6=no
allow-interfaces=lo
enable-dbus=yes
[wide-area]
enable-wide-area=no
[publish]
publish-workstation=no
[rlimits]
"""


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class A4Printer:
    """dbus-daemon, avahi-daemon and ippeveprinter, and the switches of the machine."""

    def __init__(self, out: Path, port: int, *, counter: bool = False) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="onecard-a4-"))
        self._control = self._home / "control"
        self._control.mkdir()
        self._out, self.port = out.resolve(), port or _free_port()
        self._counter_port = _free_port() if counter else 0
        out.mkdir(parents=True, exist_ok=True)
        self._children: list[subprocess.Popen[bytes]] = []
        self._printer: subprocess.Popen[bytes] | None = None
        self._environment = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={self._home}/bus")

    @property
    def uri(self) -> str:
        """Where IPP clients find the printer."""
        return f"ipp://localhost:{self._counter_port or self.port}/ipp/print"

    def _sheets_so_far(self) -> int:
        counter = self._control / ".sheets"
        return int(counter.read_text() or 0) if counter.exists() else 0

    def start(self) -> None:
        """Start all three; RuntimeError names the one that did not come up."""
        bus, avahi = self._home / "bus.conf", self._home / "avahi.conf"
        bus.write_text(BUS_CONFIG.format(socket=self._home / "bus"))
        avahi.write_text(AVAHI_CONFIG.format(pid=os.getpid()))
        self._spawn("dbus-daemon", f"--config-file={bus}", "--nofork", "--nopidfile")
        self._wait("dbus-daemon", (self._home / "bus").exists)
        self._spawn("avahi-daemon", "-f", str(avahi), "--no-drop-root", "--no-chroot", "--no-rlimits")
        self._start_printer()
        if self._counter_port:
            CounterServer(self._counter_port, self.port, self._sheets_so_far)
        threading.Thread(target=self._watch_pages, daemon=True).start()

    def _spawn(self, *command: str) -> subprocess.Popen[bytes]:
        log = (self._home / f"{command[0]}.log").open("ab")
        child = subprocess.Popen(
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=_die_with_parent,
            start_new_session=True,
        )
        log.close()
        self._children.append(child)
        return child

    def _start_printer(self) -> None:
        script = Path(__file__).with_name("a4_command.py")
        command = self._home / "print"
        words = (sys.executable, script, self._control, self._out, f"ipp://localhost:{self.port}/ipp/print")
        quoted = " ".join(f'"{each}"' for each in words)
        command.write_text(f'#!/bin/sh\nexec {quoted} "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        spool = self._home / "spool"
        spool.mkdir(exist_ok=True)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self._printer = self._spawn(
                "ippeveprinter", "-r", "off", "-v", "-k", "-d", str(spool), "-n", "localhost", "-p", str(self.port),
                "-2", "-f", "application/pdf", "-c", str(command), PRINTER_NAME,
            )  # fmt: skip
            if self._answers(deadline):
                self.load(["250"])
                return
        raise RuntimeError(f"ippeveprinter did not start; see {self._home}/ippeveprinter.log.")

    def _answers(self, deadline: float) -> bool:
        """True when it listens; False when it ended because avahi is not on the bus yet."""
        while time.monotonic() < deadline and self._printer is not None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if self._printer.poll() is not None:
                    return False
                time.sleep(0.02)
            else:
                return True
        return False

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start; see {self._home}/{name}.log.")
            time.sleep(0.01)

    def _watch_pages(self) -> None:
        seen: set[str] = set()
        while True:
            for done in sorted(self._out.glob("job-*.json")):
                if done.name not in seen:
                    seen.add(done.name)
                    note = json.loads(done.read_text(encoding="utf-8"))
                    say(event="page" if note["complete"] else "torn", **note)
            time.sleep(0.05)

    def switch(self, name: str, value: str | None) -> Answer:
        """A switch is a file in the control folder; None removes it."""
        path = self._control / name
        if value is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(value)
        return self.status([])

    def clear(self, _words: list[str]) -> Answer:
        """Open, take the paper out, close: no jam, and none to come."""
        for name in ("jam-after", "abort-next"):
            self.switch(name, None)
        return self.switch("media-jam", None)

    def load(self, words: list[str]) -> Answer:
        """`tray SHEETS`: A4 in the tray, as a person would say at the printer's own panel (a web form)."""
        return self._panel("media", size1=A4_SIZE, type1="stationery", level1=words[0], **ENVELOPES)

    def toner(self, words: list[str]) -> Answer:
        """`toner PERCENT`."""
        return self._panel("supplies", supply0="25", supply1=words[0])

    def _panel(self, page: str, **fields: str) -> Answer:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{page}?{urlencode(fields)}", timeout=5) as answer:
            answer.read()
        return self.status([])

    def offline(self, _words: list[str]) -> Answer:
        """Pull the network plug: the printer's process stops answering; the sheet in the machine still comes out."""
        return self._end_printer(lambda printer: printer.kill())

    def power_off(self, _words: list[str]) -> Answer:
        """Pull the power plug: nothing comes out any more, not even what was half printed."""
        return self._end_printer(lambda printer: os.killpg(printer.pid, signal.SIGKILL))

    def _end_printer(self, end: Callable[[subprocess.Popen[bytes]], None]) -> Answer:
        if self._printer is not None:
            end(self._printer)
            self._printer.wait()
            self._children.remove(self._printer)
            self._printer = None
        return self.status([])

    def freeze(self, words: list[str]) -> Answer:
        """`freeze on`: its firmware hangs, connections stay open and nothing is answered; `freeze off`: it goes on."""
        if self._printer is not None:
            self._printer.send_signal(signal.SIGSTOP if words[0] == "on" else signal.SIGCONT)
        return self.status([])

    def online(self, _words: list[str]) -> Answer:
        """Plug it in again; it has forgotten its jobs."""
        if self._printer is None:
            self._start_printer()
        return self.status([])

    def status(self, _words: list[str]) -> Answer:
        """All switches."""
        switches = {path.name: path.read_text() for path in self._control.glob("[!.]*")}
        return {"online": self._printer is not None, "switches": switches}

    def stop(self) -> None:
        """End all three and remove the private folder."""
        for child in reversed(self._children):
            child.terminate()
        for child in self._children:
            child.wait()
            try:
                os.killpg(child.pid, signal.SIGKILL)  # a print command that was still at work
            except ProcessLookupError:
                pass
        shutil.rmtree(self._home, ignore_errors=True)


def run_a4(out: Path, port: int, *, counter: bool = False) -> None:
    """Serve until a signal ends it. `counter`: it counts its pages, as many printers do and `ippeveprinter` doesn't."""
    printer = A4Printer(out, port, counter=counter)
    try:
        printer.start()
        say(event="ready", uri=printer.uri, port=printer.port)
        serve_commands(
            {
                "paper": lambda words: printer.switch("media-empty", None if words[0] == "ok" else "1"),
                "cover": lambda words: printer.switch("cover-open", "1" if words[0] == "open" else None),
                "jam": lambda _words: printer.switch("media-jam", "1"),
                "clear": printer.clear,
                "abort-next": lambda _words: printer.switch("abort-next", "1"),
                "jam-after": lambda words: printer.switch("jam-after", words[0]),
                "pictures": lambda words: printer.switch("no-pictures", None if words[0] == "on" else "1"),
                "tray": printer.load,
                "toner": printer.toner,
                "power-off": printer.power_off,
                "freeze": printer.freeze,
                "delay": lambda words: printer.switch("delay", words[0]),
                "offline": printer.offline,
                "online": printer.online,
                "status": printer.status,
            }
        )
    finally:
        printer.stop()
