"""Making one document, exactly once: request, issue, send, follow, confirm, each on disk before the next.

Blocking; runs on the document thread. Whatever stops in the middle is brought to its end by recovery.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backend_client.client.central import HolderSession
from backend_client.client.errors import CentralError
from backend_client.contract.documents import DocumentKind, IssuedDocument, IssueRequest, Medium
from kiosk.failures import Failure
from kiosk.journal.entry import Entry, Step
from kiosk.journal.journal import Journal
from kiosk.mapping import failure_of, fault_of
from kiosk.recovery import Recovery
from kiosk.session.state import Printed
from kiosk.session.state import Step as Shown
from printing.errors import PrintingError
from printing.ipp import IppPrinter
from printing.outcome import End, Outcome
from printing.thermal import ThermalPrinter
from printing.words import Language

log = logging.getLogger(__name__)

ENDS = {End.PRINTED: Step.PRINTED, End.FAILED: Step.FAILED, End.UNKNOWN: Step.UNKNOWN}


@dataclass(frozen=True)
class Order:
    """What the holder wants. `wanted()` turns False when the card is pulled: then nothing more is sent."""

    kind: DocumentKind
    medium: Medium
    language: str
    session: HolderSession
    holder_id_no: str
    wanted: Callable[[], bool]
    tell: Callable[[Shown], None]


@dataclass(frozen=True)
class DocumentDesk:
    """The journal, the printers, and recovery for what stops in the middle."""

    journal: Journal
    thermal: ThermalPrinter
    a4: IppPrinter
    recovery: Recovery
    clock: Callable[[], datetime] = lambda: datetime.now().astimezone()

    def make(self, order: Order) -> Printed:
        """One document from request to its end. JournalError when a step could not be written."""
        entry = self.journal.request(order.kind, order.medium)
        order.tell(Shown.REQUESTED)
        try:
            issued = order.session.issue(IssueRequest(kind=order.kind, medium=order.medium), entry.key)
        except CentralError as error:
            self._settle(entry)  # perhaps it was issued, a refusal may answer a repetition: only central can tell
            return Printed(order.kind, order.medium, None, failure_of(error))
        return self._issued(order, entry, issued)

    def _issued(self, order: Order, entry: Entry, issued: IssuedDocument) -> Printed:
        payload = issued.model_dump_json().encode()
        entry = self.journal.advance(entry.number, Step.ISSUED, doc_no=issued.doc_no, payload=payload)
        order.tell(Shown.ISSUED)
        stop = self._reason_not_to_print(order, issued)
        if stop is not None:
            self._fail(entry, stop.name)
            return Printed(order.kind, order.medium, None, stop)
        try:
            outcome = self._print(order, entry, issued)
        except PrintingError as error:
            log.error("document not printed: %s", error)
            self._fail(entry, type(error).__name__)
            return Printed(order.kind, order.medium, None, failure_of(error))
        return self._ended(order, issued, entry, outcome)

    def _reason_not_to_print(self, order: Order, issued: IssuedDocument) -> Failure | None:
        if issued.facts.record.subject_id_no != order.holder_id_no:
            return Failure.SEAL_INVALID
        return None if order.wanted() else Failure.SESSION_EXPIRED

    def _print(self, order: Order, entry: Entry, issued: IssuedDocument) -> Outcome:
        def sent() -> None:
            self.journal.advance(entry.number, Step.SENT)
            order.tell(Shown.SENT)

        from printing.a4 import render_a4  # reportlab takes 90 ms to import: it is warmed while the terminal is idle
        from printing.slip import render_slip

        language: Language = "en" if order.language == "en" else "zh"
        if order.medium is Medium.A4:
            pdf = render_a4(issued, language, self.clock())
            return self.a4.print_document(pdf, entry.job, sent, order.wanted)
        return self.thermal.print_slip(render_slip(issued, language, self.clock()), entry.number, sent)

    def _ended(self, order: Order, issued: IssuedDocument, entry: Entry, outcome: Outcome) -> Printed:
        entry = self.journal.advance(entry.number, ENDS[outcome.end], detail=outcome.evidence)
        if outcome.end is End.PRINTED:
            order.tell(Shown.PRINTED)
        self._settle(entry)
        failure = {
            End.PRINTED: None,
            End.FAILED: fault_of(order.medium, outcome.fault) or Failure.PRINT_UNKNOWN,
            End.UNKNOWN: Failure.PRINT_UNKNOWN,
        }[outcome.end]
        return Printed(order.kind, order.medium, issued.doc_no, failure)

    def _fail(self, entry: Entry, detail: str) -> None:
        self._settle(self.journal.advance(entry.number, Step.FAILED, detail=detail))

    def _settle(self, entry: Entry) -> None:
        """Report the end to central now if it can be reached; recovery does it later otherwise."""
        if entry.step is Step.UNKNOWN:
            return
        try:
            self.recovery.settle(entry)
        except CentralError as error:
            log.info("entry %d is left to recovery: %s", entry.number, type(error).__name__)
