"""`simulators thermal`: an ESC/POS printer on a TCP port or a serial line, with the speed and answers of hardware."""

import os
import socket
import threading
import time
import tty
from collections import deque
from collections.abc import Callable
from pathlib import Path

from simulators.control import Answer, say, serve_commands
from simulators.escpos import Decoder, Op, RealTime, Text, Token
from simulators.slip_picture import SlipPicture

PROCESS_ID_PREFIX = bytes([48, 48])
SPOKEN = ("cut", "long-H", "transmit-status", "auto-status", "maintenance")
FEEDS, CUTS = 148, 178
DOTS_A_LINE = 30

Send = Callable[[bytes], object]


class Faults:
    """The switches that an attendant or a vandal can reach."""

    def __init__(self) -> None:
        self.paper = "ok"
        self.cover_open = False
        self.online = True
        self.cutter_ok = True
        self.silent = False
        self.out_after: int | None = None
        self.cut_off_after: int | None = None

    @property
    def can_print(self) -> bool:
        """Would the head move now?"""
        return self.paper != "out" and not self.cover_open and self.online and self.cutter_ok

    def automatic_status(self) -> bytes:
        """The four bytes of GS a: 0xx1xx00, errors, paper, 0."""
        first = 0x10 | (0 if self.can_print else 0x08) | (0x20 if self.cover_open else 0)
        paper = {"ok": 0, "near-end": 0x03, "out": 0x0F}[self.paper]
        return bytes([first, 0 if self.cutter_ok else 0x08, paper, 0])

    def real_time_answer(self, n: int) -> bytes:
        """DLE EOT n, with the fixed bits 1 and 4 set (0xx1xx10)."""
        bits = {
            1: 0x08 if not self.can_print else 0,
            2: (0x04 if self.cover_open else 0)
            | (0x20 if self.paper == "out" else 0)
            | (0 if self.cutter_ok else 0x40),
            3: 0 if self.cutter_ok else 0x08,
            4: {"ok": 0, "near-end": 0x0C, "out": 0x6C}[self.paper],
        }.get(n)
        return b"" if bits is None else bytes([0x12 | bits])


class Thermal:
    """The machine: a connection thread reads, one head thread prints, one lock between them."""

    def __init__(self, out: Path, port: int, rows_per_second: int, *, serial: bool = False) -> None:
        self._out, self._speed = out, rows_per_second
        self._automatic, self._counters = False, {FEEDS: 0, CUTS: 0}
        self._changed = threading.Condition()
        self._faults = Faults()
        self._queue: deque[tuple[Token, bytes]] = deque()
        self._picture, self._bytes = SlipPicture(), b""
        self._send: Send | None = None
        self._slips, self.device = 0, ""
        out.mkdir(parents=True, exist_ok=True)
        self._hanging = out / "hanging.bin"
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        works = [self._accept, self._print]
        if serial:
            self._master, slave = os.openpty()
            tty.setraw(slave)
            self.device = os.ttyname(slave)
            works.append(self._serve_line)
        for work in works:
            threading.Thread(target=work, daemon=True).start()

    def _serve_line(self) -> None:
        """The serial line: it has no connections, so there is one decoder for good."""
        self._read(lambda: os.read(self._master, 65536), lambda data: os.write(self._master, data))

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            try:
                self._read(lambda client=client: client.recv(65536), client.sendall)  # type: ignore[misc]  # bound now
            except OSError:
                pass  # the host closed hard; what it sent is still printed, as on a real machine
            client.close()

    def _read(self, receive: Callable[[], bytes], send: Send) -> None:
        decoder = Decoder()
        while data := receive():
            with self._changed:
                self._send = send  # who spoke last is answered
                if self._cut_off(len(data)):
                    return
                for token, raw in decoder.feed(data):
                    if isinstance(token, RealTime):
                        self._real_time(token, decoder)
                    else:
                        self._queue.append((token, raw))
                self._changed.notify_all()

    def _cut_off(self, count: int) -> bool:
        if self._faults.cut_off_after is None:
            return False
        self._faults.cut_off_after -= count
        if self._faults.cut_off_after > 0:
            return False
        self._faults.cut_off_after = None
        self._forget()
        return True

    def _real_time(self, token: RealTime, decoder: Decoder) -> None:
        if token.kind == 0x04 and not self._faults.silent:
            self._answer(self._faults.real_time_answer(token.n))
        elif (token.kind, token.n) in ((0x05, 2), (0x14, 8)):
            decoder.clear()
            self._forget()

    def _forget(self) -> None:
        self._queue.clear()
        if not self._picture.empty:
            self._save(complete=False)

    def _answer(self, data: bytes) -> None:
        if self._send is not None and data:
            try:
                self._send(data)
            except OSError:
                self._send = None

    def _print(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue and self._faults.can_print)
                token, raw = self._queue.popleft()
                rows = self._step(token, raw)
            if rows:
                time.sleep(rows / self._speed)  # the head's own speed

    def _step(self, token: Token, raw: bytes) -> int:
        self._bytes += raw
        with self._hanging.open("ab") as paper:  # what is on paper stays on it, even if the power goes now
            paper.write(raw)
        if isinstance(token, Op) and token.name in SPOKEN:
            self._act(token)
            return 0
        rows = self._picture.apply(token) if isinstance(token, Text | Op) else 0
        self._counters[FEEDS] += -(-rows // DOTS_A_LINE)
        if self._faults.out_after is not None:
            self._faults.out_after -= len(raw)
            if self._faults.out_after <= 0:
                self._faults.out_after, self._faults.paper = None, "out"
                say(event="paper", paper="out")
                self._push()
        return rows

    def _push(self) -> None:
        if self._automatic and not self._faults.silent:
            self._answer(self._faults.automatic_status())

    def _act(self, token: Op) -> None:
        if token.name == "cut":
            self._counters[CUTS] += 1
            self._save(complete=True)
        elif token.name == "auto-status":
            self._automatic = token.args != b"\0"
            self._push()
        elif self._faults.silent:
            return
        elif token.name == "maintenance" and token.args[0] == 0x32:
            self._answer(b"\x5f" + str(self._counters.get(token.args[2], 0)).encode() + b"\x00")
        elif token.name == "long-H" and token.args[:2] == PROCESS_ID_PREFIX:
            self._answer(b"\x37\x22" + token.args[2:6] + b"\x00")
        elif token.name == "transmit-status":
            self._answer(bytes([{"ok": 0x00, "near-end": 0x03, "out": 0x0F}[self._faults.paper]]))

    def _save(self, *, complete: bool) -> None:
        self._hanging.unlink(missing_ok=True)
        if self._picture.empty:
            return
        self._slips += 1
        png, raw = (self._out / f"slip-{self._slips:03}{suffix}" for suffix in (".png", ".bin"))
        self._picture.image().save(png)
        raw.write_bytes(self._bytes)
        self._picture, self._bytes = SlipPicture(mode=self._picture.mode), b""
        say(event="slip", png=str(png), bin=str(raw), complete=complete)

    def set(self, **changes: object) -> Answer:
        """Throw switches and let the head look again."""
        with self._changed:
            for name, value in changes.items():
                setattr(self._faults, name, value)
            self._push()
            self._changed.notify_all()
        return self.status([])

    def paper(self, words: list[str]) -> Answer:
        """`paper ok|near-end|out`."""
        if words[0] not in ("ok", "near-end", "out"):
            raise ValueError("paper is ok, near-end or out")
        return self.set(paper=words[0])

    def switch_off(self, _words: list[str]) -> Answer:
        """`offline`."""
        return self.set(online=False)

    def switch_on(self, _words: list[str]) -> Answer:
        """`online`."""
        return self.set(online=True)

    def status(self, _words: list[str]) -> Answer:
        """All switches, and how many slips came out."""
        with self._changed:
            return {**vars(self._faults), "slips": self._slips, "waiting": len(self._queue)}


def run_thermal(out: Path, port: int, rows_per_second: int, *, serial: bool = False) -> None:
    """Serve until a signal ends it."""
    machine = Thermal(out, port, rows_per_second, serial=serial)
    say(event="ready", port=machine.port, device=machine.device)
    serve_commands(
        {
            "paper": machine.paper,
            "cover": lambda words: machine.set(cover_open=words[0] == "open"),
            "online": machine.switch_on,
            "offline": machine.switch_off,
            "cutter": lambda words: machine.set(cutter_ok=words[0] == "ok"),
            "silent": lambda words: machine.set(silent=words[0] == "on"),
            "out-after": lambda words: machine.set(out_after=int(words[0])),
            "cut-off-after": lambda words: machine.set(cut_off_after=int(words[0])),
            "status": machine.status,
        }
    )
