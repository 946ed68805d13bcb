"""Before an IPP printer: answers to Get-Printer-Attributes get `printer-impressions-completed` (PWG 5100.7).

`ippeveprinter` has no counter of its own; many printers have. Everything else passes as it is.
"""

import contextlib
import http.client
import socketserver
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GET_PRINTER_ATTRIBUTES = b"\x00\x0b"
END_OF_ATTRIBUTES = b"\x03"
INTEGER = b"\x21"
NAME = b"printer-impressions-completed"
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


def counted(answer: bytes, count: int) -> bytes:
    """The answer with the counter as its last attribute (RFC 8010 section 3.1: tag, name, value)."""
    if not answer.endswith(END_OF_ATTRIBUTES):
        return answer
    value = count.to_bytes(4, "big")
    field = INTEGER + len(NAME).to_bytes(2, "big") + NAME + len(value).to_bytes(2, "big") + value
    return answer[:-1] + field + END_OF_ATTRIBUTES


class CounterServer(ThreadingHTTPServer):
    """`printer_port`: where the printer is now; `count`: how many sheets it ever printed."""

    daemon_threads = True

    def __init__(self, port: int, printer_port: int, count: Callable[[], int]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.printer_port, self.count = printer_port, count
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def passed_on(self, body: bytes) -> bytes:
        """What the printer gets to hear."""
        return body

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is daily life."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not ours to log."""

    def do_POST(self) -> None:
        """One IPP operation; the connection is closed when the printer is away."""
        server: socketserver.BaseServer = self.server
        assert isinstance(server, CounterServer)
        body = self._body()
        printer = http.client.HTTPConnection("127.0.0.1", server.printer_port, timeout=60)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            headers.pop("Expect", None)
            printer.request("POST", self.path, server.passed_on(body), headers)
            response = printer.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.close()
            return
        finally:
            printer.close()
        if body[2:4] == GET_PRINTER_ATTRIBUTES:
            answer = counted(answer, server.count())
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)
