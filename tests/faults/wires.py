"""What lies between the terminal and the world, and breaks: a wire to a printer, a line to central."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable

from demo.relay import Answer, Line, Relay, Request

BLOCK = 4096
LATE_SECONDS = 1.4
ACT_SECONDS = 30


class Wire:
    """A TCP connection to a printer's port that breaks after so many bytes towards the printer."""

    _act: Callable[[], object]

    def __init__(self, printer_port: int) -> None:
        self._printer_port = printer_port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._done = threading.Event()
        self._done.set()
        self.restore()
        threading.Thread(target=self._accept, daemon=True).start()

    def restore(self) -> None:
        """As new: what was held is dropped."""
        with self._lock:
            self._kind, self._left, self._act = "", 0, _nothing
            self.broken, self.carried = False, 0
            for end in self._ends:
                _shut(end)
            self._ends = []

    def plan(self, kind: str, after: int, act: Callable[[], object]) -> None:
        """Break in this way after so many bytes; `act` is done at that moment."""
        self._kind, self._left, self._act = kind, after, act
        if after <= 0:
            self._break()

    def _accept(self) -> None:
        while True:
            host, _ = self._server.accept()
            if self.broken and self._kind in ("cable pulled", "power off"):
                _shut(host)
                continue
            try:
                printer = socket.create_connection(("127.0.0.1", self._printer_port), 2)
            except OSError:
                _shut(host)
                continue
            with self._lock:
                self._ends += [host, printer]
            for work in (self._up, self._down):
                threading.Thread(target=work, args=(host, printer), daemon=True).start()

    def _up(self, host: socket.socket, printer: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := host.recv(BLOCK):
                self.carried += len(data)
                if self._kind and not self.broken:
                    if len(data) >= self._left:
                        printer.sendall(data[: self._left])
                        rest = data[self._left :]
                        self._break()
                        data = rest
                    else:
                        self._left -= len(data)
                if self.broken and self._kind == "silent":
                    continue
                if data:
                    printer.sendall(data)
        _shut(printer)

    def _down(self, host: socket.socket, printer: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := printer.recv(BLOCK):
                if self.broken and self._kind in ("answers lost", "silent"):
                    continue
                host.sendall(data)
        _shut(host)

    def _break(self) -> None:
        self._done.clear()
        self.broken = True
        if self._kind in ("cable pulled", "power off", "killed and restarted"):
            with self._lock:
                for end in self._ends:
                    _shut(end)
        self._act()
        self._done.set()

    def join(self) -> None:
        """Until what was done at the break is done."""
        self._done.wait(ACT_SECONDS)


def _nothing() -> None:
    """No act."""


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


LIE = {
    "nonsense": Answer(200, {}, b"<html>busy</html>"), "wrong JSON": Answer(200, {}, b'{"surprise": [1, 2]}'),
    "500": Answer(500, {}, b"{}"), "503": Answer(503, {}, b"{}"), "401": Answer(401, {}, b'{"error": "invalid_token"}'),
}  # fmt: skip
"""What central did not say."""


class CentralLine:
    """HTTP between terminal and central: the n-th call of a document goes wrong in a named way."""

    def __init__(self, upstream: str) -> None:
        self.kind, self._at, self._count = "", 0, 0
        self._relay = Relay(upstream, self._serve)
        self.url, self.close = self._relay.url, self._relay.close

    def plan(self, kind: str = "", at: int = 0) -> None:
        """From now on; "" is well."""
        self.kind, self._at, self._count = kind, at, 0

    def _now(self, request: Request) -> str:
        """What happens to this call; calls are counted from the issue on."""
        if self._count or (request.method == "POST" and request.path == "/api/v1/documents"):
            self._count += 1
        if self.kind == "answers lost twice":
            return "lost answer" if self._count in (self._at, self._at + 1) and self._count else ""
        if self.kind == "401 to a repetition":
            return {0: "", self._at: "lost answer", self._at + 1: "401"}.get(self._count, "")
        return self.kind if self._count and self._count == self._at else ""

    def _serve(self, line: Line, request: Request) -> None:
        kind = self._now(request)
        if kind == "lost request":
            line.hang_up()
        elif kind in LIE:
            line.answer(LIE[kind])
        else:
            self._forward(line, request, kind)

    def _forward(self, line: Line, request: Request, kind: str) -> None:
        answer = self._relay.ask(request)
        if kind == "delivered twice":
            answer = self._relay.ask(request)
        if kind in ("never answers", "late answer"):
            time.sleep(LATE_SECONDS)
        if kind in ("lost answer", "never answers"):
            line.hang_up()
            return
        for _ in range(2 if kind == "answered twice" else 1):
            line.answer(answer)
