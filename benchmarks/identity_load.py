"""The load for `benchmarks.identity`, in a process of its own: blocking sockets, everything signed beforehand.

What can be signed before the clock runs is; live are only the card's signature (it needs the challenge) and the reading
of answers. One plan as JSON on standard input, one result as JSON on standard output. `busy` is the part of the time
that this process computed: well under 1, or it would measure itself.
"""

import json
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backend_client.client.keys import SigningKey
from backend_client.client.proofs import Setting, card_assertion, client_assertion, dpop_proof
from backend_client.contract.identity import GRANT_CARD, Challenge
from tests.city import SoftCard


@dataclass(frozen=True)
class Plan:
    """What to do. `client` signs with the key `pem`; or shows `certificate` (PEM) when that is given; or sends `basic`.

    `authority`: of the server's certificate (PEM); `cards`: card files; `tokens`: what is introspected.
    """

    kind: str
    url: str
    client: str
    pem: str
    count: int
    connections: int
    authority: str
    cards: tuple[dict[str, Any], ...] = ()
    tokens: tuple[str, ...] = ()
    certificate: str = ""
    basic: str = ""


@dataclass(frozen=True)
class Result:
    """`seconds` for `done` operations; each one's milliseconds; `refused` of them."""

    done: int
    seconds: float
    busy: float
    refused: int
    latencies: tuple[float, ...]


@dataclass(frozen=True)
class Answer:
    """Status and body."""

    status: int
    headers: bytes
    body: bytes


class Connection:
    """One kept HTTP/1.1 connection, for servers that send Content-Length or chunks."""

    def __init__(self, plan: Plan) -> None:
        parts = urlsplit(plan.url)
        plain = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = _tls(plan).wrap_socket(plain, server_hostname=parts.hostname)
        self.send, self._left = self._socket.sendall, b""

    def receive(self) -> Answer:
        """The next answer."""
        data = self._left
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head, rest = data[:end].lower(), data[end + 4 :]
        if (at := head.find(b"content-length:")) >= 0:
            size = int(head[at + 15 :].split(b"\r\n", 1)[0])
            while len(rest) < size:
                rest += self._more()
            body, self._left = rest[:size], rest[size:]
        else:
            body = self._chunks(rest)
        return Answer(int(data[9:12]), data[:end], body)

    def _chunks(self, rest: bytes) -> bytes:
        while not rest.endswith(b"0\r\n\r\n"):
            rest += self._more()
        self._left = b""
        return b"".join(rest.split(b"\r\n")[1::2])

    def _more(self) -> bytes:
        if not (block := self._socket.recv(65536)):
            raise ConnectionError("the server hung up")
        return block

    def asked(self, request: bytes) -> Answer:
        """Send and receive."""
        self.send(request)
        return self.receive()


def _tls(plan: Plan) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=plan.authority)
    if plan.certificate:
        context.load_cert_chain(plan.certificate)
    return context


def post(plan: Plan, path: str, form: dict[str, str], *headers: str) -> bytes:
    """A request's bytes."""
    body = urlencode(form)
    head = [
        f"POST {path} HTTP/1.1", f"Host: {urlsplit(plan.url).netloc}", f"Content-Length: {len(body)}",
        "Content-Type: application/x-www-form-urlencoded", *headers,
    ]  # fmt: skip
    if plan.basic:
        head.append(f"Authorization: Basic {plan.basic}")
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def _authenticated(plan: Plan, key: SigningKey) -> dict[str, str]:
    if plan.basic:
        return {}
    return {"client_id": plan.client} if plan.certificate else client_assertion(key, plan.client, plan.url)


def _key(pem: str) -> SigningKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return SigningKey(key)


def introspect(plan: Plan) -> Result:
    """Introspection, `connections` requests under way; each connection's answer is read in its turn."""
    key, tokens = _key(plan.pem), cycle(plan.tokens)
    requests = [
        post(plan, "/introspect", {"token": next(tokens), **_authenticated(plan, key)}) for _ in range(plan.count)
    ]
    lines = [Connection(plan) for _ in range(plan.connections)]
    sent, latencies, refused = [0.0] * len(lines), [], 0
    began, computed = time.perf_counter(), time.process_time()
    for number in range(plan.count + len(lines)):
        place = number % len(lines)
        if number >= len(lines):
            answer = lines[place].receive()
            latencies.append(time.perf_counter() - sent[place])
            refused += answer.status != 200 or b'"active":true' not in answer.body
        if number < plan.count:
            sent[place] = time.perf_counter()
            lines[place].send(requests[number])
    return _result(plan, began, computed, refused, latencies)


def _result(plan: Plan, began: float, computed: float, refused: int, latencies: list[float]) -> Result:
    seconds = time.perf_counter() - began
    busy = (time.process_time() - computed) / seconds
    return Result(plan.count, seconds, busy, refused, tuple(1000 * one for one in latencies))


@dataclass(frozen=True)
class Visit:
    """A sign-in prepared: both requests but for the card's assertion."""

    card: SoftCard
    key: SigningKey
    challenge: bytes
    form: dict[str, str]
    proof: str


def _nonce(plan: Plan, key: SigningKey) -> str:
    """The server's DPoP nonce, told in the refusal of a proof without one."""
    proof = dpop_proof(SigningKey.generate(), "POST", f"{plan.url}/token", None)
    form = {"grant_type": GRANT_CARD, "scope": "social", "assertion": "x", **_authenticated(plan, key)}
    headers = Connection(plan).asked(post(plan, "/token", form, f"DPoP: {proof}")).headers.decode().split("\r\n")
    return next(line.split(":", 1)[1].strip() for line in headers if line.lower().startswith("dpop-nonce:"))


def _visits(plan: Plan, key: SigningKey) -> Iterator[Visit]:
    cards, nonce = [SoftCard(file) for file in plan.cards], _nonce(plan, key)
    for number in range(plan.count):
        session = SigningKey.generate()
        _ = session.thumbprint
        yield Visit(
            cards[number % len(cards)], session, post(plan, "/card/challenge", _authenticated(plan, key)),
            {"grant_type": GRANT_CARD, "scope": "social", **_authenticated(plan, key)},
            dpop_proof(session, "POST", f"{plan.url}/token", nonce),
        )  # fmt: skip


def sign_in(plan: Plan) -> Result:
    """Challenge, card's signature, token; `connections` terminals at once, each one's answer read in its turn."""
    key = _key(plan.pem)
    visits = list(_visits(plan, key))
    lines = [Connection(plan) for _ in range(plan.connections)]
    latencies: list[float] = []
    refused, began, computed = 0, time.perf_counter(), time.process_time()
    for first in range(0, plan.count, len(lines)):
        group = list(zip(lines, visits[first : first + len(lines)], strict=False))
        started = time.perf_counter()
        for line, visit in group:
            line.send(visit.challenge)
        for line, visit in group:
            line.send(_token_request(plan, key, visit, line.receive()))
        for line, _visit in group:
            refused += line.receive().status != 200
            latencies.append(time.perf_counter() - started)
    return _result(plan, began, computed, refused, latencies)


def _token_request(plan: Plan, key: SigningKey, visit: Visit, answer: Answer) -> bytes:
    challenge = Challenge.model_validate_json(answer.body)
    setting = Setting(plan.client, f"{plan.url}/token", challenge, visit.key.thumbprint)
    assertion = card_assertion(visit.card, key, setting)
    return post(plan, "/token", {"assertion": assertion, **visit.form}, f"DPoP: {visit.proof}")


def main() -> None:
    """Do the plan."""
    plan = Plan(**json.load(sys.stdin))
    result = {"introspect": introspect, "sign_in": sign_in}[plan.kind](plan)
    json.dump(asdict(result), sys.stdout)


if __name__ == "__main__":
    main()
