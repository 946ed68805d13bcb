"""An A4 printer behind CUPS, for one that needs a driver. CUPS is a transport here, never a witness.

It calls a page completed that never came, and canceled what the printer aborted (printing.md section 4). So its word
ends only the waiting; what became of the page, the printer itself says: its own job by our name, or its page counter.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from printing.errors import SpoolerFailed
from printing.ipp import IppPrinter, pages_of
from printing.ipp_words import Job, moved, noted, stayed_on
from printing.outcome import End, Outcome, PrinterFault, PrinterStatus, Sent
from printing.spooler import Spooler

log = logging.getLogger(__name__)

LAST_WORD_SECONDS = 3.0
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class CupsPrinter:
    """As IppPrinter. `device`: the printer itself over IPP, for status, counters and its own last word."""

    spooler: Spooler
    device: IppPrinter

    def status(self) -> PrinterStatus:
        """What the printer itself says."""
        return self.device.status()

    def history(self) -> list[Job]:
        """What the printer itself remembers."""
        return self.device.history()

    def print_document(
        self, pdf: bytes, job_uuid: UUID, on_sent: Sent, wanted: Callable[[], bool] = lambda: True
    ) -> Outcome:
        """Print once and follow; PRINTED only when the printer itself said so."""
        noted_before: list[str] = []

        def sent(counted: str) -> None:
            before = self.device.status().counted
            noted_before.append(f"{counted} {before}".strip())
            on_sent(noted_before[0])

        said = self.device.at_rest(wanted)
        fault = said.forecast(self.device.sheets_for(pages_of(pdf), said))
        if fault is not None:
            return Outcome(End.FAILED, fault, "the printer refused before anything was sent")
        try:
            with self.spooler.running() as queue:
                transport = replace(self.device, uri=queue, socket=str(self.spooler.socket))
                spooled = transport.print_document(pdf, job_uuid, sent, wanted)
                if not noted_before:
                    return spooled
                return self._last_word(spooled, job_uuid, noted_before[0])
        except SpoolerFailed as error:
            log.warning("no spooler: %s", error)
            return Outcome(End.FAILED, PrinterFault.OFFLINE, "there was no spooler; nothing was sent")

    def outcome_of(self, job_uuid: UUID, counted: str = "") -> Outcome:
        """What became of a job; a spooler that a crash left is swept away first, so that it can't print it now."""
        try:
            self.spooler.sweep()
        except SpoolerFailed as error:
            log.warning("not asked: %s", error)
            return Outcome(End.UNKNOWN, None, "the spooler could not be swept, the printer was not asked")
        return self._asked(job_uuid, counted)

    def _last_word(self, spooled: Outcome, job_uuid: UUID, counted: str) -> Outcome:
        """The printer's own, while the spooler is still there: it may be a moment behind or ahead of it."""
        deadline = time.monotonic() + LAST_WORD_SECONDS
        while True:
            late = time.monotonic() > deadline
            own = self._asked(job_uuid, counted, take_back=late)
            if own.end is not End.UNKNOWN or late:
                said = f"{own.evidence}; the spooler said {spooled.end.value}: {spooled.evidence}"
                return replace(own, fault=own.fault or spooled.fault, evidence=said)
            time.sleep(POLL_SECONDS)

    def _asked(self, job_uuid: UUID, counted: str, *, take_back: bool = True) -> Outcome:
        own = self.device.outcome_of(job_uuid, counted, take_back=take_back)
        if own.end is not End.UNKNOWN:
            return own
        now = self.device.status().counted
        pages, turned = noted(counted).get("pages"), moved(counted, now)
        if pages and turned == pages and stayed_on(counted, now, int(time.time())):
            return Outcome(End.PRINTED, None, f"weaker proof: the page counter moved by the document's {turned} pages")
        return own
