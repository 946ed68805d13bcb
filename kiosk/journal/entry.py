"""One document's way in the journal: its steps, which may follow which, and what is known at each.

A step that claims an intention (requested, sent, printed again) is on disk before the act; a step that claims a fact
(issued, printed, failed) after it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

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
    Step.ISSUED: frozenset({Step.SENT, Step.FAILED, Step.UNKNOWN}),  # UNKNOWN: adopted, only central knew of it
    Step.SENT: frozenset({Step.PRINTED, Step.FAILED, Step.UNKNOWN}),
    Step.PRINTED: frozenset({Step.CONFIRMED}),
    Step.FAILED: frozenset({Step.VOIDED, Step.SENT}),  # SENT again: another paper of the same number (decision 0044)
    Step.UNKNOWN: frozenset({Step.PRINTED, Step.FAILED}),  # decided by a person or a printer's counter
    Step.CONFIRMED: frozenset(),
    Step.VOIDED: frozenset(),
}
ENDED = frozenset({Step.CONFIRMED, Step.VOIDED})
ATTEMPTS = 8  # no document is ever sent more often


@dataclass(frozen=True)
class Entry:
    """A document as the journal knows it.

    `attempts`: how often it was sent; `sent_to`: the last SENT step's detail, the printer's name and what it counted.
    """

    number: int
    key: UUID
    job: UUID
    kind: DocumentKind
    medium: Medium
    step: Step
    doc_no: str | None
    detail: str
    at: datetime
    attempts: int = 0
    sent_to: str = ""

    @property
    def ended(self) -> bool:
        """Nothing is left to do about it."""
        return self.step in ENDED

    def job_of(self, attempt: int) -> UUID:
        """How the A4 printer knows the n-th attempt (1 is the first)."""
        return self.job if attempt <= 1 else uuid5(self.job, str(attempt))

    def slip_of(self, attempt: int) -> int:
        """How the slip printer knows the n-th attempt: a number that no other attempt has."""
        return self.number * ATTEMPTS + attempt - 1
