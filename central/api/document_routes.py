"""Issuing, look-up and fates."""

import base64
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from pydantic import AwareDatetime

from backend_client.contract.documents import (
    DocumentStatus,
    FateReport,
    FileDigest,
    FileSignature,
    IssuedDocument,
    IssuedNumbers,
    IssueRequest,
)
from central import issuing
from central.access_log.noting import OF_SCOPE, Reader, Why, note, note_read
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
    issued = issuing.issue(central.office, grant, body, idempotency_key)
    theme = OF_SCOPE[issuing.REGISTER[body.kind].scope]
    note_read(central, grant, theme, Why("document", case=issued.doc_no))
    return issued


@router.get("/api/v1/documents/by-key/{key}")
def by_key(central: Central, grant: OfTerminal, key: UUID) -> DocumentStatus:
    """What became of an idempotency key; an unknown one is closed."""
    return issuing.status_of(central.engine, grant.client_id, key)


@router.get("/api/v1/documents")
def issued_numbers(central: Central, grant: OfTerminal, since: AwareDatetime, until: AwareDatetime) -> IssuedNumbers:
    """The numbers that this terminal was given from `since` to before `until`, for its books."""
    return issuing.issued_between(central.engine, grant.client_id, since, until)


@router.post("/api/v1/documents/{doc_no}/signature")
def signature(central: Central, grant: OfTerminal, doc_no: str, digest: FileDigest) -> FileSignature:
    """Sign the PDF that the terminal made of a document, by its digest."""
    cms = issuing.sign_file(central.office, grant.client_id, doc_no, digest.sha256)
    number, kind = issuing.about(central.engine, doc_no)
    reader = Reader(grant.client_id, "", "terminal")
    note(central, number, reader, OF_SCOPE[issuing.REGISTER[kind].scope], Why("copy", case=doc_no))
    return FileSignature(cms=base64.b64encode(cms).decode())


@router.post("/api/v1/documents/{doc_no}/fate")
def fate(central: Central, grant: OfTerminal, doc_no: str, report: FateReport) -> DocumentStatus:
    """The terminal's word on what became of the paper."""
    return issuing.report_fate(central.engine, grant.client_id, doc_no, report)
