"""After a crash, or when central comes back: find out what really happened to every document that has not ended.

Never prints anything. What nobody can tell stays unknown until an attendant says.
"""

import logging
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from backend_client.client.errors import CentralError, FateKnown
from backend_client.contract.documents import DocumentStatus, FateReport, Medium
from kiosk.journal.entry import Entry, Step
from kiosk.journal.journal import Journal
from printing.outcome import End, Outcome

log = logging.getLogger(__name__)


class Registry(Protocol):
    """What recovery asks of central."""

    def status_of(self, key: UUID) -> DocumentStatus | None:
        """What was issued under a key."""
        ...

    def report(self, doc_no: str, fate: FateReport) -> DocumentStatus:
        """Tell a document's fate."""
        ...


class Memory(Protocol):
    """What recovery asks of the A4 printer."""

    def outcome_of(self, job_uuid: UUID) -> Outcome:
        """What became of a job."""
        ...


class Recovery:
    """Brings entries to their end, as far as central and the printer know."""

    def __init__(self, journal: Journal, central: Registry, printer: Memory) -> None:
        self._journal, self._central, self._printer = journal, central, printer

    def reconcile(self) -> int:
        """Work through all open entries; how many are still open. CentralError when central can't be asked."""
        for entry in self._journal.open_entries():
            self.settle(entry)
        return len(self._journal.open_entries())

    def settle(self, entry: Entry) -> Entry:
        """Bring one entry as far as it can go now."""
        before = None
        while not entry.ended and entry.step is not before:
            before = entry.step
            entry = STEPS[entry.step](self, entry)
        return entry

    def tell(self, entry: Entry, state: str, reason: str = "") -> None:
        """Report a fate; one that central already knows differently is logged for the operator."""
        if entry.doc_no is None:
            return
        try:
            fate = FateReport.model_validate({"state": state, "reason": reason[:200]})
            self._central.report(entry.doc_no, fate)
        except FateKnown:
            log.warning("document %s already has another fate at central", entry.doc_no)

    def _requested(self, entry: Entry) -> Entry:
        known = self._central.status_of(entry.key)
        if known is None:
            return self._journal.advance(entry.number, Step.FAILED, detail="never issued; its key is closed")
        self._journal.advance(entry.number, Step.ISSUED, doc_no=known.doc_no, detail="found at central")
        return self._journal.advance(entry.number, Step.FAILED, detail="issued, but nothing was sent to a printer")

    def _issued(self, entry: Entry) -> Entry:
        return self._journal.advance(entry.number, Step.FAILED, detail="nothing was sent to a printer")

    def _sent(self, entry: Entry) -> Entry:
        if entry.medium is Medium.SLIP:
            return self._journal.advance(entry.number, Step.UNKNOWN, detail="a slip printer remembers nothing")
        outcome = self._printer.outcome_of(entry.job)
        step = {End.PRINTED: Step.PRINTED, End.FAILED: Step.FAILED, End.UNKNOWN: Step.UNKNOWN}[outcome.end]
        return self._journal.advance(entry.number, step, detail=outcome.evidence)

    def _printed(self, entry: Entry) -> Entry:
        self.tell(entry, "printed")
        return self._journal.advance(entry.number, Step.CONFIRMED)

    def _failed(self, entry: Entry) -> Entry:
        self.tell(entry, "voided", entry.detail)
        return self._journal.advance(entry.number, Step.VOIDED, detail=entry.detail)

    def _unknown(self, entry: Entry) -> Entry:
        if entry.medium is Medium.SLIP:
            return entry
        outcome = self._printer.outcome_of(entry.job)
        if outcome.end is End.UNKNOWN:
            return entry
        return resolve(self, self._journal, entry, printed=outcome.end is End.PRINTED, by=outcome.evidence)


STEPS: dict[Step, Callable[[Recovery, Entry], Entry]] = {
    Step.REQUESTED: Recovery._requested,
    Step.ISSUED: Recovery._issued,
    Step.SENT: Recovery._sent,
    Step.PRINTED: Recovery._printed,
    Step.FAILED: Recovery._failed,
    Step.UNKNOWN: Recovery._unknown,
}


def resolve(recovery: Recovery, journal: Journal, entry: Entry, *, printed: bool, by: str) -> Entry:
    """Someone who knows says what became of an unknown document."""
    recovery.tell(entry, "printed" if printed else "voided", by)
    return journal.advance(entry.number, Step.CONFIRMED if printed else Step.VOIDED, detail=by)


def try_reconcile(recovery: Recovery) -> int | None:
    """Reconcile; None when central could not be asked and it must be done again."""
    try:
        return recovery.reconcile()
    except CentralError as error:
        log.info("reconciliation waits for central: %s", type(error).__name__)
        return None
