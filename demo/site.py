"""The visit that opens another department's site at the terminal; the card's pull signs out there too."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from PyQt6.QtCore import QEventLoop, QSocketNotifier, QTimer

from demo.driver import VisitFailed
from demo.parts.site import CLIENT_ID, DepartmentSite
from demo.visits import Visit
from kiosk.session import state as s

ANSWER_SECONDS = 30.0


def at_page(visit: Visit, command: str, timeout: float = ANSWER_SECONDS) -> bool:
    """One command to the hand on the page (demo/site_hands.py); the terminal goes on meanwhile."""
    with socket.socket(socket.AF_UNIX) as wire:
        wire.connect(visit.driver.site_hand)
        wire.sendall(command.encode() + b"\n")
        loop, came = QEventLoop(), QSocketNotifier(wire.fileno(), QSocketNotifier.Type.Read)  # type: ignore[call-overload]  # takes an int
        came.activated.connect(loop.quit)
        QTimer.singleShot(round(timeout * 1000), loop.quit)
        loop.exec()
        came.setEnabled(False)
        wire.setblocking(False)
        try:
            return bool(json.loads(wire.recv(1000)))
        except (BlockingIOError, ValueError):
            raise VisitFailed(f"the page did not do {command!r}") from None


@contextmanager
def listed_site(visit: Visit, *options: str) -> Iterator[DepartmentSite]:
    """A department's site that central and the terminal know."""
    with DepartmentSite(visit.street.central, visit.street.folder, *options) as site:
        visit.driver.terminal.runtime.while_idle(visit.driver.terminal.list_sites)
        visit.driver.until(s.Welcome, 20, lambda state: bool(state.sites))
        yield site


def open_site(visit: Visit) -> None:
    """From the menu to central's question, in the view."""
    visit.driver.touch("sites")
    visit.driver.until(s.ChoosingSite, 5)
    visit.driver.touch(f"site_{CLIENT_ID}")
    visit.driver.until(s.AtSite, 40)
    visit.driver.say("central's page in the view")


def approve(visit: Visit, site: DepartmentSite) -> None:
    """Press central's button, until the site says who is there."""
    before = len(site.lines)
    if not at_page(visit, "press button[value=approve]"):
        raise VisitFailed("central's page has no button to approve")
    at_page(visit, "reads 已登录")
    told = site.wait_for("signed-in", before, ANSWER_SECONDS)
    visit.driver.say(f"signed in at the site, {str(told['acr']).rpartition(':')[2]}")


def department_site(visit: Visit) -> None:
    """Sign in, open the site, approve; pull the card: the site hears of it, and the page is gone."""
    with listed_site(visit) as site:
        visit.sign_in()
        open_site(visit)
        approve(visit, site)
        before = len(site.lines)
        pulled = time.time()
        visit.pull()
        told = site.wait_for("signed-out", before, ANSWER_SECONDS)
        if told["people"] != 1:
            raise VisitFailed(f"one person should be signed out, there were {told['people']}")
        visit.driver.say(f"signed out there {round((float(str(told['at'])) - pulled) * 1000)} ms after the card's pull")
        visit.driver.terminal.runtime.settle()
