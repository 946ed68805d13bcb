"""What stands between terminal and central in the demo and in the tests: honest unless told otherwise."""

import http.client
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest

from demo.fault_proxy import FaultProxy
from demo.relay import Answer, Line, Relay, Request

SAID = Answer(201, {"DPoP-Nonce": "n1", "date": "Mon, 02 Jan 2017 03:04:05 GMT"}, "核验".encode())


class Upstream:
    """Central, as far as the proxy knows it: one answer, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.relay = Relay("http://127.0.0.1:1", self._serve)

    def _serve(self, line: Line, request: Request) -> None:
        self.asked.append(request)
        line.wfile.write(SAID.raw())


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A central."""
    made = Upstream()
    yield made
    made.relay.close()


@pytest.fixture
def proxy(upstream: Upstream) -> Iterator[FaultProxy]:
    """The proxy before it."""
    made = FaultProxy(upstream.relay.url, 0)
    yield made
    made.relay.close()


def called(proxy: FaultProxy, method: str = "GET", body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    """One call of a terminal."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.relay.server_address[1], timeout=10)
    try:
        connection.request(method, "/x?y=1", body, {"DPoP": "proof"})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_every_method_of_the_contract_is_passed_on(proxy: FaultProxy, upstream: Upstream, method: str) -> None:
    assert called(proxy, method)[0] == SAID.status
    assert [request.method for request in upstream.asked] == [method]


def test_an_honest_relay_changes_nothing_but_the_date(proxy: FaultProxy, upstream: Upstream) -> None:
    status, headers, body = called(proxy, "POST", b"form")
    (asked,) = upstream.asked
    assert (asked.method, asked.path, asked.body, asked.headers["DPoP"]) == ("POST", "/x?y=1", b"form", "proof")
    assert (status, headers["dpop-nonce"], body) == (SAID.status, "n1", SAID.body)
    assert abs(parsedate_to_datetime(headers["date"]).timestamp() - time.time()) < 60


def test_headers_of_one_connection_stay_on_it(proxy: FaultProxy, upstream: Upstream) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.relay.server_address[1], timeout=10)
    connection.request("GET", "/", headers={"Keep-Alive": "timeout=5", "X-Kept": "1"})
    connection.getresponse().read()
    connection.close()
    (asked,) = upstream.asked
    assert asked.headers["X-Kept"] == "1" and "Keep-Alive" not in asked.headers


def test_a_made_answer_never_reaches_central(proxy: FaultProxy, upstream: Upstream) -> None:
    for mode, status, body in (
        ("nonsense", 200, b"<html>busy</html>"), ("wrong-json", 200, b'{"surprise": [1, 2]}'), ("status", 503, b"{}"),
    ):  # fmt: skip
        proxy.behaviour.mode, proxy.behaviour.value = mode, 503
        answer = called(proxy)
        assert (answer[0], answer[2]) == (status, body)
    assert upstream.asked == []


def test_a_proxy_that_is_down_hangs_up_and_asks_nobody(proxy: FaultProxy, upstream: Upstream) -> None:
    proxy.behaviour.mode = "down"
    with pytest.raises((http.client.BadStatusLine, ConnectionError)):
        called(proxy)
    assert upstream.asked == []


def test_a_dropped_answer_was_given_and_only_posts_are_dropped(proxy: FaultProxy, upstream: Upstream) -> None:
    proxy.behaviour.drops = 1
    assert called(proxy)[0] == SAID.status
    with pytest.raises((http.client.BadStatusLine, ConnectionError)):
        called(proxy, "POST")
    assert called(proxy, "POST")[0] == SAID.status
    assert [request.method for request in upstream.asked] == ["GET", "POST", "POST"]


def test_a_wrong_clock_is_as_wrong_as_asked_for(proxy: FaultProxy) -> None:
    proxy.behaviour.mode, proxy.behaviour.value = "clock", -4000
    told = parsedate_to_datetime(called(proxy)[1]["date"]).timestamp()
    assert abs(told - (time.time() - 4000)) < 60


@pytest.mark.parametrize(("length", "said"), [(None, "6"), ("99", "99")])
def test_an_answer_says_the_length_that_it_is_told_to_say(length: str | None, said: str) -> None:
    raw = Answer(200, {}, b"sealed", length).raw()
    assert raw == b"HTTP/1.1 200 X\r\nContent-Length: " + said.encode() + b"\r\n\r\nsealed"


def test_a_header_is_replaced_whatever_its_case() -> None:
    assert SAID.with_header("Date", "now").headers == {"DPoP-Nonce": "n1", "Date": "now"}
