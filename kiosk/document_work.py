"""Making one document, exactly once: request, issue, send, follow, confirm, each on disk before the next.

Blocking; runs on the document thread. Whatever stops in the middle is brought to its end by recovery.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backend_client.client.central import Central, HolderSession
from backend_client.client.errors import CentralError, SealInvalid
from backend_client.contract.documents import CopyLink, DocumentKind, IssuedDocument, IssueRequest, Medium
from kiosk.failures import Failure
from kiosk.journal.entry import Entry, Step
from kiosk.journal.journal import Journal
from kiosk.mapping import failure_of, fault_of
from kiosk.phone_copy import leave_copy
from kiosk.recovery import ENDS, Recovery
from kiosk.session.state import Printed
from kiosk.session.state import Step as Shown
from printing.errors import PrintingError
from printing.escpos_bytes import FEED_AND_CUT
from printing.outcome import End, Outcome
from printing.page_printer import PagePrinter
from printing.profiles import DEFAULT, Profile
from printing.thermal import ThermalPrinter
from printing.words import Language

log = logging.getLogger(__name__)

SLIP, A4 = "slip", "a4"
READY_SECONDS = 0.5


@dataclass(frozen=True)
class Order:
    """What the holder wants. `wanted()` turns False when the card is pulled: then nothing more is sent.

    `keep`: told of a document that came out. `by_proxy`: the holder asks for it on behalf of a ward.
    """

    kind: DocumentKind
    medium: Medium
    language: str
    session: HolderSession
    holder_id_no: str
    wanted: Callable[[], bool]
    tell: Callable[[Shown], None]
    large_print: bool = False
    keep: Callable[[IssuedDocument], None] = lambda _document: None
    by_proxy: bool = False


@dataclass(frozen=True)
class Setting:
    """What the site says of its paper: where the terminal stands, in words, and what its slip printer can do."""

    place: str = ""
    slip: Profile = DEFAULT


@dataclass(frozen=True)
class DocumentDesk:
    """The journal, the printers, and recovery for what stops in the middle.

    `others`: A4 printers that stand in, by name, for the kinds in `others_for`. `reprint_wait`: seconds that a printer
    which tore a paper gets to be ready again while the holder waits.
    """

    journal: Journal
    thermal: ThermalPrinter
    a4: PagePrinter
    recovery: Recovery
    clock: Callable[[], datetime] = lambda: datetime.now().astimezone()
    others: Mapping[str, PagePrinter] = field(default_factory=dict)
    others_for: frozenset[DocumentKind] = frozenset()
    reprint_wait: float = 0.0
    setting: Setting = Setting()

    def make(self, order: Order) -> Printed:
        """One document from request to its end. JournalError when a step could not be written."""
        entry = self.journal.request(order.kind, order.medium)
        order.tell(Shown.REQUESTED)
        try:
            issued = order.session.issue(IssueRequest(kind=order.kind, medium=order.medium), entry.key)
            if self.journal.has(issued.doc_no):  # its seal is good, but it is the answer to an earlier request
                raise SealInvalid("it was issued here before")
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
            paper = self._render(order, issued)
        except PrintingError as error:
            log.error("document not printed: %s", error)
            self._fail(entry, type(error).__name__)
            return Printed(order.kind, order.medium, None, failure_of(error))
        return self._ended(order, issued, self._on_paper(order, entry.number, paper), entry.number)

    def _reason_not_to_print(self, order: Order, issued: IssuedDocument) -> Failure | None:
        if issued.facts.record.subject_id_no != order.holder_id_no:
            return Failure.SEAL_INVALID
        return None if order.wanted() else Failure.SESSION_EXPIRED

    def _render(self, order: Order, issued: IssuedDocument) -> bytes:
        from printing.a4 import render_a4  # reportlab takes 90 ms to import: it is warmed while the terminal is idle
        from printing.slip import render_slip

        language: Language = "en" if order.language == "en" else "zh"
        place, at = self.setting.place, self.clock()
        if order.medium is Medium.SLIP:
            return render_slip(issued, language, at, place=place, profile=self.setting.slip)
        return render_a4(issued, language, at, place=place, large=order.large_print, by_proxy=order.by_proxy)

    def leave_copy(
        self, central: Central, issued: IssuedDocument, language: str, *, large: bool, by_proxy: bool = False
    ) -> CopyLink:
        """The holder's files of a document that came out, as it came out. Raises CentralError and PrintingError."""
        chosen: Language = "en" if language == "en" else "zh"
        return leave_copy(central, issued, chosen, self.clock(), self.setting.place, large=large, by_proxy=by_proxy)

    def _on_paper(self, order: Order, number: int, paper: bytes) -> Outcome:
        """Try the printers in turn; on to the next only while it is certain that no whole paper exists."""
        outcome = Outcome(End.FAILED, None, "there is no printer")
        for name in self._printers(order, number):
            outcome = self._attempt(order, number, paper, name)
            sent = self.journal.entry(number).step is Step.SENT
            if sent:
                self.journal.advance(number, ENDS[outcome.end], detail=outcome.evidence)
            safe = outcome.end is End.FAILED and (outcome.nothing_whole or not sent)
            if not (safe and order.wanted()):
                break
        return outcome

    def _printers(self, order: Order, number: int) -> Iterator[str]:
        """Names in the order in which they are tried; read lazily, each after the one before failed."""
        first = SLIP if order.medium is Medium.SLIP else A4
        yield first
        if self.journal.entry(number).attempts and self._ready_again(order, first):
            yield first
        if order.medium is Medium.A4 and order.kind in self.others_for:
            yield from self.others

    def _ready_again(self, order: Order, name: str) -> bool:
        deadline = time.monotonic() + self.reprint_wait
        printer = self.thermal if name == SLIP else self.a4
        while order.wanted():
            if printer.status().fault is None:
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(READY_SECONDS)
        return False

    def _attempt(self, order: Order, number: int, paper: bytes, name: str) -> Outcome:
        entry = self.journal.entry(number)
        attempt = entry.attempts + 1

        def sent(counted: str = "") -> None:
            self.journal.advance(number, Step.SENT, detail=f"{name} {counted}".strip())
            order.tell(Shown.SENT)

        if attempt > 1:
            from printing.copy_mark import mark_a4, mark_slip

            paper = mark_slip(paper, attempt, self.setting.slip) if name == SLIP else mark_a4(paper, attempt)
        elif name == SLIP and self._something_hangs_out(number):
            paper = FEED_AND_CUT + paper  # or a stranger's torn slip would stick to this one
        if name == SLIP:
            return self.thermal.print_slip(paper, entry.slip_of(attempt), sent)
        return self.others.get(name, self.a4).print_document(paper, entry.job_of(attempt), sent, order.wanted)

    def _something_hangs_out(self, number: int) -> bool:
        before = self.journal.sent_before(number, Medium.SLIP)
        return before is not None and before.step not in (Step.PRINTED, Step.CONFIRMED)

    def _ended(self, order: Order, issued: IssuedDocument, outcome: Outcome, number: int) -> Printed:
        entry = self.journal.entry(number)
        if entry.step is Step.ISSUED:  # every printer refused before anything was sent
            entry = self.journal.advance(number, Step.FAILED, detail=outcome.evidence)
        if outcome.end is End.PRINTED:
            order.tell(Shown.PRINTED)
            order.keep(issued)
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
