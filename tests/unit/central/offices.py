"""An issuing office on a fresh database, without HTTP: documents for tests of paper and verification."""

import json
import uuid
from datetime import date
from pathlib import Path

from sqlalchemy import update

from backend_client.contract import seal
from backend_client.contract.documents import DocumentKind, FateReport, IssuedDocument, IssueRequest
from central import issuing
from central.checking import keys_in
from central.identity.tokens import Grant
from central.issuing import Office
from central.keys import Keys
from central.storage import documents, open_storage, writing
from central.verification import check_code

URL = "https://heyan.example.invalid"
TERMINAL = "T44010500001"


def office(folder: Path) -> Office:
    """A new office with new keys."""
    return Office(open_storage(f"sqlite:///{folder}/c.db"), Keys(folder / "keys"), URL)


def issue(at: Office, person: int = 4, kind: DocumentKind = DocumentKind.CONTRIBUTIONS_STATEMENT) -> IssuedDocument:
    """One document for a resident."""
    medium = issuing.REGISTER[kind].medium
    return issuing.issue(at, _grant(person), IssueRequest(kind=kind, medium=medium), uuid.uuid4())


def _grant(person: int) -> Grant:
    return Grant(
        person=person, holder=person, card_id="0" * 32, client_id=TERMINAL, scope="social family", audience="",
        sid="s", acr="a", jkt="j", x5t=None, auth_time=0.0, issued=0.0, expires=9e9, ends=9e9,
    )  # fmt: skip


def void(at: Office, document: IssuedDocument) -> None:
    """The terminal says that no paper came out."""
    issuing.report_fate(at.engine, TERMINAL, document.doc_no, FateReport(state="voided", reason="paper out"))


def with_term(at: Office, document: IssuedDocument, valid_until: date) -> IssuedDocument:
    """The same document with another term, signed and stored again."""
    jwks = keys_in(json.dumps(at.keys.public_jwks()))
    facts = check_code(document.signed_code, jwks, date.min).facts
    assert facts is not None
    changed = document.model_copy(update={"valid_until": valid_until})
    signed = issuing.sign(at.keys, seal.sealed(changed, facts.status))
    changed = changed.model_copy(update={"signed_code": signed})
    with writing(at.engine) as connection:
        body = changed.model_dump_json().encode()
        connection.execute(update(documents).where(documents.c.doc_no == document.doc_no).values(body=body))
    return changed
