"""Issuing, look-up and fates."""

import base64
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request

from backend_client.contract.documents import (
    DocumentStatus,
    FateReport,
    FileDigest,
    FileSignature,
    IssuedDocument,
    IssueRequest,
)
from central import issuing
from central.api.office import Central, Presented, Proof, Scoped, granted
from central.identity.tokens import TERMINAL_SCOPE, Grant

router = APIRouter(tags=["documents"])
OfTerminal = Annotated[Grant, Depends(Scoped(TERMINAL_SCOPE))]


@router.post("/api/v1/documents", status_code=201)
def issue(
    central: Central,
    request: Request,
    body: IssueRequest,
    idempotency_key: Annotated[UUID, Header()],
    authorization: Presented,
    dpop: Proof = None,
) -> IssuedDocument:
    """Give the holder's document a number and a seal; the same key gives the same document."""
    grant = granted(central, request, authorization, dpop, issuing.REGISTER[body.kind].scope)
    return issuing.issue(central.office, grant, body, idempotency_key)


@router.get("/api/v1/documents/by-key/{key}")
def by_key(central: Central, grant: OfTerminal, key: UUID) -> DocumentStatus:
    """What became of an idempotency key; an unknown one is closed."""
    return issuing.status_of(central.engine, grant.client_id, key)


@router.post("/api/v1/documents/{doc_no}/signature")
def signature(central: Central, grant: OfTerminal, doc_no: str, digest: FileDigest) -> FileSignature:
    """Sign the PDF that the terminal made of a document, by its digest."""
    cms = issuing.sign_file(central.office, grant.client_id, doc_no, digest.sha256)
    return FileSignature(cms=base64.b64encode(cms).decode())


@router.post("/api/v1/documents/{doc_no}/fate")
def fate(central: Central, grant: OfTerminal, doc_no: str, report: FateReport) -> DocumentStatus:
    """The terminal's word on what became of the paper."""
    return issuing.report_fate(central.engine, grant.client_id, doc_no, report)
