"""Ways to break one rule of our central: answers changed on their way out, and its own checks replaced."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

from central.identity.claims import BadToken, Jwt
from central.identity.claims import read as real_read
from central.identity.tokens import Grant


@dataclass
class Exchange:
    """One request and its answer, before it leaves."""

    method: str
    path: str
    sent: dict[str, str]
    body: bytes
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""

    def told(self) -> Any:
        """The answer's JSON."""
        return json.loads(self.answer)

    def tell(self, value: object, status: int | None = None) -> None:
        """Answer this instead."""
        self.answer = json.dumps(value).encode()
        self.status = status or self.status


class Twist:
    """An ASGI application around another one: `change` is called with every exchange."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.change: Callable[[Exchange], None] = lambda _exchange: None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        sent = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        exchange = Exchange(scope["method"], scope["path"], sent, body)
        messages: list[Any] = []

        async def again() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Any) -> None:
            messages.append(message)

        await self.app(scope, again, keep)
        exchange.status = messages[0]["status"]
        exchange.headers = {name.decode().lower(): value.decode() for name, value in messages[0]["headers"]}
        exchange.answer = b"".join(message.get("body", b"") for message in messages[1:])
        self.change(exchange)
        exchange.headers["content-length"] = str(len(exchange.answer))
        headers = [(name.encode(), value.encode()) for name, value in exchange.headers.items()]
        await send({"type": "http.response.start", "status": exchange.status, "headers": headers})
        await send({"type": "http.response.body", "body": exchange.answer})


@dataclass(frozen=True)
class Fault:
    """One broken rule: `change` on answers, or `patches` of central's own checks."""

    change: Callable[[Exchange], None] | None = None
    patches: Callable[[], list[Any]] | None = None

    @contextmanager
    def applied(self, twist: Twist) -> Iterator[None]:
        """Broken, as long as it lasts."""
        made = self.patches() if self.patches else []
        for patch in made:
            patch.start()
        twist.change = self.change or (lambda _exchange: None)
        try:
            yield
        finally:
            twist.change = lambda _exchange: None
            for patch in made:
                patch.stop()


def member(path: str, name: str, value: object, when: str = "") -> Fault:
    """Another value in a good answer's JSON (None takes it away); `when`: only if the request's body has this."""

    def change(exchange: Exchange) -> None:
        if exchange.path.startswith(path) and exchange.status < 300 and when.encode() in exchange.body:
            told = exchange.told()
            told.pop(name, None)
            exchange.tell(told if value is None else {**told, name: value})

    return Fault(change)


def header(path: str, name: str, value: str | None, bearing: Callable[[Exchange], bool] = lambda _one: True) -> Fault:
    """Another value of a header of the answer; None takes it away."""

    def change(exchange: Exchange) -> None:
        if exchange.path.startswith(path) and bearing(exchange):
            exchange.headers.pop(name, None)
            if value is not None:
                exchange.headers[name] = value

    return Fault(change)


def answered(path: str, when: Callable[[Exchange], bool], status: int = 200, told: object = None) -> Fault:
    """This request is answered, whatever central thinks of it."""

    def change(exchange: Exchange) -> None:
        if exchange.path.startswith(path) and when(exchange):
            exchange.tell(told or {}, status)

    return Fault(change)


def without_client(exchange: Exchange) -> bool:
    """A request without client authentication."""
    return b"client_assertion" not in exchange.body


def anonymous(exchange: Exchange) -> bool:
    """A request without a token."""
    return "authorization" not in exchange.sent


def patched(target: str, value: object) -> Fault:
    """Something in central replaced."""
    return Fault(patches=lambda: [mock.patch(target, value)])


def around(target: str, wrap: Callable[[Any], Any]) -> Fault:
    """Something in central wrapped."""

    def patches() -> list[Any]:
        module, _, name = target.rpartition(".")
        return [mock.patch(target, wrap(getattr(__import__(module, fromlist=[name]), name)))]

    return Fault(patches=patches)


def undemanded(module: str, name: str) -> Fault:
    """A claim that central doesn't look at."""

    def wrap(real: Any) -> Any:
        return lambda claims, expected: real(claims, {key: item for key, item in expected.items() if key != name})

    return around(f"{module}.demand", wrap)


class Believed(Jwt):
    """A JWT whose signature nobody checks."""

    def verified(self, key: object) -> dict[str, Any]:
        """The claims."""
        del key
        return self.claims


def unverified(module: str) -> Fault:
    """Signatures are not checked."""

    def read(token: str, typ: str | None, names: Any, *more: Any) -> Jwt:
        jwt = real_read(token, typ, names, *more)
        return Believed(jwt.text, jwt.header, jwt.claims)

    return patched(f"{module}.read", read)


def any_type(module: str) -> Fault:
    """`typ: JWT` will do."""

    def read(token: str, typ: str | None, names: Any, *more: Any) -> Jwt:
        try:
            return real_read(token, typ, names, *more)
        except BadToken:
            return real_read(token, None, names, *more)

    return patched(f"{module}.read", read)


def unsigned(module: str) -> Fault:
    """`alg: none` is believed."""

    def read(token: str, typ: str | None, names: Any, *more: Any) -> Jwt:
        from central.conformance.signing import b64, unb64

        first, *rest = token.split(".")
        told = json.loads(unb64(first))
        if told["alg"] != "none":
            return real_read(token, typ, names, *more)
        jwt = real_read(".".join([b64(json.dumps({**told, "alg": "ES256"}).encode()), *rest]), typ, names, *more)
        return Believed(jwt.text, jwt.header, jwt.claims)

    return patched(f"{module}.read", read)


def forgotten(kind: str) -> Fault:
    """What may count once counts again: `client:`, `card:` or `dpop:`."""

    def wrap(real: Any) -> Any:
        return lambda connection, *ids: real(connection, *(one for one in ids if not one.name.startswith(kind)))

    return around("central.identity.single_use.used_before", wrap)


def lenient(module: str, forgive: Callable[[float, float, float], bool]) -> Fault:
    """Times that should be refused are taken: `forgive(iat, exp, now)`."""

    def wrap(real: Any) -> Any:
        def fresh(claims: dict[str, Any]) -> float:
            if forgive(claims["iat"], claims["exp"], time.time()):
                return float(claims["exp"])
            return float(real(claims))

        return fresh

    return around(f"{module}.fresh", wrap)


class Whatever(str):
    """Equal to everything."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True


def claim_replaced(module: str, name: str, value: object) -> Fault:
    """Central reads this claim as if it were right."""

    def read(token: str, typ: str | None, names: Any, *more: Any) -> Jwt:
        jwt = real_read(token, typ, names, *more)
        return replace(jwt, claims={**jwt.claims, name: value})

    return patched(f"{module}.read", read)


def scope_forgiven(forgive: Callable[[Grant, str], bool]) -> Fault:
    """A token without the scope will do, where `forgive(grant, scope)`."""

    def wrap(real: Any) -> Any:
        def require(engine: Any, token: str, held: Any, scope: str, audience: str) -> Any:
            from central.identity.tokens import look_up

            grant = look_up(engine, token)
            if grant is not None and scope not in grant.scope.split() and forgive(grant, scope):
                return grant
            return real(engine, token, held, scope, audience)

        return require

    return around("central.api.office.require", wrap)
