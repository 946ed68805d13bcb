"""Files for a holder's phone: kept a few minutes under an address that nobody can guess (decision 0034)."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select

from backend_client.contract import seal
from backend_client.contract.documents import CopyLink, DocumentState, IssuedDocument, PhoneCopy
from central.certificates import authority
from central.errors import CentralRefusal
from central.evidence import code_in
from central.issuing import Office
from central.storage import copies, documents, writing

SECONDS = 600
KINDS = {"pdf": "application/pdf", "ofd": "application/ofd"}


@dataclass(frozen=True)
class Kept:
    """What stands under an address. Nobody learns more of a document than its number before the file itself."""

    doc_no: str
    pdf: bytes
    ofd: bytes


def offer(office: Office, terminal_id: str, doc_no: str, copy: PhoneCopy) -> CopyLink:
    """Keep the two files of this terminal's own document; the address that is given before is dead."""
    document = _document(office.engine, terminal_id, doc_no)
    pdf, ofd = (_decoded(text) for text in (copy.pdf, copy.ofd))
    _demand_ours(office, document, pdf, ofd)
    token, now = secrets.token_urlsafe(16), time.time()
    with writing(office.engine) as connection:
        connection.execute(delete(copies).where((copies.c.expires < now) | (copies.c.doc_no == doc_no)))
        connection.execute(insert(copies).values(
            doc_no=doc_no, token=_hidden(token), pdf=pdf, ofd=ofd, expires=now + SECONDS,
        ))  # fmt: skip
    return CopyLink(url=f"{office.public_url}/copy/{token}", expires_in=SECONDS)


def fetch(engine: Engine, token: str) -> Kept | None:
    """What stands under an address, while it does."""
    found = select(copies).where(copies.c.token == _hidden(token), copies.c.expires >= time.time())
    with engine.connect() as connection:
        row = connection.execute(found).one_or_none()
    return None if row is None else Kept(row.doc_no, row.pdf, row.ofd)


def _hidden(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _document(engine: Engine, terminal_id: str, doc_no: str) -> IssuedDocument:
    found = select(documents.c.state, documents.c.body).where(
        documents.c.doc_no == doc_no, documents.c.terminal_id == terminal_id
    )
    with engine.connect() as connection:
        row = connection.execute(found).one_or_none()
    if row is None:
        raise CentralRefusal(404, "unknown_document", "This terminal was issued no document with this number.")
    if row.state == DocumentState.VOIDED.value:
        raise CentralRefusal(409, "fate_known", "This document is void; no copy of it is handed out.")
    return IssuedDocument.model_validate_json(row.body)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise CentralRefusal(400, "invalid_request", "A file is not base64.") from error


def _demand_ours(office: Office, document: IssuedDocument, pdf: bytes, ofd: bytes) -> None:
    """A stolen terminal must not hand out what it likes under our name."""
    from central.signatures import file_signature  # pyHanko takes 0.6 s to import

    signed = file_signature(pdf, authority(office.keys).certificate)
    ours = seal.decode(document.signed_code)
    codes = [code_in(pdf), code_in(ofd)]
    if signed is None or not (signed.whole and signed.trusted) or any(
        code is None or seal.decode(code) != ours for code in codes
    ):  # fmt: skip
        raise CentralRefusal(409, "not_this_document", "These files are not the signed ones of this document.")
