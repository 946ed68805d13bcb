"""Checking for everyone: the page, the address in the symbol on paper, and the list of void documents."""

import unicodedata
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Header, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute

from backend_client.contract.documents import IssuedDocument
from central import issuing, status_list
from central.access_log.noting import OF_SCOPE, PUBLIC, Why, note
from central.api.office import Central, Context
from central.api.verify_page import CAMERA_HASH, Language, View, form_page, too_large_page, verdict_page
from central.checking import check_online
from central.errors import CentralRefusal
from central.verification import State, Verdict

LARGEST_FORM = 10_000_000
LONGEST_LISTENED = 200_000_000  # who closes while data still come may lose the answer (RFC 9112, 9.6)
LARGEST_STAMP_REQUEST = 4096
BINARY = {"type": "string", "format": "binary"}
SAFE = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'unsafe-inline'; script-src '{CAMERA_HASH}'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Permissions-Policy": "camera=(self)",
    "Referrer-Policy": "no-referrer",
}


class FormRoute(APIRoute):
    """A form is read only when it says how long it is and that is not too much; what can't be read is a page too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's, behind that question."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            view = _view("/verify", request.query_params.get("lang", ""), request.headers.get("accept-language", ""))
            length = request.headers.get("content-length", "")
            if not length.isdecimal() or int(length) > LARGEST_FORM:
                await _listen(request)
                return _answer(too_large_page(view), 413)
            try:
                return await inner(request)
            except RequestValidationError:
                return _answer(verdict_page(view, Verdict(State.UNKNOWN), None), 400)

        return handler


async def _listen(request: Request) -> None:
    """Take in what is sent, keep nothing."""
    heard = 0
    async for piece in request.stream():
        heard += len(piece)
        if heard > LONGEST_LISTENED:
            return


router = APIRouter(tags=["verification"])
forms = APIRouter(tags=["verification"], route_class=FormRoute)


def _view(path: str, lang: str, accepted: str) -> View:
    """Chinese, unless English was chosen or the browser's first language is another."""
    chosen: Language = "en" if lang == "en" or (lang != "zh" and accepted and not accepted.startswith("zh")) else "zh"
    return View(chosen, path)


def _answer(html: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status, headers=SAFE)


def _verdict(central: Context, view: View, verdict: Verdict) -> HTMLResponse:
    known = verdict.facts is not None and verdict.state in (State.VALID, State.EXPIRED)
    document = _shown(central, verdict.facts.doc_no) if known and verdict.facts else None
    return _answer(verdict_page(view, verdict, document))


def _typed(text: str) -> str:
    """As it was printed: without blanks, in capitals, half width."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def _shown(central: Context, doc_no: str) -> IssuedDocument | None:
    """The document, to be shown to somebody who holds its code; the holder's log says so."""
    document = issuing.document(central.engine, doc_no)
    if document is not None:
        number, kind = issuing.about(central.engine, doc_no)
        note(central, number, PUBLIC, OF_SCOPE[issuing.REGISTER[kind].scope], Why("check", case=doc_no))
    return document


def _by_number(central: Context, view: View, doc_no: str, code: str) -> HTMLResponse:
    state = State(issuing.state_of(central.engine, doc_no, code))
    known = state in (State.VALID, State.EXPIRED)
    return _answer(verdict_page(view, Verdict(state), _shown(central, doc_no) if known else None))


@router.get("/verify", response_class=HTMLResponse)
def form(lang: str = "", accept_language: Annotated[str, Header()] = "") -> HTMLResponse:
    """The page with both ways of checking."""
    return _answer(form_page(_view("/verify", lang, accept_language)))


@forms.post("/verify", response_class=HTMLResponse)
def check(
    central: Central,
    file: Annotated[UploadFile | None, File()] = None,
    doc_no: Annotated[str, Form(max_length=40)] = "",
    code: Annotated[str, Form(max_length=40)] = "",
    lang: str = "",
    accept_language: Annotated[str, Header()] = "",
) -> HTMLResponse:
    """Check a file, or a number with its verify code."""
    view = _view("/verify", lang, accept_language)
    if file is None:
        return _by_number(central, view, _typed(doc_no), _typed(code))
    return _verdict(central, view, check_online(central.engine, central.keys, file.file.read()))


@router.get("/verify/{doc_no}", response_class=HTMLResponse)
def by_number(
    central: Central, doc_no: str, code: str = "", lang: str = "", accept_language: Annotated[str, Header()] = ""
) -> HTMLResponse:
    """The address that stands in words on the paper."""
    view = _view(f"/verify/{quote(doc_no)}?code={quote(code)}", lang, accept_language)
    return _by_number(central, view, doc_no, code)


@router.get("/V/{code}", response_class=HTMLResponse)
def scanned(
    central: Central, code: str, lang: str = "", accept_language: Annotated[str, Header()] = ""
) -> HTMLResponse:
    """The address in the symbol: any phone's camera opens it."""
    view = _view(f"/V/{quote(code)}", lang, accept_language)
    return _verdict(central, view, check_online(central.engine, central.keys, code.encode()))


@router.post(
    "/tsa",
    response_class=Response,
    responses={200: {"content": {"application/timestamp-reply": {"schema": BINARY}}}},
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/timestamp-query": {"schema": BINARY}}},
    },
)
async def time_stamp(central: Central, request: Request) -> Response:
    """Our time-stamp authority (RFC 3161, 3.4), for anyone who checks or makes signatures with it."""
    from central.signatures import NotATimeStampRequest, answer_time_stamp

    body = await request.body()
    try:
        answer = await run_in_threadpool(answer_time_stamp, central.keys, body[:LARGEST_STAMP_REQUEST])
    except NotATimeStampRequest as error:
        raise CentralRefusal(400, "invalid_request", str(error)) from error
    return Response(answer, media_type="application/timestamp-reply")


@router.get(
    "/status-list",
    response_class=Response,
    responses={200: {"content": {status_list.MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
def void_documents(central: Central, request: Request) -> Response:
    """The signed list of void documents, to be kept by verifiers without a network."""
    del request
    url = f"{central.settings.public_url}/status-list"
    token = status_list.make(central.engine, central.keys, url)
    return Response(token, media_type=status_list.MEDIA_TYPE)
