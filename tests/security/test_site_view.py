"""A page of another system tries to get out of its window, and to leave something behind."""

import errno
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.site_view import program
from tests.city import free_port
from tests.site_pages import Pages, View, serving

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def site() -> Iterator[Pages]:
    """The site."""
    with serving() as served:
        yield served


@pytest.fixture
def elsewhere() -> Iterator[Pages]:
    """Any other address."""
    with serving() as served:
        yield served


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., View]]:
    """Opens a view; it ends with the test."""
    views: list[View] = []

    def open_view(address: str, *origins: str, **more: dict[str, str]) -> View:
        views.append(View(address, *origins, home=tmp_path, **more))
        return views[-1]

    yield open_view
    for view in views:
        view.stop()


AWAY = {
    "a script": "location = '{there}/away'",
    "a form": "document.body.innerHTML = '<form method=post action={there}/away></form>'; document.forms[0].submit()",
    "a redirect of the site's": "location = '/redirect'",
    "a frame": "document.body.innerHTML = '<iframe src={there}/away></iframe>'",
    "a meta refresh": "document.head.innerHTML += '<meta http-equiv=refresh content=\"0;{there}/away\">'",
}


@pytest.mark.parametrize("way", AWAY)
def test_no_navigation_leaves_the_two_origins(
    site: Pages, elsewhere: Pages, opened: Callable[..., View], way: str
) -> None:
    site.pages["/redirect"] = f"to:{elsewhere.url}/away"
    site.pages["/"] = f"<body><script>{AWAY[way].replace('{there}', elsewhere.url)}</script>"
    opened(site.url).until("refused", "navigation")
    assert elsewhere.asked == []


def test_the_second_origin_may_be_gone_to_and_come_back_from(
    site: Pages, elsewhere: Pages, opened: Callable[..., View]
) -> None:
    elsewhere.pages["/ask"] = f"to:{site.url}/back"
    site.pages["/"] = f"to:{elsewhere.url}/ask"
    view = opened(site.url, site.url, elsewhere.url)
    view.until("ready")
    assert (site.asked[:2], elsewhere.asked, view.heard[:-1]) == (["/", "/back"], ["/ask"], [])


REQUESTS = """
fetch('{there}/fetch').catch(() => 0)
navigator.sendBeacon('{there}/beacon', 'y')
new Image().src = '{there}/picture'
new WebSocket('{there}/socket'.replace('http', 'ws'))
new EventSource('{there}/events')
new Worker(URL.createObjectURL(new Blob(['fetch("{there}/worker")'])))
document.head.append(Object.assign(document.createElement('script'), {src: '{there}/script'}))
document.body.append(Object.assign(document.createElement('a'), {href: '#x', ping: '{there}/ping', id: 'a'}))
document.querySelector('#a').click()
"""


def test_no_request_leaves_them_either(site: Pages, elsewhere: Pages, opened: Callable[..., View]) -> None:
    site.pages["/"] = f"<body><script>{REQUESTS.replace('{there}', elsewhere.url)}; setTimeout(print, 1500)</script>"
    view = opened(site.url)
    view.until("refused", "printing")
    assert elsewhere.asked == []
    assert [line["event"] for line in view.heard].count("refused") > 5


REFUSED = {"download": "location = '/file.exe'", "permission": "navigator.geolocation.getCurrentPosition(() => 0)"}


@pytest.mark.parametrize("what", REFUSED)
def test_no_download_and_no_device(site: Pages, opened: Callable[..., View], tmp_path: Path, what: str) -> None:
    site.pages["/"] = f"<body><script>addEventListener('load', () => {{ {REFUSED[what]} }})</script>"
    opened(site.url).until("refused", what)
    assert [path.name for path in tmp_path.rglob("*.exe")] == []


ASKED = {
    "a window": "window.open('/seen')",
    "a window by a link": "document.body.innerHTML = '<a href=/seen target=_blank>x</a>'; document.links[0].click()",
    "an answer": "alert('x'); if (confirm('x') || prompt('x')) fetch('/seen')",
    "a file": "fetch('file:///etc/hostname').then(() => fetch('/seen'))",
    "a file in a frame": "document.body.innerHTML = '<iframe src=file:///etc/hostname onload=\"if "
    "(contentDocument.body.innerText) fetch(\\'/seen\\')\"></iframe>'",
    "a camera": "navigator.mediaDevices.getUserMedia({video: true}).then(() => fetch('/seen'))",
    "the clipboard": "navigator.clipboard.readText().then(() => fetch('/seen'))",
}


def test_no_window_no_answer_no_file_no_camera_and_no_printer(site: Pages, opened: Callable[..., View]) -> None:
    tries = "; ".join(f"try {{ {one} }} catch (e) {{}}" for one in ASKED.values())
    site.pages["/"] = f"<body><script>{tries}; setTimeout(print, 1500)</script>"
    opened(site.url).until("refused", "printing")
    assert site.asked == ["/"]


def test_a_site_that_leads_away_at_once_is_said_to_have_failed(
    site: Pages, elsewhere: Pages, opened: Callable[..., View]
) -> None:
    site.pages["/"] = f"to:{elsewhere.url}/away"
    view = opened(site.url)
    view.until("failed", "elsewhere")
    assert elsewhere.asked == [] and view.child.wait() == 0


def test_a_site_that_is_down_is_said_to_be(opened: Callable[..., View]) -> None:
    opened("http://127.0.0.1:9").until("failed", "load")


MANY = "for (let i = 0; i < 200; i++) a.push(Array(20000).fill(i / 7))"
HUNGRY = {
    "in scripts": (f"let a = []; setInterval(() => {{ {MANY} }}, 20)", "ended"),
    "in buffers": ("let a = []; setInterval(() => { a.push(new Uint8Array(6e7).fill(7)) }, 20)", "memory"),
}


@pytest.mark.parametrize("where", HUNGRY)
def test_a_page_that_eats_memory_is_ended(site: Pages, opened: Callable[..., View], where: str) -> None:
    script, what = HUNGRY[where]
    site.pages["/"] = f"<body><script>{script}</script>"
    view = opened(site.url)
    view.until("failed", what)
    assert view.child.wait() == 0


def test_nothing_of_the_page_is_on_the_disk(site: Pages, opened: Callable[..., View], tmp_path: Path) -> None:
    site.pages["/"] = (
        "<body>SECRETWORD<script>document.cookie = 'secret=SECRETWORD; max-age=9999';"
        "localStorage.setItem('k', 'SECRETWORD'); indexedDB.open('SECRETWORD').onsuccess = () => "
        "caches.open('SECRETWORD').catch(() => 0).then(() => fetch('/big')).then(() => print())</script>"
    )
    view = opened(site.url)
    view.until("refused", "printing")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    open_files = [str(link.readlink()) for link in Path(f"/proc/{view.child.pid}/fd").iterdir()]
    assert [one for one in open_files if one.startswith(str(tmp_path))] == []


def test_the_next_holder_finds_no_cookie(site: Pages, opened: Callable[..., View]) -> None:
    site.pages["/"] = "<body><script>document.cookie = 'who=me; max-age=9999'; print()</script>"
    site.pages["/next"] = "<body><script>if (document.cookie) fetch('/seen'); print()</script>"
    view = opened(site.url)
    view.until("refused", "printing")
    view.stop()
    opened(f"{site.url}/next").until("refused", "printing")
    assert "/seen" not in site.asked


def test_no_environment_opens_a_debugging_port(site: Pages, opened: Callable[..., View]) -> None:
    port = free_port()
    flags = f"--remote-debugging-port={port}"
    extra = {"QTWEBENGINE_REMOTE_DEBUGGING": f"127.0.0.1:{port}", "QTWEBENGINE_CHROMIUM_FLAGS": flags}
    opened(site.url, extra=extra).until("ready")
    with socket.socket() as knock:
        assert knock.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def test_the_address_is_in_no_argument_and_no_environment(site: Pages, opened: Callable[..., View]) -> None:
    view = opened(f"{site.url}/login?login_hint=SECRETTICKET")
    view.until("ready")
    family = [folder for folder in Path("/proc").glob("[0-9]*") if _group(folder) == view.child.pid]
    assert len(family) > 1
    for folder in family:
        for name in ("cmdline", "environ"):
            assert b"SECRETTICKET" not in (folder / name).read_bytes()


def test_it_ends_when_the_terminal_does(site: Pages, opened: Callable[..., View]) -> None:
    view = opened(site.url)
    view.until("ready")
    assert view.child.stdin is not None
    view.child.stdin.close()
    assert view.child.wait() == 0


def test_a_killed_view_leaves_no_process(site: Pages, opened: Callable[..., View]) -> None:
    view = opened(site.url)
    view.until("ready")
    os.killpg(view.child.pid, 9)
    view.child.wait()
    while program.resident(view.child.pid):
        time.sleep(0.01)  # the kernel's own clearing; the test's time-out is the limit


def _group(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[2])
    except OSError:
        return 0
