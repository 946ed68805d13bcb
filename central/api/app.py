"""The FastAPI application: routes, error bodies, and the DPoP nonce on every answer."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from central.api import document_routes, identity_routes, record_routes, verify_routes
from central.api.office import Context
from central.errors import CentralRefusal
from central.identity.dpop import current_nonce


def _refused(_request: Request, refusal: Exception) -> JSONResponse:
    if not isinstance(refusal, CentralRefusal):
        raise refusal
    body = {"error": refusal.code, "error_description": refusal.sentence}
    return JSONResponse(body, status_code=refusal.status, headers=refusal.headers)


def _malformed(_request: Request, error: Exception) -> JSONResponse:
    places = [".".join(map(str, e["loc"])) for e in error.errors()] if isinstance(error, RequestValidationError) else []
    body = {"error": "invalid_request", "error_description": f"Wrong or missing: {', '.join(places)}."}
    return JSONResponse(body, status_code=400)


def create_app(central: Context | None = None) -> FastAPI:
    """The application on a context; without one it can only describe itself (OpenAPI)."""
    app = FastAPI(title="OneCard central platform", version="1", docs_url=None, redoc_url=None)
    app.state.context = central
    app.add_exception_handler(CentralRefusal, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    for router in (identity_routes.router, record_routes.router, document_routes.router, verify_routes.router):
        app.include_router(router)

    @app.get("/healthz", tags=["operation"])
    def healthz() -> dict[str, str]:
        """Alive, and what the clock says."""
        return {"status": "ok", "time": datetime.now(UTC).isoformat()}

    @app.middleware("http")
    async def carry_nonce(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Each answer brings the nonce for the next proof, and is not kept by anyone."""
        response = await call_next(request)
        if central is not None:
            response.headers["DPoP-Nonce"] = current_nonce(central.keys.nonce_key)
            response.headers["Cache-Control"] = "no-store"
        return response

    return app
