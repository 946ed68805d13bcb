"""The holder's copy: offered by the terminal, fetched by a phone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse, Response

from backend_client.contract.documents import CopyLink, PhoneCopy
from central import copies, issuing
from central.access_log.noting import OF_SCOPE, Reader, Why, note
from central.api.office import Central, Scoped
from central.api.page import Page, failed
from central.api.verify_routes import BINARY
from central.identity.tokens import TERMINAL_SCOPE, Grant

router = APIRouter(tags=["documents"])
OfTerminal = Annotated[Grant, Depends(Scoped(TERMINAL_SCOPE))]
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{22}$")]
FILES: dict[int | str, dict[str, object]] = {
    200: {"content": {media: {"schema": BINARY} for media in copies.KINDS.values()}},
    404: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "Gone, or never there"},
}
UNSEEN = {"X-Robots-Tag": "noindex"}


@router.post("/api/v1/documents/{doc_no}/copy", status_code=201)
def offer(central: Central, grant: OfTerminal, doc_no: str, body: PhoneCopy) -> CopyLink:
    """Keep the holder's files for ten minutes; they are those of this document or refused."""
    return copies.offer(central.office, grant.client_id, doc_no, body)


@router.get("/copy/{token}", response_class=HTMLResponse)
def page(central: Central, request: Request, token: Token) -> HTMLResponse:
    """The two files to choose from."""
    kept = copies.fetch(central.engine, token)
    if kept is None:
        return failed(request, "copy", "gone", 404)
    made = Page(request, "copy")
    made.heading("here")
    made.add(f"<p>{made.say('number', doc_no=kept.doc_no)}</p>")
    for kind in copies.KINDS:
        made.add(f'<p><a class="button" href="/copy/{token}/{kind}" download>{made.say(kind)}</a></p>')
    made.note("soon", "warn")
    answer = made.answer()
    answer.headers.update(UNSEEN)
    return answer


@router.get("/copy/{token}/{kind}", response_class=Response, responses=FILES)
def file(
    central: Central, request: Request, token: Token, kind: Annotated[str, Path(pattern="^(pdf|ofd)$")]
) -> Response:
    """One of them; who fetched it is in the holder's access log, as far as anybody knows."""
    kept = copies.fetch(central.engine, token)
    if kept is None:
        return failed(request, "copy", "gone", 404)
    number, of = issuing.about(central.engine, kept.doc_no)
    reader = Reader("public", "", "phone")
    note(central, number, reader, OF_SCOPE[issuing.REGISTER[of].scope], Why("copy", case=kept.doc_no))
    body = kept.pdf if kind == "pdf" else kept.ofd
    name = f'attachment; filename="{kept.doc_no}.{kind}"'
    safe = {"Content-Disposition": name, "Referrer-Policy": "no-referrer"}
    return Response(body, media_type=copies.KINDS[kind], headers={**UNSEEN, **safe})
