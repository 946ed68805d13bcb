"""A proxy between terminal and central that lies: what it does to which call of a visit, as a table.

A lie is a generator over the true answer: bytes are sent as they are, a number is waited for (seconds).
"""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from demo.relay import Answer, Line, Relay, Request

OVERSIZE = 9 * 1024 * 1024
LONGEST_WORD = 40  # of what is longer, a token or a code, the last character may have bits that count for nothing
LATE = 0.6
"""Seconds; more than the read time-out of the terminal under test."""
PLACES = {
    ("POST", "/card/challenge"): "challenge", ("GET", "/api/v1/contributions"): "contributions",
    ("GET", "/api/v1/family-planning"): "family", ("POST", "/api/v1/documents"): "issue", ("POST", "/revoke"): "revoke",
}  # fmt: skip
CALLS = ("challenge", "token", "contributions", "family", "issue", "own token", "fate", "revoke")


def call_of(request: Request) -> str:
    """Which call of a visit this is."""
    if request.path == "/token":
        return "own token" if b"client_credentials" in request.body else "token"
    if request.path.endswith("/fate"):
        return "fate"
    return PLACES.get((request.method, request.path), request.path)


Lie = Callable[[Answer], Iterator[bytes | float]]


@dataclass
class Liar:
    """The proxy. `lies`: what happens to which call; `twice`: calls that are sent on twice, and which answer counts."""

    upstream: str
    lies: dict[str, Lie] = field(default_factory=dict)
    twice: dict[str, int] = field(default_factory=dict)
    shuffled: bool = False
    seen: list[tuple[Request, Answer]] = field(default_factory=list)

    def __post_init__(self) -> None:
        relay = Relay(self.upstream, self.serve)
        self.url, self.ask, self.close = relay.url, relay.ask, relay.close

    def honest(self) -> None:
        """From now on."""
        self.lies, self.twice, self.shuffled, self.seen = {}, {}, False, []

    def serve(self, line: Line, request: Request) -> None:
        """One call."""
        call = call_of(request)
        answers = [self.ask(request) for _ in range(2 if call in self.twice else 1)]
        answer = answers[self.twice.get(call, 0)]
        before = self.seen[-1][1] if self.seen else answer
        self.seen.append((request, answer))
        if self.shuffled:
            line.wfile.write(before.raw())
            return
        lie = self.lies.get(call)
        if lie is None:
            line.wfile.write(answer.raw())
            return
        for part in lie(answer):
            if isinstance(part, bytes):
                line.wfile.write(part)
            else:
                time.sleep(part)
        line.close_connection = lie in CLOSING


def changed(**changes: Any) -> Lie:
    """Another status, body or length."""
    return lambda answer: iter([replace(answer, **changes).raw()])


def headed(name: str, value: str) -> Lie:
    """Another header."""
    return lambda answer: iter([answer.with_header(name, value).raw()])


def cut(where: Callable[[bytes, Answer], int]) -> Lie:
    """Only the first bytes, then the line is closed."""

    def lie(answer: Answer) -> Iterator[bytes | float]:
        raw = answer.raw()
        yield raw[: where(raw, answer)]

    CLOSING.add(lie)
    return lie


def closing(lie: Lie) -> Lie:
    """And then the line is closed."""
    CLOSING.add(lie)
    return lie


CLOSING: set[Lie] = set()


def _late(answer: Answer) -> Iterator[bytes | float]:
    yield LATE
    yield answer.raw()


def _dripping(answer: Answer) -> Iterator[bytes | float]:
    raw = answer.raw()
    for at in range(0, len(raw), 64):
        yield raw[at : at + 64]
        yield 0.1


def _twice(answer: Answer) -> Iterator[bytes | float]:
    yield answer.raw() * 2


def _bomb(answer: Answer) -> Iterator[bytes | float]:
    body = gzip.compress(b"[" * OVERSIZE, 6)
    yield replace(answer, body=body).with_header("Content-Encoding", "gzip").raw()


def _endless(answer: Answer) -> Iterator[bytes | float]:
    yield replace(answer, body=b"", length=str(10**12)).raw()
    yield b"x" * 65536


def _old_date(answer: Answer) -> Iterator[bytes | float]:
    return iter([answer.with_header("date", "Mon, 02 Jan 2017 03:04:05 GMT").raw()])


def _headless(answer: Answer) -> Iterator[bytes | float]:
    yield answer.body + b"\r\n\r\n"


LIES: dict[str, Lie] = {
    "status 500": changed(status=500, body=b"{}"),
    "status 302": lambda answer: iter([replace(answer, status=302).with_header("Location", "http://127.0.0.1:9/").raw()]),
    "status 204": changed(status=204, body=b""),
    "status 401": changed(status=401, body=b'{"error": "invalid_token"}'),
    "status 400 use_dpop_nonce": changed(status=400, body=b'{"error": "use_dpop_nonce"}'),
    "status 429 with a sentence": changed(status=429, body=b'{"error": "daily_limit"}'),
    "status 503 for a year": lambda answer: iter([
        replace(answer, status=503, body=b"{}").with_header("Retry-After", "31536000").raw()
    ]),
    "status 99": changed(status=99),
    "another nonce": headed("DPoP-Nonce", "A" * 22),
    "a nonce with line ends": headed("DPoP-Nonce", "A\r\n B"),
    "a cookie": headed("Set-Cookie", "id=1; Path=/"),
    "the wrong media type": headed("content-type", "text/html"),
    "no JSON": changed(body=b"<html>busy</html>"),
    "empty": changed(body=b""),
    "a list": changed(body=b"[]"),
    "deep JSON": changed(body=b"[" * 100_000),
    "not UTF-8": changed(body=b'{"error": "\xff\xfe"}'),
    "one field more": lambda answer: iter([replace(answer, body=answer.body[:-1] + b', "x": 1}').raw()]),
    "a date of years ago": _old_date,
    "no date": headed("date", ""),
    "said to be gzip": headed("Content-Encoding", "gzip"),
    "longer than said": lambda answer: iter([replace(answer, length=str(max(0, len(answer.body) - 5))).raw()]),
    "shorter than said": closing(lambda answer: iter([replace(answer, length=str(len(answer.body) + 50)).raw()])),
    "a length that is none": headed("Content-Length", "many"),
    "a head of a megabyte": headed("X-Padding", "x" * 1_000_000),
    "oversize": changed(body=b"[" + b"0," * (OVERSIZE // 2) + b"0]"),
    "endless": closing(_endless),
    "a bomb": _bomb,
    "late": _late,
    "dripping": _dripping,
    "twice": _twice,
    "no head": closing(_headless),
    "nothing": cut(lambda _raw, _answer: 0),
    "half a head": cut(lambda raw, _answer: raw.index(b"\r\n\r\n") // 2),
    "the head only": cut(lambda raw, _answer: raw.index(b"\r\n\r\n") + 4),
    "half the body": cut(lambda raw, answer: len(raw) - len(answer.body) // 2 - 1),
    "all but a byte": cut(lambda raw, _answer: len(raw) - 1),
}  # fmt: skip


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every field of a JSON value, of lists the first and the last item only."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, (*path, name))
    elif isinstance(value, list) and value:
        for index in sorted({0, len(value) - 1}):
            yield from leaves(value[index], (*path, index))
    else:
        yield path


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return [*value, "x"]
    text = str(value)
    at = len(text) // 2 if len(text) > LONGEST_WORD else len(text) - 1
    char = text[at : at + 1]
    swapped = chr(ord(char) ^ 1) if char.isascii() and char.isalnum() else "乙" if char != "乙" else "甲"
    return text[:at] + swapped + text[at + 1 :] if text else "x"


def field_changed(path: tuple[str | int, ...]) -> Lie:
    """One field of the answer has another value."""

    def lie(answer: Answer) -> Iterator[bytes | float]:
        told = place = json.loads(answer.body)
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = other(place[path[-1]])
        yield replace(answer, body=json.dumps(told).encode()).raw()

    return lie
