"""The FastAPI application: routes, error bodies, and the DPoP nonce on every answer."""

import logging
import uuid
from datetime import UTC, datetime

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from backend_client.contract.identity import Problem
from backend_client.crypto.errors import CryptoError
from central.api import (
    access_routes,
    account_routes,
    copy_routes,
    device_routes,
    document_routes,
    est_routes,
    identity_routes,
    openid_routes,
    record_routes,
    verify_routes,
)
from central.api.direct import Application
from central.api.office import Context
from central.api.page import failed
from central.errors import CentralRefusal, NotNow, problem
from central.identity.dpop import current_nonce

log = logging.getLogger(__name__)

ROUTERS = (
    identity_routes.router, est_routes.router, openid_routes.router, device_routes.router,
    account_routes.router, access_routes.router, record_routes.router, document_routes.router, verify_routes.router,
    verify_routes.forms, copy_routes.router,
)  # fmt: skip

# RFC 6749 section 5.2 fixes the media type of these endpoints' errors; the body is the same.
OAUTH_PATHS = ("/token", "/revoke", "/introspect", "/card/", "/device_authorization")
# A person reads what these answer, so that a refusal is a page there.
PAGES = {
    f"{first}{more}": group
    for first, group in (("/device", "device"), ("/authorize", "sign_in"))
    for more in ("", "/phone", "/decide")
}
CODES = {401: "invalid_client", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
PROBLEMS: dict[int | str, dict[str, object]] = {
    "4XX": {"model": Problem, "content": {"application/problem+json": {}}, "description": "A refusal"},
    "503": {"model": Problem, "content": {"application/problem+json": {}}, "description": "Not now: HSM, SMS or load"},
}


def _told(request: Request, refusal: CentralRefusal) -> Response:
    group = PAGES.get(request.url.path)
    if group is not None and "text/html" in request.headers.get("accept", ""):
        return failed(request, group, refusal.code, refusal.status)
    instance = f"urn:uuid:{uuid.uuid4()}"
    if refusal.reason:
        log.info("refused %s: %s (%s)", refusal.code, refusal.reason, instance)
    kind = "application/json" if request.url.path.startswith(OAUTH_PATHS) else "application/problem+json"
    return JSONResponse(problem(refusal, instance), refusal.status, refusal.headers, kind)


def _refused(request: Request, refusal: Exception) -> Response:
    if not isinstance(refusal, CentralRefusal):
        raise refusal
    return _told(request, refusal)


def _malformed(request: Request, error: Exception) -> Response:
    places = [".".join(map(str, e["loc"])) for e in error.errors()] if isinstance(error, RequestValidationError) else []
    return _told(request, CentralRefusal(400, "invalid_request", f"Wrong or missing: {', '.join(places)[:300]}."))


def _crypto_failed(request: Request, error: Exception) -> Response:
    log.warning("a key or the cryptography failed: %s", error)
    return _told(request, NotNow())


def _storage_failed(request: Request, error: Exception) -> Response:
    """PostgreSQL takes no NUL and nothing longer than its column; all else is not the caller's fault."""
    if isinstance(error, DataError):
        return _told(request, CentralRefusal(400, "invalid_request", "A value here is not one that can be kept."))
    log.error("the database failed: %s", type(getattr(error, "orig", None) or error).__name__)  # no values in a log
    return _told(request, NotNow())


def _broken(request: Request, _error: Exception) -> Response:
    """A fault of ours; the server logs it."""
    return _told(request, CentralRefusal(500, "server_error", "Central itself failed; tell who runs it."))


def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if status == 405:  # the router names the methods of one of the path's routes only
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    code = CODES.get(status, "invalid_request")
    there = "There is nothing like that here; see openapi.json."
    sentence = there if status in (404, 405) else "The request can't be read; see openapi.json."
    return _told(request, CentralRefusal(status, code, sentence, headers))


def _methods(request: Request) -> set[str]:
    """All methods that this path takes (RFC 9110 section 15.5.6)."""
    routes = [*request.app.routes, *(route for router in (identity_routes.direct, *ROUTERS) for route in router.routes)]
    here = (
        route.methods or set()
        for route in routes
        if isinstance(route, Route) and route.matches(request.scope)[0] != Match.NONE
    )
    return set[str]().union(*here)


def create_app(central: Context | None = None) -> FastAPI:
    """The application on a context; without one it can only describe itself (OpenAPI)."""

    def headers() -> list[tuple[bytes, bytes]]:
        """The nonce for the next proof; and nobody keeps an answer."""
        nonce = current_nonce(central.keys.nonce_key) if central is not None else ""
        return [(b"dpop-nonce", nonce.encode()), *fixed]

    fixed = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    if central is not None and central.issuer.startswith("https:"):
        fixed.append((b"strict-transport-security", b"max-age=31536000"))

    named = {"title": "OneCard central platform", "version": "1", "docs_url": None, "redoc_url": None}
    app = Application(headers, **named, responses=PROBLEMS)
    app.state.context = central
    app.add_exception_handler(CentralRefusal, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(CryptoError, _crypto_failed)
    app.add_exception_handler(SQLAlchemyError, _storage_failed)
    app.add_exception_handler(Exception, _broken)
    app.include_direct(identity_routes.direct)
    for router in ROUTERS:
        app.include_router(router)

    @app.get("/healthz", tags=["operation"])
    def healthz() -> dict[str, str]:
        """Alive, and what the clock says."""
        return {"status": "ok", "time": datetime.now(UTC).isoformat()}

    return app
