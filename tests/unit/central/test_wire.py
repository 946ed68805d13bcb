"""Direct routes over a real connection, byte by byte: what uvicorn does for all others holds for them too."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from backend_client.client.proofs import client_assertion
from central.api.direct import MAX_FORM
from central.api.wire import Wire
from tests.city import TERMINAL, City, free_port, serving

REFUSED = b"token=a"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city that is served on its own port."""
    made = City(tmp_path, f"http://127.0.0.1:{free_port()}")
    with serving(made):
        yield made
    made.close()


@pytest.fixture
def line(city: City) -> Iterator[socket.socket]:
    """A connection to it."""
    with socket.create_connection(("127.0.0.1", int(city.url.rsplit(":", 1)[1])), timeout=20) as made:
        yield made


def post(body: bytes, path: bytes = b"/introspect", version: bytes = b"1.1", *headers: bytes) -> bytes:
    """A request's bytes."""
    kind = b"Content-Type: application/x-www-form-urlencoded"
    head = (b"POST %b HTTP/%b" % (path, version), b"Host: x", kind, b"Content-Length: %d" % len(body), *headers)
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def answer(line: socket.socket) -> tuple[int, bytes, bytes]:
    """Status, head and body of the next answer, which has a length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(line)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += _more(line)
    assert len(body) == length, "and not a byte of another answer"
    return int(head[9:12]), head.lower(), body


def _more(line: socket.socket) -> bytes:
    block = line.recv(65536)
    assert block, "the server hung up"
    return block


def test_a_connection_is_kept_and_each_answer_has_its_nonce(line: socket.socket) -> None:
    for _ in range(3):
        line.sendall(post(REFUSED))
        status, head, body = answer(line)
        assert status == 401 and b'"invalid_client"' in body
        assert b"dpop-nonce: " in head and b"cache-control: no-store" in head and b"connection: close" not in head


def test_a_request_in_small_pieces_is_read_as_one(city: City, line: socket.socket) -> None:
    form = client_assertion(city.device, TERMINAL, city.url)
    body = urlencode(form).encode()
    for place in range(0, len(whole := post(body, b"/card/challenge")), 97):
        line.sendall(whole[place : place + 97])
    status, _, body = answer(line)
    assert status == 200 and b'"host_random"' in body


def test_requests_that_are_sent_ahead_are_answered_in_their_order(line: socket.socket) -> None:
    line.sendall(post(REFUSED) + post(b"x=1", b"/device_authorization") + post(REFUSED) + post(b"", b"/nowhere"))
    data = b""
    while data.count(b"HTTP/1.1 ") < 4:
        data += _more(line)
    assert [int(part[:3]) for part in data.split(b"HTTP/1.1 ")[1:]] == [401, 401, 401, 404]


@pytest.mark.parametrize(("version", "header"), [(b"1.0", b"X: y"), (b"1.1", b"Connection: close")])
def test_a_connection_that_is_not_to_be_kept_is_closed(line: socket.socket, version: bytes, header: bytes) -> None:
    line.sendall(post(REFUSED, b"/introspect", version, header))
    status, head, _ = answer(line)
    assert status == 401 and b"connection: close" in head and line.recv(1) == b""


def test_a_body_that_is_too_large_is_answered_before_its_end(line: socket.socket) -> None:
    whole = post(b"token=" + b"a" * 2 * MAX_FORM)
    line.sendall(whole[:-MAX_FORM])
    assert answer(line)[0] == 413
    line.sendall(whole[-MAX_FORM:] + post(REFUSED))
    assert answer(line)[0] == 401


def test_who_expects_to_be_told_to_go_on_is_told(line: socket.socket) -> None:
    whole = post(REFUSED, b"/introspect", b"1.1", b"Expect: 100-continue")
    line.sendall(whole[: -len(REFUSED)])
    assert line.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    line.sendall(REFUSED)
    assert answer(line)[0] == 401


@pytest.mark.expected_log("Exception in ASGI application")
def test_a_fault_is_said_and_the_connection_closed(line: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("central.api.identity_routes.caller", None)
    line.sendall(post(REFUSED))
    status, head, body = answer(line)
    assert (status, body) == (500, b"Internal Server Error") and b"connection: close" in head and line.recv(1) == b""


def test_a_server_that_ends_finishes_what_it_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A revocation waits in its thread until the server was told to end; its answer arrives, and says goodbye."""
    inside, told, shutdown = threading.Event(), threading.Event(), Wire.shutdown

    def waits(*_: object) -> None:
        inside.set()
        assert told.wait(20)

    def tells(wire: Wire) -> None:
        shutdown(wire)
        told.set()

    monkeypatch.setattr("central.api.identity_routes._revoke", waits)
    monkeypatch.setattr(Wire, "shutdown", tells)
    city = City(tmp_path, f"http://127.0.0.1:{free_port()}")
    form = client_assertion(city.device, TERMINAL, city.url) | {"token": "a"}
    with serving(city):
        line = socket.create_connection(("127.0.0.1", int(city.url.rsplit(":", 1)[1])), timeout=20)
        line.sendall(post(urlencode(form).encode(), b"/revoke"))
        assert inside.wait(20)
    with line:
        status, head, _ = answer(line)
        assert status == 200 and b"connection: close" in head and line.recv(1) == b""
    city.close()
