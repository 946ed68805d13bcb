"""After a crash, or when central comes back: find out what really happened to every document that has not ended.

Never prints anything. What nobody can tell stays unknown until an attendant says. Every answer is on disk as a step
before central is told of it, and telling twice is harmless.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Protocol
from uuid import UUID

from backend_client.client.errors import CentralError, FateKnown, Refused, SessionExpired, SignInRefused
from backend_client.contract.documents import DocumentStatus, FateReport, Medium
from kiosk.journal.entry import Entry, Step
from kiosk.journal.journal import Journal
from printing.outcome import End, Outcome

log = logging.getLogger(__name__)

ENDS = {End.PRINTED: Step.PRINTED, End.FAILED: Step.FAILED, End.UNKNOWN: Step.UNKNOWN}
DISPUTED = "central knows another fate"
FORGETFUL = Outcome(End.UNKNOWN, None, "a slip printer remembers nothing")


class Registry(Protocol):
    """What recovery asks of central."""

    def status_of(self, key: UUID) -> DocumentStatus | None:
        """What was issued under a key."""
        ...

    def report(self, doc_no: str, fate: FateReport) -> DocumentStatus:
        """Tell a document's fate."""
        ...


class Memory(Protocol):
    """What recovery asks of an A4 printer."""

    def outcome_of(self, job_uuid: UUID, counted: str = "") -> Outcome:
        """What became of a job; `counted`: its page counter before the job."""
        ...


class Counter(Protocol):
    """What recovery asks of a slip printer: it has no memory of jobs, but perhaps a counter."""

    def outcome_since(self, counted: str) -> Outcome:
        """What its counters say, compared with what they said before the slip was sent."""
        ...


class Recovery:
    """Brings entries to their end, as far as central and the printers know.

    `others`: further A4 printers by the name under which the journal noted them.
    """

    def __init__(
        self,
        journal: Journal,
        central: Registry,
        printer: Memory,
        slips: Counter | None = None,
        others: Mapping[str, Memory] | None = None,
    ) -> None:
        self._journal, self._central, self._printer = journal, central, printer
        self._slips, self._others = slips, dict(others or {})

    def reconcile(self) -> int:
        """Work through all open entries; how many are still open. CentralError when central can't be asked.

        A document that central refuses to talk about doesn't hold up the others.
        """
        for entry in self._journal.open_entries():
            try:
                self.settle(entry)
            except (SignInRefused, SessionExpired):
                raise
            except Refused as error:
                log.warning("entry %d stays %s: %s", entry.number, entry.step.value, error)
        return len(self._journal.open_entries())

    def settle(self, entry: Entry) -> Entry:
        """Bring one entry as far as it can go now."""
        before = None
        while not entry.ended and entry.step is not before:
            before = entry.step
            entry = STEPS[entry.step](self, entry)
        return entry

    def _tell(self, entry: Entry, state: str, reason: str) -> str:
        """Report a fate; the detail to note: a fate that central knows differently is logged for the operator."""
        if entry.doc_no is None:
            return reason
        try:
            self._central.report(entry.doc_no, FateReport.model_validate({"state": state, "reason": reason[:200]}))
        except FateKnown:
            log.warning("document %s already has another fate at central", entry.doc_no)
            return f"{DISPUTED}; {reason}"
        return reason

    def _requested(self, entry: Entry) -> Entry:
        known = self._central.status_of(entry.key)
        if known is None:
            return self._journal.advance(entry.number, Step.FAILED, detail="never issued; its key is closed")
        self._journal.advance(entry.number, Step.ISSUED, doc_no=known.doc_no, detail="found at central")
        return self._journal.advance(entry.number, Step.FAILED, detail="issued, but nothing was sent to a printer")

    def _issued(self, entry: Entry) -> Entry:
        return self._journal.advance(entry.number, Step.FAILED, detail="nothing was sent to a printer")

    def _sent(self, entry: Entry) -> Entry:
        outcome = self._ask(entry)
        return self._journal.advance(entry.number, ENDS[outcome.end], detail=outcome.evidence)

    def _printed(self, entry: Entry) -> Entry:
        return self._journal.advance(entry.number, Step.CONFIRMED, detail=self._tell(entry, "printed", entry.detail))

    def _failed(self, entry: Entry) -> Entry:
        return self._journal.advance(entry.number, Step.VOIDED, detail=self._tell(entry, "voided", entry.detail))

    def _unknown(self, entry: Entry) -> Entry:
        outcome = self._ask(entry)
        if outcome.end is End.UNKNOWN:
            return entry
        return self._journal.advance(entry.number, ENDS[outcome.end], detail=outcome.evidence)

    def _ask(self, entry: Entry) -> Outcome:
        """What the printer that got the last attempt knows of it."""
        name, _, counted = entry.sent_to.partition(" ")
        if entry.medium is Medium.SLIP:
            return self._slips.outcome_since(counted) if self._slips is not None else FORGETFUL
        return self._others.get(name, self._printer).outcome_of(entry.job_of(entry.attempts), counted)


STEPS: dict[Step, Callable[[Recovery, Entry], Entry]] = {
    Step.REQUESTED: Recovery._requested,
    Step.ISSUED: Recovery._issued,
    Step.SENT: Recovery._sent,
    Step.PRINTED: Recovery._printed,
    Step.FAILED: Recovery._failed,
    Step.UNKNOWN: Recovery._unknown,
}


def resolve(recovery: Recovery, journal: Journal, entry: Entry, *, printed: bool, by: str) -> Entry:
    """Someone who knows says what became of an unknown document: on disk first, then central is told."""
    return recovery.settle(journal.advance(entry.number, Step.PRINTED if printed else Step.FAILED, detail=by))


def try_reconcile(recovery: Recovery) -> int | None:
    """Reconcile; None when central could not be asked and it must be done again."""
    try:
        return recovery.reconcile()
    except CentralError as error:
        log.info("reconciliation waits for central: %s", type(error).__name__)
        return None
