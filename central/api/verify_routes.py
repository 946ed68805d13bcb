"""Checking for everyone: the page, the address in the symbol on paper, and the list of void documents."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Header, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from central import issuing, status_list
from central.api.office import Central, Context
from central.api.verify_page import Language, View, form_page, verdict_page
from central.checking import check_online
from central.errors import CentralRefusal
from central.verification import State, Verdict

router = APIRouter(tags=["verification"])
LARGEST_UPLOAD = 10_000_000
LARGEST_STAMP_REQUEST = 4096
BINARY = {"type": "string", "format": "binary"}
SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _view(path: str, lang: str, accepted: str) -> View:
    """Chinese, unless English was chosen or the browser's first language is another."""
    chosen: Language = "en" if lang == "en" or (lang != "zh" and accepted and not accepted.startswith("zh")) else "zh"
    return View(chosen, path)


def _answer(html: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status, headers=SAFE)


def _verdict(central: Context, view: View, verdict: Verdict) -> HTMLResponse:
    known = verdict.facts is not None and verdict.state in (State.VALID, State.EXPIRED)
    document = issuing.document(central.engine, verdict.facts.doc_no) if known and verdict.facts else None
    return _answer(verdict_page(view, verdict.state, document))


def _by_number(central: Context, view: View, doc_no: str, code: str) -> HTMLResponse:
    state = State(issuing.state_of(central.engine, doc_no, code))
    known = state in (State.VALID, State.EXPIRED)
    return _answer(verdict_page(view, state, issuing.document(central.engine, doc_no) if known else None))


@router.get("/verify", response_class=HTMLResponse)
def form(lang: str = "", accept_language: Annotated[str, Header()] = "") -> HTMLResponse:
    """The page with both ways of checking."""
    return _answer(form_page(_view("/verify", lang, accept_language)))


@router.post("/verify", response_class=HTMLResponse)
def check(
    central: Central,
    file: Annotated[UploadFile | None, File()] = None,
    doc_no: Annotated[str, Form(max_length=24)] = "",
    code: Annotated[str, Form(max_length=16)] = "",
    lang: str = "",
    accept_language: Annotated[str, Header()] = "",
) -> HTMLResponse:
    """Check a file, or a number with its verify code."""
    view = _view("/verify", lang, accept_language)
    if file is None:
        return _by_number(central, view, doc_no.strip().upper(), code.strip().upper())
    data = file.file.read(LARGEST_UPLOAD + 1)
    if len(data) > LARGEST_UPLOAD:
        return _answer(verdict_page(view, State.NOT_OURS, None), 413)
    return _verdict(central, view, check_online(central.engine, central.keys, data))


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
