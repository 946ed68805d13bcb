"""Numbers, seals and fates of documents: exactly one document for one idempotency key of one terminal."""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import cbor2
from cwt import COSE, COSEKey
from sqlalchemy import Connection, Engine, Row, insert, select, update

from backend_client.contract import seal
from backend_client.contract.documents import (
    ContributionsFacts,
    DocumentKind,
    DocumentState,
    DocumentStatus,
    Facts,
    FamilyPlanningFacts,
    FateReport,
    IssuedDocument,
    IssuedNumber,
    IssuedNumbers,
    IssueRequest,
    Medium,
)
from backend_client.crypto.sealed import seal_sm2
from backend_client.crypto.suite import GM
from central.errors import CentralRefusal
from central.identity.tokens import Grant
from central.keys import Keys
from central.storage import documents, file_signatures, sequences, statuses, writing
from central.synthetic.contributions import contributions
from central.synthetic.family_planning import family_planning
from central.synthetic.person import person
from central.zone import ZONE

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 16
LONGEST_BOOKS = timedelta(days=31)
SIGNED_FILES = 8  # copies of one document: two languages, large print, a second try each
CONTRIBUTIONS_ISSUER = "广州市社会保险基金管理中心（测试）"


@dataclass(frozen=True)
class KindRule:
    """One line of the document register (services.md section 12.1). `valid_days` None = as the record says."""

    title: str
    title_en: str
    medium: Medium
    scope: str
    valid_days: int | None
    facts: Callable[[str, int], Facts | None]


def _contributions_facts(seed: str, number: int) -> Facts | None:
    return ContributionsFacts(record=contributions(seed, number))


def _family_facts(seed: str, number: int) -> Facts | None:
    record = family_planning(seed, number)
    return FamilyPlanningFacts(record=record) if record else None


REGISTER = {
    DocumentKind.CONTRIBUTIONS_STATEMENT: KindRule(
        "参保缴费证明", "Statement of social-insurance contributions", Medium.A4, "social", 90, _contributions_facts
    ),
    DocumentKind.CONTRIBUTIONS_SLIP: KindRule(
        "社保缴费小票", "Social-insurance slip", Medium.SLIP, "social", 0, _contributions_facts
    ),
    DocumentKind.FAMILY_PLANNING_CERTIFICATE: KindRule(
        "计划生育信息凭证", "Family-planning certificate", Medium.A4, "family", 90, _family_facts
    ),
    DocumentKind.FAMILY_PLANNING_SLIP: KindRule(
        "计划生育信息小票", "Family-planning slip", Medium.SLIP, "family", 0, _family_facts
    ),
}


class NoRecord(CentralRefusal):
    """There is nothing to state about this person."""

    def __init__(self) -> None:
        super().__init__(404, "no_record", "There is no such record about this person; ask at the issuing office.")


@dataclass(frozen=True)
class Office:
    """What issuing needs: the database, the keys, and the public address for verification."""

    engine: Engine
    keys: Keys
    public_url: str


def issue(office: Office, grant: Grant, request: IssueRequest, key: uuid.UUID) -> IssuedDocument:
    """Issue, or answer again what this key issued before; closed keys and other requests under it are refused."""
    rule = REGISTER[request.kind]
    if rule.medium is not request.medium:
        raise CentralRefusal(422, "wrong_medium", f"{request.kind.value} is printed on {rule.medium.value} only.")
    if grant.person is None:
        raise CentralRefusal(403, "insufficient_scope", "Documents are issued to a signed-in holder only.")
    wanted = f"{request.kind.value}/{request.medium.value}/{grant.person}"
    with writing(office.engine) as connection:
        row = _by_key(connection, grant.client_id, key)
        if row is not None:
            return _again(row, wanted)
        issued = _new(office, connection, grant, rule, request)
        connection.execute(
            insert(documents).values(
                terminal_id=grant.client_id, idempotency_key=str(key), doc_no=issued.doc_no, person=grant.person,
                request=wanted, verify_code=issued.verify_code, state=DocumentState.ISSUED.value, reason="",
                issued_at=issued.issued_at.isoformat(), body=issued.model_dump_json().encode(),
            )
        )  # fmt: skip
    return issued


def _by_key(connection: Connection, terminal_id: str, key: uuid.UUID) -> Row[tuple[object, ...]] | None:
    found = select(documents).where(documents.c.terminal_id == terminal_id, documents.c.idempotency_key == str(key))
    return connection.execute(found).one_or_none()


def _again(row: Row[tuple[object, ...]], wanted: str) -> IssuedDocument:
    if row.doc_no is None:
        raise CentralRefusal(410, "key_closed", "This key was closed without a document; ask under a new one.")
    if row.request != wanted:
        raise CentralRefusal(409, "idempotency_conflict", "This key was used for another document; take a new one.")
    return IssuedDocument.model_validate_json(row.body)


def _new(office: Office, connection: Connection, grant: Grant, rule: KindRule, request: IssueRequest) -> IssuedDocument:
    number = grant.person or 0
    facts = rule.facts(office.keys.seed, number)
    if facts is None:
        raise NoRecord
    now = datetime.now(ZONE).replace(microsecond=0)
    doc_no = _next_number(connection, request.kind, person(office.keys.seed, number).district, now.date())
    verify_code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    valid_until = now.date() + timedelta(days=rule.valid_days) if rule.valid_days is not None else None
    issued = IssuedDocument(
        doc_no=doc_no, kind=request.kind, medium=request.medium, title=rule.title, title_en=rule.title_en,
        verify_code=verify_code, verify_url=f"{office.public_url}/verify/{doc_no}?code={verify_code}",
        issuer=CONTRIBUTIONS_ISSUER if rule.scope == "social" else facts.record.source_unit, issued_at=now,
        valid_until=valid_until, terminal_id=grant.client_id, facts=facts, signed_code="",
    )  # fmt: skip
    sealed = seal.sealed(issued, _status_place(connection, doc_no), office.keys.suite.digest)
    return issued.model_copy(update={"signed_code": sign(office.keys, sealed)})


def _status_place(connection: Connection, doc_no: str) -> int:
    """The document's place in the status list."""
    place = connection.execute(insert(statuses).values(doc_no=doc_no, void=0)).inserted_primary_key
    return int(place[0]) if place else 0


def _next_number(connection: Connection, kind: DocumentKind, area: str, day: date) -> str:
    series = f"{kind.value}{area}{day:%Y%m%d}"
    row = connection.execute(select(sequences.c.last).where(sequences.c.series == series)).one_or_none()
    if row is None:
        connection.execute(insert(sequences).values(series=series, last=1))
        return f"{series}0001"
    connection.execute(update(sequences).where(sequences.c.series == series).values(last=row.last + 1))
    return f"{series}{row.last + 1:04}"


def sign(keys: Keys, sealed: seal.SealedFacts) -> str:
    """The code: a tagged COSE_Sign1 (ES256, or SM2 in the gm profile) over the sealed facts."""
    payload = cbor2.dumps(sealed.to_map())
    if keys.suite is GM:
        return seal.encode(seal_sm2(payload, keys.sm2_seal_key))
    key = COSEKey.from_jwk(keys.seal_key.as_dict(private=True))
    kid = str(keys.seal_key.kid).encode()
    return seal.encode(COSE.new().encode_and_sign(payload, key, protected={1: -7, 4: kid}))


def status_of(engine: Engine, terminal_id: str, key: uuid.UUID) -> DocumentStatus:
    """What became of a key. An unknown key is closed for ever, so that a request still under way can't issue later."""
    with writing(engine) as connection:
        row = _by_key(connection, terminal_id, key)
        if row is None:
            connection.execute(
                insert(documents).values(
                    terminal_id=terminal_id, idempotency_key=str(key), doc_no=None, person=None, request="",
                    verify_code="", state="closed", reason="", issued_at=datetime.now(UTC).isoformat(), body=None,
                )
            )  # fmt: skip
    if row is None or row.doc_no is None:
        raise CentralRefusal(404, "unknown_key", "No document was issued under this key; it is closed now.")
    return _status(row)


def issued_between(engine: Engine, terminal_id: str, since: datetime, until: datetime) -> IssuedNumbers:
    """Every number that was issued to a terminal from `since` to before `until`, at most LONGEST_BOOKS."""
    if not timedelta(0) < until - since <= LONGEST_BOOKS:
        raise CentralRefusal(422, "invalid_request", "Ask for a span of at most a month, its end after its beginning.")
    begin, end = (at.astimezone(ZONE).isoformat() for at in (since, until))  # as issued_at is written
    wanted = (documents.c.issued_at >= begin, documents.c.issued_at < end)
    found = select(documents).where(documents.c.terminal_id == terminal_id, documents.c.doc_no.is_not(None), *wanted)
    with engine.connect() as connection:
        rows = connection.execute(found.order_by(documents.c.issued_at, documents.c.doc_no)).all()
    return IssuedNumbers(documents=tuple(_number(row) for row in rows))


def _number(row: Row[tuple[object, ...]]) -> IssuedNumber:
    kind, medium, _person = str(row.request).split("/")
    return IssuedNumber(
        **_status(row).model_dump(), key=uuid.UUID(row.idempotency_key), kind=DocumentKind(kind), medium=Medium(medium)
    )


def report_fate(engine: Engine, terminal_id: str, doc_no: str, report: FateReport) -> DocumentStatus:
    """Note that a document was printed or is void. The same report again is harmless; the other one is refused."""
    found = select(documents).where(documents.c.doc_no == doc_no, documents.c.terminal_id == terminal_id)
    with writing(engine) as connection:
        row = connection.execute(found).one_or_none()
        if row is None:
            raise CentralRefusal(404, "unknown_document", "This terminal was issued no document with this number.")
        if row.state not in (DocumentState.ISSUED.value, report.state):
            raise CentralRefusal(409, "fate_known", f"This document is already {row.state}.")
        connection.execute(
            update(documents).where(documents.c.doc_no == doc_no).values(state=report.state, reason=report.reason)
        )
        if report.state == DocumentState.VOIDED.value:
            connection.execute(update(statuses).where(statuses.c.doc_no == doc_no).values(void=1))
        row = connection.execute(found).one()
    return _status(row)


def sign_file(office: Office, terminal_id: str, doc_no: str, sha256: str) -> bytes:
    """CMS over the digest of a file that this terminal made of its own document. Kept, and not without end."""
    from central.signatures import sign_digest  # pyHanko takes 0.6 s to import

    kept = select(file_signatures.c.sha256).where(file_signatures.c.doc_no == doc_no)
    with writing(office.engine) as connection:
        state = connection.execute(
            select(documents.c.state).where(documents.c.doc_no == doc_no, documents.c.terminal_id == terminal_id)
        ).scalar()
        if state is None:
            raise CentralRefusal(404, "unknown_document", "This terminal was issued no document with this number.")
        if state == DocumentState.VOIDED.value:
            raise CentralRefusal(409, "fate_known", "This document is void; no copy of it is signed.")
        known = set(connection.execute(kept).scalars())
        if sha256 not in known and len(known) >= SIGNED_FILES:
            raise CentralRefusal(429, "too_many_files", "No more copies of this document are signed; issue a new one.")
        if sha256 not in known:
            at = datetime.now(UTC).isoformat()
            connection.execute(insert(file_signatures).values(doc_no=doc_no, sha256=sha256, at=at))
    return sign_digest(office.keys, bytes.fromhex(sha256))


def state_of(engine: Engine, doc_no: str, code: str | None = None) -> str:
    """`valid`, `void`, `expired` or `unknown` for a number; with a verify code, `unknown` also when that is wrong."""
    with engine.connect() as connection:
        row = connection.execute(select(documents).where(documents.c.doc_no == doc_no)).one_or_none()
    if row is None or (code is not None and not secrets.compare_digest(str(row.verify_code).encode(), code.encode())):
        return "unknown"
    if row.state == DocumentState.VOIDED.value:
        return "void"
    valid_until = IssuedDocument.model_validate_json(row.body).valid_until
    return "expired" if valid_until is not None and valid_until < datetime.now(ZONE).date() else "valid"


def document(engine: Engine, doc_no: str) -> IssuedDocument | None:
    """A document as it was issued."""
    with engine.connect() as connection:
        body = connection.execute(select(documents.c.body).where(documents.c.doc_no == doc_no)).scalar()
    return IssuedDocument.model_validate_json(body) if body is not None else None


def about(engine: Engine, doc_no: str) -> tuple[int, DocumentKind]:
    """Whose document this is, and its kind; LookupError when there is none."""
    with engine.connect() as connection:
        wanted = select(documents.c.person, documents.c.request).where(documents.c.doc_no == doc_no)
        row = connection.execute(wanted).one_or_none()
    if row is None:
        raise LookupError(f"there is no document {doc_no}")
    return int(row.person), DocumentKind(row.request.split("/")[0])


def _status(row: Row[tuple[object, ...]]) -> DocumentStatus:
    return DocumentStatus(
        doc_no=row.doc_no, state=DocumentState(row.state), issued_at=datetime.fromisoformat(row.issued_at)
    )
