"""The street's page: cards to insert and pull, printers to empty and jam, central to switch off, and the paper."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from demo.parts.process import PartFailed
from demo.street import Street

PAGE = Path(__file__).parent / "street.html"
PEOPLE = ((4, ()), (128, ()), (627, ()), (3, ()), (6, ()), (10, ("--expired",)))
SWITCHES = {
    "thermal": {"paper ok", "paper out", "paper near-end", "cover open", "cover closed", "out-after 400", "online",
                "offline", "cutter fault", "cutter ok"},
    "a4": {"paper ok", "paper out", "jam", "clear", "cover open", "cover closed", "abort-next", "offline", "online"},
    "proxy": {"ok", "down", "slow 8", "nonsense", "clock 3600"},
}  # fmt: skip


class Panel:
    """What the page's buttons do, on the street's parts."""

    def __init__(self, street: Street) -> None:
        self._street, self._lock = street, threading.Lock()
        self.cards = {person: self._card(person, options) for person, options in PEOPLE}
        self.inside: int | None = None

    def _card(self, person: int, options: tuple[str, ...]) -> dict[str, Any]:
        path = self._street.personalise(person, *options)
        content = json.loads(path.read_text(encoding="utf-8"))
        name = self._street.central.record(person, "contributions")["person"]["name"]
        return {
            "person": person, "name": name, "pin": content["pin"], "generation": content["generation"],
            "expired": "--expired" in options, "path": path,
        }  # fmt: skip

    def state(self) -> dict[str, Any]:
        """Everything the page shows."""
        cards = [{key: value for key, value in card.items() if key != "path"} for card in self.cards.values()]
        slips = [Path(str(line["png"])).name for line in self._street.thermal.slips]
        pages = [[Path(png).name for png in _names(line["png"])] for line in self._street.a4.pages]
        return {"cards": cards, "inside": self.inside, "slips": slips, "pages": pages}

    def insert(self, person: int) -> None:
        """Put a resident's card in."""
        with self._lock:
            self._street.card.insert(self.cards[person]["path"])
            self.inside = person

    def remove(self) -> None:
        """Pull the card."""
        with self._lock:
            self._street.card.remove()
            self.inside = None

    def switch(self, part: str, command: str) -> None:
        """Throw a switch that the page knows."""
        if command not in SWITCHES.get(part, set()):
            raise KeyError(command)
        parts = {"thermal": self._street.thermal, "a4": self._street.a4, "proxy": self._street.proxy}
        parts[part].ask(command)

    def picture(self, name: str) -> bytes | None:
        """A slip or a page by its file name."""
        for folder in (self._street.thermal.out, self._street.a4.out):
            path = folder / Path(name).name
            if path.suffix == ".png" and path.exists():
                return path.read_bytes()
        return None


def _names(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


class Handler(BaseHTTPRequestHandler):
    """Loopback only; same-origin only, so that no page elsewhere throws our switches."""

    def __init__(self, panel: Panel, screen_port: int | None, *arguments: Any) -> None:
        self._panel, self._screen_port = panel, screen_port
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """The page, its state, its pictures."""
        if self.path == "/":
            page = PAGE.read_text(encoding="utf-8").replace("{screen_port}", str(self._screen_port or ""))
            self._give("text/html; charset=utf-8", page.encode())
        elif self.path == "/state":
            self._give("application/json", json.dumps(self._panel.state(), ensure_ascii=False).encode())
        else:
            picture = self._panel.picture(self.path.rsplit("/", maxsplit=1)[-1])
            self._give("image/png", picture) if picture else self.send_error(404)

    def do_POST(self) -> None:
        """A button: `/insert/7`, `/remove`, `/switch/PART/COMMAND`."""
        if self.headers.get("X-Street") != "1":
            self.send_error(403)
            return
        words = [part.replace("%20", " ") for part in self.path.strip("/").split("/")]
        actions: dict[str, Callable[..., None]] = {
            "insert": lambda person: self._panel.insert(int(person)),
            "remove": self._panel.remove,
            "switch": self._panel.switch,
        }
        try:
            actions[words[0]](*words[1:])
            self._give("application/json", b"{}")
        except (KeyError, ValueError, TypeError, PartFailed):
            self.send_error(400)

    def _give(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged."""


@contextmanager
def serve_page(street: Street, port: int, screen_port: int | None) -> Iterator[str]:
    """Serve the page on loopback; gives its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, Panel(street), screen_port))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
