"""Issuing, exactly once; what becomes of a document; its seal; the list of void ones.

Documents are issued to the test card's holder only, and each is voided or reported printed before the check ends.
"""

import base64
import uuid
import zlib
from typing import Any

import cbor2
from pydantic import ValidationError

from backend_client.contract import seal
from backend_client.contract.documents import (
    DocumentKind,
    DocumentState,
    DocumentStatus,
    FileSignature,
    IssuedDocument,
    Medium,
)
from central.conformance.check import check, demand, model, ok, refused
from central.conformance.discovery import jws, verify
from central.conformance.outcome import Skip
from central.conformance.platform import Answer, Platform

DOCUMENTS = "/api/v1/documents"
SLIP = {"kind": DocumentKind.CONTRIBUTIONS_SLIP.value, "medium": Medium.SLIP.value}
PAGE = {"kind": DocumentKind.CONTRIBUTIONS_STATEMENT.value, "medium": Medium.A4.value}
COSE_SIGN1, ALG, KID = 18, 1, 4


def issue(platform: Platform, key: uuid.UUID | None = None, body: dict[str, str] | None = None) -> Answer:
    """Ask for a document under a key."""
    headers = {"Idempotency-Key": str(key or uuid.uuid4())}
    return platform.call(platform.session, "POST", DOCUMENTS, json=body or SLIP, headers=headers)


def number(answer: Answer) -> str:
    """Of a document that was issued; Skip when it was not, for `issue` says so."""
    if answer.status != 201 or "doc_no" not in answer.members:
        raise Skip(f"no document was issued ({answer.status} {answer.error}); see `issue`")
    return str(answer.members["doc_no"])


def report(platform: Platform, doc_no: str, state: str, reason: str = "") -> Answer:
    """Say what became of a document."""
    body = {"state": state, "reason": reason}
    return platform.call(platform.own, "POST", f"{DOCUMENTS}/{doc_no}/fate", json=body)


def void(platform: Platform, doc_no: str) -> Answer:
    """Say that no paper came out."""
    return report(platform, doc_no, "voided", "conformance")


def undo(platform: Platform, answer: Answer) -> None:
    """Void what was issued, if anything was."""
    if "doc_no" in answer.members:
        void(platform, str(answer.members["doc_no"]))


@check("issue", "A document is issued as the contract types it", "docs/openapi.json, IssuedDocument")
def _issue(platform: Platform) -> None:
    answer = issue(platform)
    undo(platform, answer)
    model(answer, IssuedDocument, 201)


@check("issue-facts", "It is what was asked for, for the holder and this terminal", "docs/protocol.md, The signed code")
def _facts(platform: Platform) -> None:
    answer = issue(platform)
    void(platform, number(answer))
    told, holder = answer.members, (platform.session.answer.get("holder") or {}).get("id_no")
    demand((told["kind"], told["medium"]) == (SLIP["kind"], SLIP["medium"]), "another kind or medium")
    demand(told["terminal_id"] == platform.who.terminal.client_id, "another terminal's")
    demand(told["facts"]["record"]["subject_id_no"] == holder, "about somebody else")


@check("issue-sealed", "Its code is a COSE_Sign1 by a published key", "RFC 9052 section 4.2; docs/protocol.md")
def _sealed(platform: Platform) -> None:
    answer = issue(platform)
    void(platform, number(answer))
    protected, _, payload, signature = _cose(str(answer.members["signed_code"]))
    header = cbor2.loads(protected)
    demand(header.get(ALG) == platform.profile.cose, f"its algorithm is not {platform.profile.jws}")
    data = cbor2.dumps(["Signature1", protected, b"", payload])
    verify(platform, header.get(KID, b"").decode(), data, signature)


@check("issue-seal-says-the-same", "The code says what the document says", "docs/protocol.md, The signed code")
def _says(platform: Platform) -> None:
    answer = issue(platform)
    void(platform, number(answer))
    found = seal.SealedFacts.from_map(cbor2.loads(_cose(str(answer.members["signed_code"]))[2]))
    try:
        expected = seal.sealed(IssuedDocument.model_validate_json(answer.body), found.status, platform.profile.digest)
    except ValidationError as error:
        raise Skip("the document is not as the contract types it; see `issue`") from error
    for name in ("kind", "number", "valid_until", "subject", "digest"):
        demand(getattr(found, name) == getattr(expected, name), f"its {name} differs")


def _cose(code: str) -> Any:
    message = cbor2.loads(seal.decode(code))
    demand(getattr(message, "tag", None) == COSE_SIGN1, "it is not a tagged COSE_Sign1")
    return message.value


@check(
    "idempotent",
    "The same key and body answer the same document",
    "docs/protocol.md; draft-ietf-httpapi-idempotency-key",
)
def _idempotent(platform: Platform) -> None:
    key = uuid.uuid4()
    first, second = issue(platform, key), issue(platform, key)
    numbers = {number(first), str(second.members.get("doc_no"))}
    for doc_no in numbers - {"None"}:
        void(platform, doc_no)
    demand(len(numbers) == 1, "two numbers under one key: a resident would have two documents")
    demand(first.members == second.members, "the same number, but another document")


@check(
    "idempotent-conflict",
    "The same key with another body is refused with 409",
    "docs/protocol.md, POST /api/v1/documents",
)
def _conflict(platform: Platform) -> None:
    key = uuid.uuid4()
    void(platform, number(issue(platform, key)))
    answer = issue(platform, key, PAGE)
    undo(platform, answer)
    refused(answer, "idempotency_conflict", status=409)


@check("idempotent-new-key", "Another key is another document", "docs/protocol.md, POST /api/v1/documents")
def _new_key(platform: Platform) -> None:
    numbers = [number(issue(platform)) for _ in range(2)]
    for doc_no in set(numbers):
        void(platform, doc_no)
    demand(len(set(numbers)) == 2, "two keys got the same number")


@check(
    "idempotent-key-needed", "Without an Idempotency-Key nothing is issued", "docs/protocol.md, POST /api/v1/documents"
)
def _key_needed(platform: Platform) -> None:
    answer = platform.call(platform.session, "POST", DOCUMENTS, json=SLIP)
    undo(platform, answer)
    refused(answer, "invalid_request", status=400)


@check("by-key", "What was issued under a key can be looked up", "docs/protocol.md, GET …/by-key/{key}")
def _by_key(platform: Platform) -> None:
    key = uuid.uuid4()
    doc_no = number(issue(platform, key))
    told = platform.call(platform.own, "GET", f"{DOCUMENTS}/by-key/{key}")
    void(platform, doc_no)
    status = model(told, DocumentStatus)
    demand((status.doc_no, status.state) == (doc_no, DocumentState.ISSUED), "another number or state")


@check("by-key-unknown", "A key under which nothing was issued is 404", "docs/protocol.md, GET …/by-key/{key}")
def _unknown(platform: Platform) -> None:
    refused(platform.call(platform.own, "GET", f"{DOCUMENTS}/by-key/{uuid.uuid4()}"), "unknown_key", status=404)


@check("by-key-closes", "A key that was looked up in vain is closed for ever", "docs/protocol.md, GET …/by-key/{key}")
def _closes(platform: Platform) -> None:
    key = uuid.uuid4()
    platform.call(platform.own, "GET", f"{DOCUMENTS}/by-key/{key}")
    answer = issue(platform, key)
    undo(platform, answer)
    refused(answer, "key_closed", status=410)


@check("fate-printed", "A printed document is reported, once or twice", "docs/protocol.md, POST …/fate")
def _printed(platform: Platform) -> None:
    doc_no = number(issue(platform))
    for _ in range(2):
        demand(model(report(platform, doc_no, "printed"), DocumentStatus).state is DocumentState.PRINTED, "not printed")


@check("fate-voided", "A void document is reported, once or twice", "docs/protocol.md, POST …/fate")
def _voided(platform: Platform) -> None:
    doc_no = number(issue(platform))
    for _ in range(2):
        demand(model(void(platform, doc_no), DocumentStatus).state is DocumentState.VOIDED, "not voided")


@check("fate-known", "A printed document can't be voided by its terminal", "docs/protocol.md, POST …/fate")
def _known(platform: Platform) -> None:
    doc_no = number(issue(platform))
    report(platform, doc_no, "printed")
    refused(void(platform, doc_no), "fate_known", status=409)


@check("fate-unknown", "Nothing is said of a number that was never issued", "docs/protocol.md, POST …/fate")
def _unknown_number(platform: Platform) -> None:
    refused(void(platform, "SY000000201001010001"), "unknown_document", status=404)


@check("fate-stranger", "Another terminal can't say what became of ours", "docs/protocol.md, POST …/fate")
def _stranger(platform: Platform) -> None:
    if platform.who.other is None:
        raise Skip("no `other_terminal` in the credentials")
    doc_no, other = number(issue(platform)), platform.own_session(platform.who.other)
    body = {"state": "voided", "reason": "conformance"}
    answer = platform.call(other, "POST", f"{DOCUMENTS}/{doc_no}/fate", json=body)
    void(platform, doc_no)
    refused(answer, "unknown_document", "insufficient_scope")


@check("fate-needs-terminal", "A holder's token can't say what became of a document", "docs/protocol.md, POST …/fate")
def _needs_terminal(platform: Platform) -> None:
    doc_no = number(issue(platform))
    body = {"state": "voided", "reason": "conformance"}
    answer = platform.call(platform.session, "POST", f"{DOCUMENTS}/{doc_no}/fate", json=body)
    void(platform, doc_no)
    refused(answer, "insufficient_scope", status=403)


def _place(answer: Answer) -> int:
    payload = cbor2.loads(_cose(str(answer.members["signed_code"]))[2])
    return int(payload[seal.STATUS])


def _bits(platform: Platform) -> bytes:
    claims = jws(platform, ok(platform.ask("GET", "/status-list")).body.decode().strip(), "statuslist+jwt")
    packed = str(claims["status_list"]["lst"])
    return zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))


@check(
    "status-list", "The signed list has a void document's bit, and no other's", "draft-ietf-oauth-status-list section 4"
)
def _status_list(platform: Platform) -> None:
    kept = issue(platform)
    report(platform, number(kept), "printed")
    gone = issue(platform)
    void(platform, number(gone))
    bits = _bits(platform)
    is_void = [
        place // 8 < len(bits) and bool(bits[place // 8] >> place % 8 & 1) for place in map(_place, (kept, gone))
    ]
    demand(is_void == [False, True], f"printed: {is_void[0]}, void: {is_void[1]}, expected False and True")


@check("file-signature", "A page's digest is signed as CMS", "EN 319 142-1; docs/openapi.json, FileSignature")
def _file_signature(platform: Platform) -> None:
    doc_no = number(issue(platform, body=PAGE))
    body = {"sha256": "00" * 32}
    answer = platform.call(platform.own, "POST", f"{DOCUMENTS}/{doc_no}/signature", json=body)
    void(platform, doc_no)
    if answer.status == 404 and answer.error == "not_found":
        raise Skip("the platform signs no files; terminals then print without PDF signatures")
    der = base64.b64decode(model(answer, FileSignature).cms, validate=True)
    demand(der[:1] == b"\x30" and b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" in der[:20], "it is not a CMS SignedData")
