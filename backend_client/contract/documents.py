"""Issuing: a number and a seal for the facts of one document, exactly once for one idempotency key."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from backend_client.contract.contributions import Contributions
from backend_client.contract.family_planning import FamilyPlanning
from backend_client.contract.model import Instant, Message


class DocumentKind(StrEnum):
    """First two characters of a document number (services.md section 12.1)."""

    CONTRIBUTIONS_STATEMENT = "SB"
    CONTRIBUTIONS_SLIP = "SY"
    FAMILY_PLANNING_CERTIFICATE = "JS"
    FAMILY_PLANNING_SLIP = "JX"


class Medium(StrEnum):
    """What the document is printed on."""

    A4 = "a4"
    SLIP = "slip"


class IssueRequest(Message):
    """Body of `POST /api/v1/documents`; the key travels in the `Idempotency-Key` header (a UUID)."""

    kind: DocumentKind
    medium: Medium


class ContributionsFacts(Message):
    """What a contributions document states."""

    type: Literal["contributions"] = "contributions"
    record: Contributions


class FamilyPlanningFacts(Message):
    """What a family-planning document states."""

    type: Literal["family-planning"] = "family-planning"
    record: FamilyPlanning


Facts = Annotated[ContributionsFacts | FamilyPlanningFacts, Field(discriminator="type")]


class IssuedDocument(Message):
    """A document that exists: numbered, signed, not yet on paper."""

    doc_no: str = Field(pattern=r"^[A-Z]{2}\d{6}\d{8}\d{4,6}$", description="kind + area + YYYYMMDD + sequence")
    kind: DocumentKind
    medium: Medium
    title: str = Field(max_length=40)
    title_en: str = Field(max_length=80)
    verify_code: str = Field(pattern=r"^[2-9A-HJKMNP-Z]{16}$", description="验真码, no 0 1 I L O")
    verify_url: str = Field(max_length=200)
    issuer: str = Field(max_length=60)
    issued_at: Instant
    valid_until: date | None
    terminal_id: str = Field(max_length=12)
    facts: Facts
    signed_code: str = Field(description="base32 of a COSE_Sign1 (RFC 9052) over SealedFacts in CBOR")


class FileDigest(Message):
    """Body of `POST /api/v1/documents/{doc_no}/signature`: what the terminal built of the document."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of the PDF's signed bytes")


class FileSignature(Message):
    """A signature over that digest."""

    cms: str = Field(description="base64 of a detached CMS, PAdES B-T (EN 319 142-1)")


class DocumentState(StrEnum):
    """Central's view of a document."""

    ISSUED = "issued"
    PRINTED = "printed"
    VOIDED = "voided"


class DocumentStatus(Message):
    """Answer to a look-up by idempotency key or number, and to a report of its fate."""

    doc_no: str
    state: DocumentState
    issued_at: Instant


class IssuedNumber(DocumentStatus):
    """One of the numbers that a terminal was given, with the key under which it asked."""

    key: UUID
    kind: DocumentKind
    medium: Medium


class IssuedNumbers(Message):
    """Answer to a terminal that does its books: every number that was issued to it in a span of time."""

    documents: tuple[IssuedNumber, ...]


class FateReport(Message):
    """What the terminal says became of a document: printed, or voided with a reason."""

    state: Literal["printed", "voided"]
    reason: str = Field(default="", max_length=200)
