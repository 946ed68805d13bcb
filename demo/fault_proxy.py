"""`python -m demo.fault_proxy`: stands between terminal and central and misbehaves on command.

Modes: ok · down · slow SECONDS · nonsense · wrong-json · clock SECONDS · status CODE · drop-answer N
(forwards the next N POSTs and drops their answers: the dangerous case).
"""

import http.client
import json
import sys
import threading
import time
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlparse

import typer

HOP_HEADERS = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
MODES = ("ok", "down", "slow", "nonsense", "wrong-json", "clock", "status", "drop-answer")


@dataclass
class Behaviour:
    """What the proxy does now. `drops`: answers still to be dropped."""

    mode: str = "ok"
    value: float = 0
    drops: int = 0


class Handler(BaseHTTPRequestHandler):
    """One connection from the terminal."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body leave apart; the body would wait 40 ms for an ACK
    behaviour = Behaviour()
    upstream = urlparse("http://127.0.0.1:1")

    def _serve(self) -> None:
        now = self.behaviour
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if now.mode == "down":
            self.close_connection = True
            self.connection.close()
            return
        if now.mode == "slow":
            time.sleep(now.value)
        made = {"nonsense": b"<html>busy</html>", "wrong-json": b'{"surprise": [1, 2]}'}.get(now.mode)
        if made is not None:
            self._answer(200, {"Content-Type": "application/json"}, made, 0)
            return
        if now.mode == "status":
            self._answer(int(now.value), {}, b"{}", 0)
            return
        status, headers, answer = self._forward(body)
        if now.drops and self.command == "POST":
            now.drops -= 1
            self.close_connection = True
            self.connection.close()
            return
        self._answer(status, headers, answer, now.value if now.mode == "clock" else 0)

    do_GET = do_POST = _serve

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.upstream.hostname or "", self.upstream.port, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_HEADERS}
        connection.request(self.command, self.path, body or None, headers)
        response = connection.getresponse()
        kept = {name: value for name, value in response.getheaders() if name.lower() not in HOP_HEADERS}
        answer = response.read()
        connection.close()
        return response.status, kept, answer

    def _answer(self, status: int, headers: dict[str, str], body: bytes, shift: float) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Date", formatdate(time.time() + shift, usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: requests are not ours to log."""


class Server(ThreadingHTTPServer):
    """A client that hangs up in the middle is daily life here, not an error to print."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Drop the connection silently."""


def _say(**fields: object) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def _obey(words: list[str], behaviour: Behaviour) -> dict[str, object]:
    name, value = words[0], float(words[1]) if len(words) > 1 else 0
    if name not in MODES:
        return {"error": f"unknown mode; known: {', '.join(MODES)}"}
    if name == "drop-answer":
        behaviour.drops = int(value)
    else:
        behaviour.mode, behaviour.value = name, value
    return {"mode": behaviour.mode}


def main(upstream: str, port: int = 0) -> None:
    """Serve until a signal ends it."""
    Handler.upstream = urlparse(upstream)
    server = Server(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _say(event="ready", url=f"http://127.0.0.1:{server.server_address[1]}")
    for line in sys.stdin:
        if line.strip():
            _say(answer=line.split()[0], **_obey(line.split(), Handler.behaviour))
    threading.Event().wait()


if __name__ == "__main__":
    typer.run(main)
