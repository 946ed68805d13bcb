"""Another system's page, in a process of its own: started with a ticket, placed, watched, and ended at once.

The address with its ticket goes there on standard input: never in arguments, never on disk, never in the log.
"""

import importlib.util
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import astuple
from pathlib import Path
from urllib.parse import urlsplit

from backend_client.client.central import Central, HolderSession
from backend_client.client.errors import CentralError, Refused, SessionExpired
from kiosk.failures import Failure
from kiosk.phone_work import demand_scope
from kiosk.session import events as e
from kiosk.session.state import Site
from kiosk.site_view.rules import Place
from kiosk.visit import Visit

log = logging.getLogger(__name__)

SCOPE, UNKNOWN = "openid", "unknown_site"
PROGRAM = (sys.executable, "-m", "kiosk.site_view")
ROOT = Path(__file__).resolve().parents[1]
OF_THE_DISPLAY = ("DISPLAY", "XAUTHORITY", "QT_QPA_PLATFORM", "LANG", "LC_ALL", "PATH")
IN_MEMORY = Path("/dev/shm")
PATIENCE_SECONDS = 20.0
LONGEST_LINE = 1000
FAILURES = {"load": Failure.SITE_DOWN, "elsewhere": Failure.SITE_DOWN}
"""What the view says of a page that it can't show; everything else is an end that nobody wanted."""

Post = Callable[[e.Event], None]


def installed() -> bool:
    """Is the view there? A built program has none: it would have to carry a whole browser."""
    return not hasattr(sys, "frozen") and importlib.util.find_spec("PyQt6.QtWebEngineCore") is not None


def listed(central: Central) -> tuple[Site, ...]:
    """The sites that central lists; none where the platform knows no such list. CentralError."""
    try:
        return tuple(Site(one.client_id, one.zh, one.en, one.card) for one in central.sites())
    except Refused as error:
        log.info("the platform lists no sites: %s", error)
        return ()


def origin(address: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


class SiteDesk:
    """At most one page. `central`: the address whose sign-in page the site sends the holder to."""

    def __init__(
        self, central: str, post: Post, program: tuple[str, ...] = PROGRAM, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._central, self._post, self._program, self._patience = central, post, program, patience
        self._lock = threading.Lock()
        self._wanted = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._placed: Place | None = None
        self.offered = False

    @property
    def scopes(self) -> tuple[str, ...]:
        """What a sign-in asks for so that sites can be opened; nothing where there are none."""
        return (SCOPE,) if self.offered else ()

    def expect(self) -> int:
        """A page is wanted from now on, until `close`; the number is for `open`."""
        with self._lock:
            self._wanted += 1
            return self._wanted

    def open(self, number: int, visit: Visit, site: str, language: str) -> None:
        """Get the ticket, show the page, tell what happens, until it is closed. CentralError. On a worker's thread."""
        session = visit.session
        if session is None:
            return
        address = self._ticket(number, visit, session, site)
        if address is None:
            return
        place = IN_MEMORY if IN_MEMORY.is_dir() else None
        try:
            with tempfile.TemporaryDirectory(prefix="onecard-site-", dir=place, ignore_cleanup_errors=True) as folder:
                child = self._start(number, address, language, folder)
                if child is not None:
                    self._follow(number, child, visit.number)
        except OSError as error:
            log.warning("the view did not start: %s", error.strerror)
            self._ended(number, visit.number, Failure.SITE_ENDED)

    def close(self) -> None:
        """End the page's program, whatever it does; returns at once."""
        with self._lock:
            self._wanted, self._placed, child = self._wanted + 1, None, self._child
            if child is not None:
                _kill(child)

    def place(self, place: Place | None) -> None:
        """Show the page here, or hide it; cheap when nothing changed."""
        with self._lock:
            if self._child is not None and place != self._placed:
                self._placed = place
                _send(self._child, {"show": None if place is None else astuple(place)})

    def _ticket(self, number: int, visit: Visit, session: HolderSession, site: str) -> str | None:
        """None when nobody wants it any more, or the platform knows no such site."""
        try:
            if SCOPE in session.scope.split():
                return session.open_site(site)
            if visit.card is not None:  # signed in before the sites were listed: the next sign-in covers them
                raise SessionExpired("insufficient_scope")
            demand_scope(session, SCOPE)
        except CentralError as error:
            if number != self._wanted:
                return None
            if not (isinstance(error, Refused) and error.code == UNKNOWN):
                raise
            log.warning("the platform does not know the site %s", site)
            self._ended(number, visit.number, Failure.SITE_DOWN)
        return None

    def _start(self, number: int, address: str, language: str, folder: str) -> subprocess.Popen[bytes] | None:
        known = {name: os.environ[name] for name in OF_THE_DISPLAY if name in os.environ}
        own = {"HOME": folder, "TMPDIR": folder, "PYTHONPATH": str(ROOT)}
        origins = [origin(address), origin(self._central)]
        with self._lock:
            if number != self._wanted:
                return None
            child = subprocess.Popen(
                self._program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
                cwd=folder, env={**known, **own}, start_new_session=True,
            )  # fmt: skip
            self._child, self._placed = child, None
            _send(child, {"address": address, "origins": origins, "language": language})
            return child

    def _follow(self, number: int, child: subprocess.Popen[bytes], visit: int) -> None:
        slow = threading.Timer(self._patience, self._too_slow, (number, child, visit))
        slow.start()
        failure: Failure | None = Failure.SITE_ENDED
        with child:
            for heard in _lines(child):
                match heard.get("event"):
                    case "ready":
                        slow.cancel()
                        self._tell(number, e.SiteShown(visit))
                    case "activity":
                        self._tell(number, e.Touched())
                    case "closed":
                        failure = None
                    case "failed":
                        failure = FAILURES.get(str(heard.get("what")), Failure.SITE_ENDED)
                    case "refused":
                        log.info("the page was refused: %s", str(heard.get("what"))[:20])
            slow.cancel()
            with self._lock:  # not once it is reaped: its number may be another's then
                self._child = None
                _kill(child)
        self._ended(number, visit, failure)

    def _tell(self, number: int, event: e.Event) -> None:
        """What a page says that nobody is at any more is not heard."""
        if number == self._wanted:
            self._post(event)

    def _ended(self, number: int, visit: int, failure: Failure | None) -> None:
        with self._lock:
            wanted = number == self._wanted
            self._wanted += wanted
        if wanted:
            self._tell_end(visit, failure)

    def _too_slow(self, number: int, child: subprocess.Popen[bytes], visit: int) -> None:
        with self._lock:
            if self._child is not child or number != self._wanted:
                return
            self._wanted += 1
            _kill(child)
        self._tell_end(visit, Failure.SITE_SLOW)

    def _tell_end(self, visit: int, failure: Failure | None) -> None:
        if failure is not None:
            log.warning("%s (%s)", failure.name, failure.value)
        self._post(e.SiteClosed(visit) if failure is None else e.StepFailed(visit, failure))


def _lines(child: subprocess.Popen[bytes]) -> Iterator[dict[str, object]]:
    """What it says, to its end; a line that is no JSON object says nothing."""
    while child.stdout is not None and (line := child.stdout.readline(LONGEST_LINE)):
        try:
            heard = json.loads(line)
        except ValueError:
            continue
        if isinstance(heard, dict):
            yield heard


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Its whole process group: a browser is several processes."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _send(child: subprocess.Popen[bytes], line: object) -> None:
    try:
        if child.stdin is not None:
            child.stdin.write(json.dumps(line).encode() + b"\n")
            child.stdin.flush()
    except OSError:
        pass  # it has ended: `_follow` says so
