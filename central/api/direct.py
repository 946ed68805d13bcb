"""Routes for the busiest calls: described like all others (OpenAPI), answered without FastAPI's machinery.

An endpoint here is `async (central, request, form) -> model`, with `form` a pydantic model of its form fields. It runs
on the event loop: it reads, verifies and writes there (`Context.write`), and leaves all that waits to a thread.
"""

from collections.abc import Awaitable, Callable, Coroutine
from functools import cached_property
from typing import Annotated, Any, cast, get_type_hints
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Message, Receive, Scope, Send

from backend_client.crypto.errors import CryptoError
from central.errors import CentralRefusal

MAX_FORM, MAX_FIELDS = 65536, 50
FORM = b"application/x-www-form-urlencoded"


class ClientForm(BaseModel):
    """What every client sends: its assertion (RFC 7523), or its name beside its certificate (RFC 8705)."""

    client_assertion_type: Annotated[str | None, Field(max_length=200)] = None
    client_assertion: Annotated[str | None, Field(max_length=16384)] = None
    client_id: Annotated[str | None, Field(max_length=40)] = None


class TokenForm(ClientForm):
    """A token to look at or to end."""

    token: Annotated[str, Field(min_length=1, max_length=200)]


async def _body(request: Request) -> bytes:
    """The body, or as much of it as is too much."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            break
    return body


def _pair(part: bytes) -> tuple[str, str]:
    """A name and its value (URL standard, application/x-www-form-urlencoded), UTF-8 only."""
    name, _, value = part.partition(b"=")
    return _plain(name), _plain(value)


def _plain(text: bytes) -> str:
    if b"%" in text or b"+" in text:
        text = unquote_to_bytes(text.replace(b"+", b" "))
    return text.decode()


def fields(request: Request, body: bytes) -> dict[str, str]:
    """The form's fields, each once, and not in the query too (RFC 6749 section 3.2)."""
    if len(body) > MAX_FORM:
        raise CentralRefusal(413, "too_large", "A form is at most 64 KiB.")
    kind = next((value for name, value in request.scope["headers"] if name == b"content-type"), b"")
    parts = body.split(b"&") if kind.split(b";")[0].strip().lower() == FORM else []
    try:
        pairs = [_pair(part) for part in parts if part]
    except ValueError as error:
        raise CentralRefusal(400, "invalid_request", "The form can't be read.") from error
    if len(parts) > MAX_FIELDS:
        raise CentralRefusal(400, "invalid_request", "The form has too many fields.")
    found = dict(pairs)
    in_query = request.query_params.keys() if request.scope["query_string"] else ()
    if len(found) != len(pairs) or found.keys() & in_query:
        raise CentralRefusal(400, "invalid_request", "A parameter was sent twice.")
    return found


Handler = Callable[[Request, bytes], Coroutine[Any, Any, Response]]


class DirectRoute(APIRoute):
    """Takes the place of FastAPI's handler."""

    @cached_property
    def direct(self) -> Handler:
        """What answers a request: reads the form, calls the endpoint, writes the model."""
        endpoint: Callable[..., Awaitable[BaseModel]] = self.endpoint
        form: type[BaseModel] = get_type_hints(endpoint)["form"]
        whole = not self.response_model_exclude_none

        async def handle(request: Request, body: bytes) -> Response:
            found = fields(request, body)
            try:
                sent = form.model_validate(found)
            except ValidationError as error:
                places = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
                raise RequestValidationError(places) from error
            answer = await endpoint(request.app.state.context, request, sent)
            return Response(answer.model_dump_json(exclude_none=not whole), media_type="application/json")

        return handle


class Application(FastAPI):
    """FastAPI's application. Direct routes are answered before its layers; `headers` go with every answer."""

    def __init__(self, headers: Callable[[], list[tuple[bytes, bytes]]], **named: Any) -> None:
        super().__init__(**named)
        self._headers = headers
        self._direct: dict[tuple[bytes, bytes], Handler] = {}

    def include_direct(self, router: APIRouter) -> None:
        """Answer this router's routes, and describe them."""
        self.include_router(router)
        for route in router.routes:
            if isinstance(route, DirectRoute):
                names = [(method.encode(), route.path.encode()) for method in route.methods or ()]
                self._direct |= dict.fromkeys(names, route.direct)

    def direct(self, method: bytes, path: bytes) -> Handler | None:
        """What answers such a request; None when it goes the long way."""
        return self._direct.get((method, path))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return await super().__call__(scope, receive, send)
        handler = self.direct(scope["method"].encode(), scope["path"].encode())
        if handler is not None:
            request = Request(scope, receive)
            answer = await self.answer(handler, request, await _body(request))
            return await answer(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers()]
            await send(message)

        return await super().__call__(scope, receive, with_headers)

    async def answer(self, handler: Handler, request: Request, body: bytes) -> Response:
        """The answer of a direct route, a refusal too."""
        request.scope["app"] = self
        try:
            response = await handler(request, body)
        except (CentralRefusal, RequestValidationError, CryptoError, SQLAlchemyError) as error:
            told = (self.exception_handlers.get(kind) for kind in type(error).__mro__)
            response = cast(Response, next(filter(None, told))(request, error))
        response.raw_headers += self._headers()
        return response
