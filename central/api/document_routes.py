"""Issuing, look-up, fates, and the public verification page."""

import html
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import HTMLResponse

from backend_client.contract.documents import DocumentStatus, FateReport, IssuedDocument, IssueRequest
from central import issuing
from central.api.office import Central, Scoped, granted
from central.identity.tokens import TERMINAL_SCOPE, Grant

router = APIRouter(tags=["documents"])
OfTerminal = Annotated[Grant, Depends(Scoped(TERMINAL_SCOPE))]

VERDICTS = {
    "valid": ("#1b6e3c", "凭证有效", "This document is valid."),
    "void": ("#a32a1c", "凭证已作废", "This document was voided."),
    "expired": ("#8a5a00", "凭证已过有效期", "This document is past its term."),
    "unknown": ("#a32a1c", "查无此凭证", "There is no such document."),
}


@router.post("/api/v1/documents", status_code=201)
def issue(
    central: Central,
    request: Request,
    body: IssueRequest,
    idempotency_key: Annotated[UUID, Header()],
    authorization: Annotated[str | None, Header()] = None,
    dpop: Annotated[str | None, Header()] = None,
) -> IssuedDocument:
    """Give the holder's document a number and a seal; the same key gives the same document."""
    grant = granted(central, request, authorization, dpop, issuing.REGISTER[body.kind].scope)
    return issuing.issue(central.office, grant, body, idempotency_key)


@router.get("/api/v1/documents/by-key/{key}")
def by_key(central: Central, grant: OfTerminal, key: UUID) -> DocumentStatus:
    """What became of an idempotency key; an unknown one is closed."""
    return issuing.status_of(central.engine, grant.client_id, key)


@router.post("/api/v1/documents/{doc_no}/fate")
def fate(central: Central, grant: OfTerminal, doc_no: str, report: FateReport) -> DocumentStatus:
    """The terminal's word on what became of the paper."""
    return issuing.report_fate(central.engine, grant.client_id, doc_no, report)


@router.get("/verify/{doc_no}", response_class=HTMLResponse)
def verify(central: Central, doc_no: str, code: str = "") -> HTMLResponse:
    """A page for anyone who holds the paper."""
    colour, zh, en = VERDICTS[issuing.verification(central.engine, doc_no, code)]
    return HTMLResponse(
        f"<!doctype html><html lang='zh-CN'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{zh}</title><body style='font-family:sans-serif;max-width:32em;margin:4em auto;text-align:center'>"
        f"<h1 style='color:{colour}'>{zh}</h1><p>{en}</p><p>{html.escape(doc_no)}</p></body></html>"
    )
