"""Routes for the busiest calls: described like all others (OpenAPI), answered without FastAPI's machinery.

An endpoint here is `async (central, request, form) -> model`, with `form` a pydantic model of its form fields. It runs
on the event loop: it reads, verifies and writes there (`Context.write`), and leaves all that waits to a thread.
"""

from collections.abc import Awaitable, Callable, Coroutine
from functools import cached_property
from typing import Annotated, Any, cast, get_type_hints
from urllib.parse import parse_qsl

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


async def fields(request: Request) -> dict[str, str]:
    """The form's fields, each once, and not in the query too (RFC 6749 section 3.2)."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            raise CentralRefusal(413, "too_large", "A form is at most 64 KiB.")
    is_form = request.headers.get("content-type", "").encode("latin-1").split(b";")[0].strip().lower() == FORM
    try:
        pairs = parse_qsl(body.decode() if is_form else "", True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise CentralRefusal(400, "invalid_request", "The form can't be read.") from error
    found = dict(pairs)
    in_query = request.query_params.keys() if request.scope["query_string"] else ()
    if len(found) != len(pairs) or found.keys() & in_query:
        raise CentralRefusal(400, "invalid_request", "A parameter was sent twice.")
    return found


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class DirectRoute(APIRoute):
    """Takes the place of FastAPI's handler."""

    @cached_property
    def direct(self) -> Handler:
        """What answers a request."""
        return self.get_route_handler()

    def get_route_handler(self) -> Handler:
        """Reads the form, calls the endpoint, writes the model."""
        endpoint: Callable[..., Awaitable[BaseModel]] = self.endpoint
        form: type[BaseModel] = get_type_hints(endpoint)["form"]
        whole = not self.response_model_exclude_none

        async def handle(request: Request) -> Response:
            found = await fields(request)
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
        self._direct: dict[tuple[str, str], Handler] = {}

    def include_direct(self, router: APIRouter) -> None:
        """Answer this router's routes, and describe them."""
        self.include_router(router)
        for route in router.routes:
            if isinstance(route, DirectRoute):
                self._direct |= dict.fromkeys(((method, route.path) for method in route.methods or ()), route.direct)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return await super().__call__(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers()]
            await send(message)

        handler = self._direct.get((scope["method"], scope["path"]))
        if handler is None:
            return await super().__call__(scope, receive, with_headers)
        scope["app"] = self
        answer = await self._answer(handler, Request(scope, receive))
        return await answer(scope, receive, with_headers)

    async def _answer(self, handler: Handler, request: Request) -> Response:
        try:
            return await handler(request)
        except (CentralRefusal, RequestValidationError, CryptoError, SQLAlchemyError) as error:
            told = (self.exception_handlers.get(kind) for kind in type(error).__mro__)
            return cast(Response, next(filter(None, told))(request, error))
