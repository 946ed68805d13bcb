"""Pages that try things, served on loopback, and the view's program as the terminal starts it."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kiosk.site_view.rules import origin_of

PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>t</title>'
ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Pages:
    """A server: `pages` by path, `asked` what was asked of it. An empty page never answers."""

    pages: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    over: threading.Event = field(default_factory=threading.Event)


def _handler(served: Pages) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            served.asked.append(path)
            page = served.pages.get(path, "<p>here")
            if not page:
                served.over.wait()
                return
            redirect = page.removeprefix("to:") if page.startswith("to:") else ""
            raw = (PAGE + page).encode()
            self.send_response(303 if redirect else 200)
            if redirect:
                self.send_header("Location", redirect)
            if path.startswith("/file"):
                self.send_header("Content-Disposition", 'attachment; filename="file.exe"')
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving() -> Iterator[Pages]:
    """A server on a free port."""
    served = Pages()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield served
    finally:
        served.over.set()
        server.shutdown()
        server.server_close()


class View:
    """The view's program, opened at an address; `home` is all that it may write to."""

    def __init__(self, address: str, *origins: str, home: Path, extra: dict[str, str] | None = None) -> None:
        assert origin_of(address) is not None
        given = {"HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
        self.child = subprocess.Popen(
            (sys.executable, "-m", "kiosk.site_view"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, cwd=home, env=given | (extra or {}), text=True, start_new_session=True,
        )  # fmt: skip
        self.heard: list[dict[str, str]] = []
        self.say({"address": address, "origins": origins or (address,), "language": "zh"})
        self.say({"show": [0, 0, 1080, 1200, 2.0]})

    def say(self, line: object) -> None:
        """One line to it."""
        assert self.child.stdin is not None
        self.child.stdin.write(json.dumps(line) + "\n")
        self.child.stdin.flush()

    def until(self, event: str, what: str | None = None) -> dict[str, str]:
        """The next such line; the test's own time-out ends a wait in vain. An end without one is an error."""
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self.heard.append(json.loads(line))
            if self.heard[-1]["event"] == event and what in (None, self.heard[-1].get("what")):
                return self.heard[-1]
        raise AssertionError(f"the view ended without {event} {what}: {self.heard}")

    def stop(self) -> None:
        """As the terminal does."""
        self.child.kill()
        self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass
