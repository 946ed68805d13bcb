"""The terminal's part of another system's page: what its program is given, how it ends, and what is told of it."""

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from backend_client.client.central import HolderSession
from backend_client.client.errors import CentralError, Refused, SessionExpired, StepUpNeeded, TooSlow
from card.records import CardData
from kiosk import site_work
from kiosk.failures import Failure
from kiosk.session import events as e
from kiosk.site_view.rules import BadRequest, Place, origin_of, read_place, read_request
from kiosk.site_work import SiteDesk
from kiosk.visit import Visit

ADDRESS = "https://housing.example.invalid/login?iss=x&login_hint=TICKET"
CENTRAL = "https://central.example.invalid"
SAY = "import sys, json, os; first = sys.stdin.readline(); say = lambda **x: print(json.dumps(x), flush=True);"

pytestmark = pytest.mark.expected_log("kiosk.site_work: ")


class Session:
    """A signed-in holder, as far as this is concerned."""

    def __init__(self, error: CentralError | None = None, scope: str = "openid social") -> None:
        self.error, self.scope, self.asked = error, scope, list[str]()

    def open_site(self, site: str) -> str:
        """A ticket, or what went wrong."""
        self.asked.append(site)
        if self.error is not None:
            raise self.error
        return ADDRESS


class Room:
    """A desk with a program of the test's, and what it posted."""

    def __init__(self, script: str = "", patience: float = 60.0, session: Session | None = None) -> None:
        self.events: list[e.Event] = []
        self.news = threading.Condition()
        program = (sys.executable, "-c", SAY + script)
        self.desk = SiteDesk(CENTRAL, self._post, program, patience)
        self.visit = Visit(7, session=cast(HolderSession, session or Session()))
        self.thread: threading.Thread | None = None

    def _post(self, event: e.Event) -> None:
        with self.news:
            self.events.append(event)
            self.news.notify_all()

    def begin(self) -> None:
        """Open a site on a thread of its own, as the runtime does."""
        number = self.desk.expect()
        self.thread = threading.Thread(target=self.desk.open, args=(number, self.visit, "housing", "zh"))
        self.thread.start()

    def until(self, event: e.Event) -> None:
        """Until it is posted."""
        with self.news:
            assert self.news.wait_for(lambda: event in self.events, 60), self.events

    def end(self) -> None:
        """The thread is over, and with it the program."""
        assert self.thread is not None
        self.thread.join(60)
        assert not self.thread.is_alive()


@pytest.fixture
def room() -> Iterator[Callable[..., Room]]:
    """Makes rooms, closes them."""
    made: list[Room] = []

    def make(*values: object, **more: object) -> Room:
        made.append(Room(*values, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.desk.close()


def test_the_program_is_given_the_address_on_its_input_and_little_else(
    room: Callable[..., Room], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QTWEBENGINE_REMOTE_DEBUGGING", "9222")
    monkeypatch.setenv("ONECARD_SECRET", "x")
    out = tmp_path / "out"
    seen = "json.dumps([first, sys.argv, dict(os.environ), os.getcwd()])"
    one = room(f"open({str(out)!r}, 'w').write({seen}); say(event='ready'); sys.stdin.readline()")
    one.begin()
    one.until(e.SiteShown(7))
    first, arguments, environment, folder = json.loads(out.read_text(encoding="utf-8"))
    given = read_request(first)
    assert (given.address, given.language) == (ADDRESS, "zh")
    assert given.may_go(f"{CENTRAL}/authorize") and not given.may_go("https://elsewhere.example.invalid/")
    assert "TICKET" not in str(arguments) + str(environment)
    assert set(environment) <= {*site_work.OF_THE_DISPLAY, "HOME", "TMPDIR", "PYTHONPATH", "LC_CTYPE"}
    assert folder == environment["HOME"] and Path(folder).stat().st_mode & 0o777 == 0o700
    one.desk.close()
    one.end()
    assert not Path(folder).exists()


def test_a_touch_of_the_page_is_a_touch_of_the_terminal(room: Callable[..., Room]) -> None:
    one = room("say(event='ready'); say(event='activity'); sys.stdin.readline()")
    one.begin()
    one.until(e.Touched())
    assert one.events == [e.SiteShown(7), e.Touched()]


ENDS = {
    "say(event='failed', what='load')": e.StepFailed(7, Failure.SITE_DOWN),
    "say(event='failed', what='memory')": e.StepFailed(7, Failure.SITE_ENDED),
    "say(event='ready'); os.kill(os.getpid(), 11)": e.StepFailed(7, Failure.SITE_ENDED),
    "print('no JSON'); print('[1]'); print('x' * 100000)": e.StepFailed(7, Failure.SITE_ENDED),
    "say(event='ready'); say(event='closed')": e.SiteClosed(7),
    "sys.stdin.close(); os.close(0); say(event='closed')": e.SiteClosed(7),
}


@pytest.mark.parametrize("script", ENDS)
def test_every_end_is_told_once(room: Callable[..., Room], script: str) -> None:
    one = room(script)
    one.begin()
    one.end()
    assert one.events[-1] == ENDS[script]
    assert len([event for event in one.events if isinstance(event, e.StepFailed | e.SiteClosed)]) == 1


def test_one_that_hangs_at_its_start_is_ended(room: Callable[..., Room]) -> None:
    one = room("import time; time.sleep(1000)", 0.2)
    one.begin()
    one.end()
    assert one.events == [e.StepFailed(7, Failure.SITE_SLOW)]


def test_closing_ends_it_at_once_with_its_children_and_nothing_is_told(
    room: Callable[..., Room], tmp_path: Path
) -> None:
    children = tmp_path / "children"
    script = (
        "import subprocess, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen(['sleep', '1000']);"
        f"open({str(children)!r}, 'w').write(str(child.pid)); say(event='ready'); child.wait()"
    )
    one = room(script)
    one.begin()
    one.until(e.SiteShown(7))
    child = os.pidfd_open(int(children.read_text(encoding="utf-8")))
    one.desk.close()
    one.end()
    assert one.events == [e.SiteShown(7)]
    assert select.select([child], [], [], 60)[0], "its child has ended"
    os.close(child)


def test_what_is_still_in_the_pipe_of_a_closed_page_is_not_heard(room: Callable[..., Room]) -> None:
    one = room()
    number = one.desk.expect()
    one.desk.close()
    for event in (e.SiteShown(7), e.Touched()):
        one.desk._tell(number, event)
    one.desk._ended(number, 7, Failure.SITE_ENDED)
    assert one.events == []


def test_one_that_was_left_before_its_ticket_came_is_never_started(room: Callable[..., Room], tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    one = room(f"open({str(begun)!r}, 'w')")
    number = one.desk.expect()
    one.desk.close()
    one.desk.open(number, one.visit, "housing", "zh")
    assert one.events == [] and not begun.exists()


def test_it_is_placed_and_hidden_once_each(room: Callable[..., Room], tmp_path: Path) -> None:
    out = tmp_path / "out"
    two_lines = "sys.stdin.readline() + sys.stdin.readline()"
    one = room(f"say(event='ready'); open({str(out)!r}, 'w').write({two_lines}); say(event='closed')")
    one.desk.place(Place(1, 1, 1, 1, 1.0))
    one.begin()
    one.until(e.SiteShown(7))
    for place in (Place(0, 300, 1080, 1400, 2.0), Place(0, 300, 1080, 1400, 2.0), None, None):
        one.desk.place(place)
    one.end()
    lines = out.read_text(encoding="utf-8").splitlines()
    assert [read_place(line) for line in lines] == [Place(0, 300, 1080, 1400, 2.0), None]


def test_a_site_that_central_does_not_know_is_down(room: Callable[..., Room]) -> None:
    one = room(session=Session(Refused("unknown_site")))
    one.begin()
    one.end()
    assert one.events == [e.StepFailed(7, Failure.SITE_DOWN)]


@pytest.mark.parametrize("error", [TooSlow(), StepUpNeeded("insufficient_user_authentication"), Refused("else")])
def test_what_central_says_is_the_workers_to_tell(room: Callable[..., Room], error: CentralError) -> None:
    one = room(session=Session(error))
    with pytest.raises(type(error)):
        one.desk.open(one.desk.expect(), one.visit, "housing", "zh")
    one.desk.open(one.desk.expect() - 1, one.visit, "housing", "zh")  # nobody waits for this one any more


def test_a_sign_in_from_before_the_list_asks_for_the_pin_or_for_the_card(room: Callable[..., Room]) -> None:
    one = room(session=Session(scope="social"))
    with pytest.raises(StepUpNeeded):
        one.desk.open(one.desk.expect(), one.visit, "housing", "zh")
    one.visit.know(cast(CardData, object()))
    with pytest.raises(SessionExpired):
        one.desk.open(one.desk.expect(), one.visit, "housing", "zh")
    assert cast(Session, one.visit.session).asked == []


def test_a_program_that_can_not_be_started_is_said_to_have_ended(room: Callable[..., Room]) -> None:
    one = room()
    one.desk._program = ("/nonexistent/program",)
    one.begin()
    one.end()
    assert one.events == [e.StepFailed(7, Failure.SITE_ENDED)]


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("https://a.example/x", "https://a.example:443/y?z#q"),
        ("http://a.example", "ws://a.example:80/"),
    ],
)
def test_one_origin_in_two_spellings(address: str, other: str) -> None:
    assert origin_of(address) == origin_of(other) is not None


def test_origins_that_only_look_alike_are_others() -> None:
    spellings = (
        "http://a.example", "https://a.example:8443", "https://a.example.evil.test", "https://evil.test/a.example",
        "https://a.example@evil.test", "https://user@a.example", "file:///etc/passwd", "javascript:alert(1)",
        "data:text/html,x", "about:blank", "", "//a.example", "https:", "https://a.example:99999", "chrome://version",
    )  # fmt: skip
    assert all(origin_of(one) != origin_of("https://a.example") for one in spellings)


@pytest.mark.parametrize(
    "line",
    ["", "{}", "[]", "null", '{"address": "file:///x", "origins": ["file:///"], "language": "zh"}',
     '{"address": "https://a.example", "origins": [], "language": "zh"}',
     '{"address": "https://a.example", "origins": ["https://b.example"], "language": "zh"}'],
)  # fmt: skip
def test_what_is_no_request_opens_nothing(line: str) -> None:
    with pytest.raises(BadRequest):
        read_request(line)


def test_the_terminals_own_process_loads_no_browser() -> None:
    look = "import sys, kiosk.app, kiosk.cli.run; sys.exit(any('WebEngine' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", look], env=os.environ, check=False).returncode == 0
