"""A relay between terminal and central: it takes each call whole, and its owner decides what becomes of it."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlparse

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
"""Headers of one connection: never passed on."""


@dataclass(frozen=True)
class Request:
    """As it came from the terminal."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """As it came from central; `length` replaces the Content-Length."""

    status: int
    headers: dict[str, str]
    body: bytes
    length: str | None = None

    def raw(self) -> bytes:
        """HTTP/1.1."""
        lines = [f"HTTP/1.1 {self.status} X", *(f"{name}: {value}" for name, value in self.headers.items())]
        lines.append(f"Content-Length: {self.length or len(self.body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body

    def with_header(self, name: str, value: str) -> "Answer":
        """One header more, or another value of it."""
        others = {key: item for key, item in self.headers.items() if key.lower() != name.lower()}
        return replace(self, headers={**others, name: value})


class Line(BaseHTTPRequestHandler):
    """One connection of the terminal."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Relay"

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.serve(self, Request(self.command, self.path, dict(self.headers.items()), body))

    do_GET = do_POST = do_DELETE = _serve

    def hang_up(self) -> None:
        """No answer."""
        self.close_connection = True
        self.connection.close()

    def answer(self, answer: Answer, shift: float = 0) -> None:
        """This answer, dated now, or so many seconds off."""
        dated = answer.with_header("Date", formatdate(time.time() + shift, usegmt=True))
        self.wfile.write(dated.raw())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: requests are not ours to log."""


class Relay(ThreadingHTTPServer):
    """Hands each call to `serve`. A client that hangs up in the middle is daily life here, not an error to print."""

    daemon_threads = True

    def __init__(self, upstream: str, serve: Callable[[Line, Request], None], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Line)
        self._upstream, self.serve = urlparse(upstream), serve
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Drop the connection silently."""

    def ask(self, request: Request) -> Answer:
        """What central says."""
        connection = http.client.HTTPConnection(self._upstream.hostname or "", self._upstream.port, timeout=30)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
        connection.request(request.method, request.path, request.body or None, headers)
        response = connection.getresponse()
        kept = {name: value for name, value in response.getheaders() if name.lower() not in HOP}
        answer = Answer(response.status, kept, response.read())
        connection.close()
        return answer

    def close(self) -> None:
        """End it."""
        self.shutdown()
        self.server_close()
