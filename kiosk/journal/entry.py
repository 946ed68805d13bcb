"""One document's way in the journal: its steps, which may follow which, and what is known at each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from backend_client.contract.documents import DocumentKind, Medium


class Step(StrEnum):
    """Steps of a document (design: exactly once)."""

    REQUESTED = "requested"
    ISSUED = "issued"
    SENT = "sent"
    PRINTED = "printed"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    VOIDED = "voided"
    UNKNOWN = "unknown"


FOLLOWS: dict[Step, frozenset[Step]] = {
    Step.REQUESTED: frozenset({Step.ISSUED, Step.FAILED}),
    Step.ISSUED: frozenset({Step.SENT, Step.FAILED}),
    Step.SENT: frozenset({Step.PRINTED, Step.FAILED, Step.UNKNOWN}),
    Step.PRINTED: frozenset({Step.CONFIRMED}),
    Step.FAILED: frozenset({Step.VOIDED}),
    Step.UNKNOWN: frozenset({Step.CONFIRMED, Step.VOIDED}),
    Step.CONFIRMED: frozenset(),
    Step.VOIDED: frozenset(),
}
ENDED = frozenset({Step.CONFIRMED, Step.VOIDED})


@dataclass(frozen=True)
class Entry:
    """A document as the journal knows it. `number` names it at the slip printer, `job` at the A4 printer."""

    number: int
    key: UUID
    job: UUID
    kind: DocumentKind
    medium: Medium
    step: Step
    doc_no: str | None
    detail: str
    at: datetime

    @property
    def ended(self) -> bool:
        """Nothing is left to do about it."""
        return self.step in ENDED
