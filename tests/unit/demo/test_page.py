"""The street's page over HTTP: its buttons reach the parts, and nobody else's page presses them."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from demo.page import PEOPLE, Panel, serve_page

OURS = {"X-Street": "1"}


class Part:
    """A part of the street that only notes what it is told."""

    def __init__(self, folder: Path) -> None:
        self.out, self.told = folder, list[object]()
        self.slips, self.pages = list[dict[str, Any]](), list[dict[str, Any]]()
        self.ask = self.insert = self.told.append

    def remove(self) -> None:
        """Note it."""
        self.told.append("removed")


class Street:
    """A street of such parts, with cards on the table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.card, self.thermal, self.a4, self.proxy = (Part(folder / name) for name in ("c", "thermal", "a4", "p"))
        for part in (self.thermal, self.a4):
            part.out.mkdir()
        self.central = SimpleNamespace(record=lambda person, _kind: {"person": {"name": f"居民{person}"}})

    def personalise(self, person: int, *_options: str) -> Path:
        """A card file."""
        path = self.folder / f"{person}.json"
        path.write_text('{"pin": "123456", "generation": 3}', encoding="utf-8")
        return path


@pytest.fixture
def street(tmp_path: Path) -> Street:
    """A street."""
    return Street(tmp_path)


@pytest.fixture
def page(street: Street) -> Iterator[http.client.HTTPConnection]:
    """A browser on its page."""
    with serve_page(street, 0, 6080) as url:  # type: ignore[arg-type]
        connection = http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"), timeout=10)
        yield connection
        connection.close()


def pressed(page: http.client.HTTPConnection, path: str, headers: dict[str, str] = OURS) -> int:
    """A button; the status of the answer."""
    page.request("POST", path, headers=headers)
    answer = page.getresponse()
    answer.read()
    return answer.status


def got(page: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    """What lies at a path."""
    page.request("GET", path)
    answer = page.getresponse()
    return answer.status, answer.read()


def test_a_card_goes_in_and_comes_out(page: http.client.HTTPConnection, street: Street) -> None:
    assert pressed(page, "/insert/128") == 200
    assert json.loads(got(page, "/state")[1])["inside"] == 128
    assert pressed(page, "/remove") == 200
    state = json.loads(got(page, "/state")[1])
    assert street.card.told == [street.folder / "128.json", "removed"] and state["inside"] is None
    assert [card["person"] for card in state["cards"]] == [person for person, _ in PEOPLE]
    assert [card["person"] for card in state["cards"] if card["expired"]] == [10]
    assert "path" not in state["cards"][0]


def test_a_switch_reaches_its_part(page: http.client.HTTPConnection, street: Street) -> None:
    assert [pressed(page, "/switch/thermal/paper%20out"), pressed(page, "/switch/proxy/down")] == [200, 200]
    assert (street.thermal.told, street.proxy.told, street.a4.told) == (["paper out"], ["down"], [])


@pytest.mark.parametrize("path", ["/switch/thermal/explode", "/switch/card/ok", "/insert/5", "/insert/x", "/dance"])
def test_what_the_page_does_not_know_is_refused(page: http.client.HTTPConnection, street: Street, path: str) -> None:
    assert pressed(page, path) == 400
    assert [part.told for part in (street.card, street.thermal, street.a4, street.proxy)] == [[], [], [], []]


def test_another_sites_page_presses_nothing(page: http.client.HTTPConnection, street: Street) -> None:
    assert pressed(page, "/insert/128", headers={}) == 403
    assert street.card.told == []


def test_only_pictures_of_paper_are_given(page: http.client.HTTPConnection, street: Street) -> None:
    (street.thermal.out / "slip-1.png").write_bytes(b"picture")
    (street.thermal.out / "slip-1.bin").write_bytes(b"bytes")
    (street.folder / "card.png").write_bytes(b"elsewhere")
    assert got(page, "/paper/slip-1.png") == (200, b"picture")
    assert [got(page, path)[0] for path in ("/slip-1.bin", "/paper/../card.png", "/card.png")] == [404, 404, 404]
    assert Panel(street).picture("../card.png") is None  # type: ignore[arg-type]


def test_the_page_knows_the_screens_port(page: http.client.HTTPConnection) -> None:
    status, html = got(page, "/")
    assert status == 200 and b"6080" in html and b"{screen_port}" not in html
