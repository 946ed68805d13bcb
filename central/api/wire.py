"""HTTP/1.1 for uvicorn: direct routes are answered here, without ASGI between; all others go uvicorn's way.

Each connection's client certificate lies in its `state`, where requests find it (ASGI has no field for it).
"""

import asyncio
import ssl
from asyncio import Transport
from typing import cast

from fastapi import Request
from fastapi.responses import PlainTextResponse, Response
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from central.api.direct import MAX_FORM, Application, Handler
from central.api.office import PEER

_NOBODY_WAITS = asyncio.Event()


class Exchange:
    """A request to a direct route and its answer, in the place of uvicorn's cycle, whose names these are."""

    message_event = _NOBODY_WAITS

    def __init__(self, wire: "Wire", handler: Handler) -> None:
        self.wire, self.handler = wire, handler
        self.scope = cast(Scope, wire.scope)
        self.keep_alive = wire.parser.should_keep_alive()
        self.disconnected = self.begun = self.response_complete = False
        self.body = bytearray()

    async def run_asgi(self, app: Application) -> None:
        """Answer. A fault is logged and closes the connection, as uvicorn does."""
        response: Response
        try:
            response = await app.answer(self.handler, Request(self.scope), bytes(self.body))
        except BaseException as error:
            self.wire.logger.error("Exception in ASGI application\n", exc_info=error)
            response, self.keep_alive = PlainTextResponse("Internal Server Error", 500), False
        if self.wire.flow.write_paused:
            await self.wire.flow.drain()
        if not self.disconnected:
            self._write(response.status_code, response.raw_headers, bytes(response.body))

    def _write(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        lines = [b"%b: %b\r\n" % line for line in (*self.wire.server_state.default_headers, *headers)]
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        self.wire.transport.write(b"".join((STATUS_LINE[status], *lines, b"\r\n", body)))
        self.response_complete = True
        if not self.keep_alive:
            self.wire.transport.close()
        self.wire.on_response_complete()


class Wire(HttpToolsProtocol):
    """One connection."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """A connection is there, its handshake done."""
        channel: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        peer = channel.getpeercert(binary_form=True) if channel is not None else None
        self.app_state = {**self.app_state, PEER: peer}
        super().connection_made(transport)

    def on_headers_complete(self) -> None:
        """The head of a request was read: whose is it? A busy connection's next request waits in uvicorn's queue."""
        handler = self._direct()
        if handler is None:
            super().on_headers_complete()
        else:
            path = self.url.decode("ascii")
            self.scope.update({"method": "POST", "path": path, "raw_path": self.url, "query_string": b""})
            self.cycle = Exchange(self, handler)  # type: ignore[assignment]

    def _direct(self) -> Handler | None:
        free = self.cycle is None or self.cycle.response_complete
        plain = not (self.expect_100_continue or self.parser.should_upgrade())
        if not (free and plain and isinstance(self.app, Application)) or self.parser.get_http_version() != "1.1":
            return None
        return self.app.direct(self.parser.get_method(), self.url)

    def on_body(self, body: bytes) -> None:
        """A piece of the body; one that is too large is answered at once."""
        exchange: object = self.cycle
        if not isinstance(exchange, Exchange):
            super().on_body(body)
        elif not exchange.begun:
            exchange.body += body
            if len(exchange.body) > MAX_FORM:
                self._begin(exchange)

    def on_message_complete(self) -> None:
        """The request is whole."""
        exchange: object = self.cycle
        if not isinstance(exchange, Exchange):
            super().on_message_complete()
        elif not exchange.begun:
            self._begin(exchange)

    def _begin(self, exchange: Exchange) -> None:
        exchange.begun = True
        self._start_asgi_task(exchange, self.app)  # type: ignore[arg-type]
