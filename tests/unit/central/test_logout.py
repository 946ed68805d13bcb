"""Back-channel logout: a site that is dead or drips holds up no other one, and nothing stops the messenger."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from backend_client.client.keys import SigningKey
from central.enrolment.register import revoke
from central.identity.card_grant import CardHolder
from central.identity.logout import Messenger
from central.identity.scopes import ACR_SIGNATURE
from central.identity.sites import Site, register_site
from central.identity.tables import logouts, sessions
from central.identity.tokens import Wanted, end_sessions, give
from central.storage import writing
from tests.city import City


class Heard(BaseHTTPRequestHandler):
    """A site that is told, and says so."""

    told: threading.Semaphore

    def do_POST(self) -> None:
        """One logout token."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.told.release()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def site() -> Iterator[tuple[str, threading.Semaphore]]:
    """A good site: its address, and how often it was told."""

    class One(Heard):
        told = threading.Semaphore(0)

    server = HTTPServer(("127.0.0.1", 0), One)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", One.told
    server.shutdown()
    server.server_close()


@contextmanager
def bad_site(answer: bytes, over: threading.Event) -> Iterator[str]:
    """A site that takes a connection, says this, and never ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    taken: list[socket.socket] = []

    def drip(connection: socket.socket) -> None:
        try:
            connection.sendall(answer)
            while answer and not over.wait(0.2):
                connection.sendall(b"x")
        except OSError:
            return  # the other side has had enough

    def serve() -> None:
        while not over.is_set():
            try:
                taken.append(listener.accept()[0])
            except OSError:
                return
            threading.Thread(target=drip, args=(taken[-1],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    over.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for connection in taken:
        connection.close()


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city."""
    made = City(tmp_path)
    yield made
    made.close()


@pytest.fixture
def messenger(city: City) -> Iterator[Messenger]:
    """At work."""
    made = Messenger(city.engine, city.keys, city.url)
    made.start()
    yield made
    made.stop()


def sign_in_at(city: City, name: str, url: str, times: int = 1) -> None:
    """Somebody is signed in there, so often."""
    key = SigningKey.generate().public_jwk()
    register_site(city.engine, Site(name, name, name, f"{url}/callback", f"{url}/login", f"{url}/logout"), key)
    holder, wanted = CardHolder(4, None, ACR_SIGNATURE, time.time()), Wanted("openid", "a", "")
    with writing(city.engine) as connection:
        for _ in range(times):
            give(connection, holder=holder, client_id=name, wanted=wanted)


def owed(city: City, name: str) -> int:
    """How many logouts a site is still to be told of."""
    count = select(func.count()).select_from(logouts).where(logouts.c.client_id == name)
    with city.engine.connect() as connection:
        return int(connection.execute(count).scalar_one())


@pytest.mark.usefixtures("messenger")
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"], ids=["silent", "drips"])
def test_a_site_that_does_not_end_holds_up_no_other(city: City, answer: bytes) -> None:
    over = threading.Event()
    with bad_site(answer, over) as bad, site() as (good, told):
        sign_in_at(city, "a-bad-one", bad, 60)
        sign_in_at(city, "good", good)
        end_sessions(city.engine, sessions.c.holder == 4)
        assert told.acquire(timeout=60)
        assert owed(city, "a-bad-one") or answer, "the good one did not wait for the other's sixty"


@pytest.mark.usefixtures("messenger")
def test_a_site_that_was_revoked_is_told_that_its_people_are_signed_out(city: City) -> None:
    with site() as (good, told):
        sign_in_at(city, "good", good)
        assert revoke(city.engine, "good")
        assert told.acquire(timeout=60)


@pytest.mark.usefixtures("messenger")
def test_one_that_drips_has_heard(city: City) -> None:
    over = threading.Event()
    with bad_site(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", over) as bad:
        sign_in_at(city, "drips", bad)
        end_sessions(city.engine, sessions.c.holder == 4)
        until(lambda: owed(city, "drips") == 0)


@pytest.mark.expected_log("sites are not told of logouts")
def test_a_database_that_failed_once_does_not_silence_the_messenger(city: City) -> None:
    with site() as (good, told):
        sign_in_at(city, "good", good)
        end_sessions(city.engine, sessions.c.holder == 4)
        with city.engine.begin() as connection:
            connection.execute(text("ALTER TABLE logouts RENAME TO elsewhere"))
        made = Messenger(city.engine, city.keys, city.url)
        looked, tell_all = threading.Event(), made.tell_all

        def seen() -> None:
            try:
                tell_all()
            finally:
                looked.set()

        made.tell_all = seen  # type: ignore[method-assign]
        made.start()
        assert looked.wait(60)
        with city.engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO logouts"))
        assert told.acquire(timeout=60)
        made.stop()


def until(holds: Callable[[], bool]) -> None:
    """Wait for it, a minute at most."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
