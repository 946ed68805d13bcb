"""The A4 printer over IPP: its status, one job followed to the printer's own last word, and asked for again later.

No spooler between: CUPS calls a page completed that never came, and prints one twice (printing.md section 4).
RFC 8011 operations; IPP Everywhere (PWG 5100.14) attributes where the printer offers them.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from printing import ipp_call as call
from printing.ipp_words import A4_MEDIA, AT, PAGES, Job, end_of, moved, noted, status_from, stayed_on
from printing.outcome import End, Outcome, PrinterFault, PrinterStatus, Sent

if TYPE_CHECKING:
    from pyipp import IPP

__all__ = ["IppPrinter", "end_of", "job_name", "pages_of", "status_from"]

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
CANCEL_SECONDS = 2.0
PAGE_SECONDS = 6.0  # the slowest printer that we wait for makes ten pages a minute
Answer = TypeVar("Answer")


def job_name(job_uuid: UUID) -> str:
    """How the printer knows our job; the journal knows it by the same name, and nobody is named in it."""
    return f"onecard-{job_uuid}"


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF has; 0 when it can't be read."""
    import pikepdf

    try:
        with pikepdf.open(BytesIO(pdf)) as document:
            return len(document.pages)
    except pikepdf.PdfError:
        return 0


@dataclass(frozen=True)
class IppPrinter:
    """Where the printer is; seconds to wait for an answer, and for a person to refill it. `duplex`: if it can.

    `socket`: the UNIX socket that stands for the host of `uri`.
    """

    uri: str
    answer_timeout: int = 5
    patience: float = 60.0
    duplex: bool = False
    socket: str = ""

    def status(self) -> PrinterStatus:
        """What the printer says now; OFFLINE when it says nothing."""
        try:
            return self._run(call.ask_status)
        except call.failures():
            return PrinterStatus(PrinterFault.OFFLINE)

    def at_rest(self, wanted: Callable[[], bool]) -> PrinterStatus:
        """What it says once it works at nothing any more, after `patience` at the latest.

        A page that comes out behind another's could come out into a stranger's hands.
        """
        deadline = time.monotonic() + self.patience
        while (said := self.status()).busy and said.fault is None and wanted() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return said

    def sheets_for(self, pages: int, said: PrinterStatus) -> int:
        """How many sheets so many pages take at a printer that says this of itself."""
        return (pages + 1) // 2 if self.duplex and said.duplex else pages

    def history(self) -> list[Job]:
        """Jobs that ended, as far as the printer remembers them; none when it doesn't answer."""
        try:
            return self._run(lambda ipp: call.ask_jobs(ipp, "completed"))
        except call.failures():
            return []

    def print_document(
        self, pdf: bytes, job_uuid: UUID, on_sent: Sent, wanted: Callable[[], bool] = lambda: True
    ) -> Outcome:
        """Print once and follow. `on_sent`: right before the first byte leaves.

        A job that waits for paper is taken back after `patience`, or as soon as `wanted` says that nobody waits for it:
        it must not come out into a stranger's hands.
        """
        before, pages = self.at_rest(wanted), pages_of(pdf)
        if not pages:
            return Outcome(End.FAILED, None, "the document can't be read; nothing was sent")
        two_sided = self.duplex and before.duplex
        sheets = self.sheets_for(pages, before)
        fault = before.forecast(sheets)
        if fault is not None:
            return Outcome(End.FAILED, fault, "the printer refused before anything was sent")
        on_sent(f"{PAGES}={pages} {AT}={int(time.time())} {before.counted}".strip())
        watch = _Watch(pages, self.patience, wanted)
        try:
            outcome = self._run(lambda ipp: _print(ipp, pdf, job_uuid, two_sided, watch))
        except call.failures() as error:
            log.warning("A4 printer lost while printing: %s", type(error).__name__)
            return Outcome(End.UNKNOWN, PrinterFault.OFFLINE, "the printer was lost after sending")
        return self._weighed(outcome, before.counted, sheets)

    def outcome_of(self, job_uuid: UUID, counted: str = "", *, take_back: bool = True) -> Outcome:
        """What became of a job that was sent before; UNKNOWN when nobody can tell.

        A job that still waits there is taken back: its holder is gone. `counted`: what `on_sent` was told.
        """
        try:
            return self._run(lambda ipp: _recall(ipp, job_uuid, counted, take_back))
        except call.failures():
            return Outcome(End.UNKNOWN, PrinterFault.OFFLINE, "the printer does not answer")

    def _run(self, work: Callable[["IPP"], Awaitable[Answer]]) -> Answer:
        async def connected() -> Answer:
            async with call.client(self.uri, self.answer_timeout, self.socket) as ipp:
                return await work(ipp)

        return asyncio.run(connected())

    def _weighed(self, outcome: Outcome, counted: str, sheets: int) -> Outcome:
        """A failure with the page counter's word on it: it moved by less than the document's sheets."""
        if outcome.end is not End.FAILED or outcome.nothing_whole:
            return outcome
        turned = moved(counted, self.status().counted)
        if turned is None:
            return outcome
        evidence = f"{outcome.evidence}; the page counter moved by {turned}"
        if turned < sheets:
            return replace(outcome, evidence=evidence, nothing_whole=True)
        return Outcome(End.UNKNOWN, outcome.fault, evidence)


@dataclass(frozen=True)
class _Watch:
    """What a job is watched for: its pages, seconds that it may wait for paper, and whether someone waits for it."""

    pages: int
    patience: float
    wanted: Callable[[], bool]

    def patience_for(self, fault: PrinterFault | None) -> float:
        """A printer that works without a fault gets the time that its pages need."""
        return self.patience if fault is not None else self.patience + PAGE_SECONDS * self.pages


async def _print(ipp: "IPP", pdf: bytes, job_uuid: UUID, two_sided: bool, watch: _Watch) -> Outcome:
    sides = {"sides": "two-sided-long-edge"} if two_sided else {}
    message = {
        "operation-attributes-tag": {
            "job-name": job_name(job_uuid),
            "document-format": "application/pdf",
        },
        "job-attributes-tag": {"media": A4_MEDIA, "copies": 1, **sides},
        "data": pdf,
    }
    try:
        answer = await call.execute(ipp, "PRINT_JOB", message)
    except call.failures() as error:
        code = call.refusal(error)
        if code is None:
            raise
        fault = PrinterFault.BUSY if code == call.SERVER_ERROR_BUSY else PrinterFault.ABORTED
        return Outcome(End.FAILED, fault, f"the printer did not take the job (IPP status {code:#06x})", True)
    return await _follow(ipp, int(answer["jobs"][0]["job-id"]), watch)


async def _follow(ipp: "IPP", job_id: int, watch: _Watch) -> Outcome:
    since, impressions = time.monotonic(), 0
    while True:
        job = await call.ask_job(ipp, job_id)
        if job.final:
            return await _ended(ipp, job, watch.pages)
        if (job.impressions or 0) > impressions:
            since, impressions = time.monotonic(), job.impressions or 0
        fault = (await call.ask_status(ipp)).fault
        late = time.monotonic() > since + watch.patience_for(fault)
        if late or (fault is not None and not watch.wanted()):
            return await _cancel(ipp, job_id, fault, watch.pages)
        await asyncio.sleep(POLL_SECONDS)


async def _ended(ipp: "IPP", job: Job, pages: int | None) -> Outcome:
    """The job's last word; a failure is proof of no whole paper only from a printer that is known to count."""
    outcome = end_of(job.state, list(job.reasons), job.impressions, pages)
    if outcome.end is not End.FAILED or job.impressions is None or pages is None:
        return outcome
    counts = job.impressions > 0 or any(old.impressions for old in await call.ask_jobs(ipp, "completed"))
    return replace(outcome, nothing_whole=counts and job.impressions < pages)


async def _cancel(ipp: "IPP", job_id: int, fault: PrinterFault | None, pages: int | None) -> Outcome:
    """Take the job back, so that no stranger finds it later; what is not confirmed stays unknown.

    A job that a printer was working at, without a fault, may have come out while it was canceled: only proof tells.
    A printer that won't cancel has ended the job meanwhile, or goes on with it: its state tells.
    """
    with contextlib.suppress(*call.failures()):
        await call.execute(ipp, "CANCEL_JOB", {"operation-attributes-tag": {"job-id": job_id}})
    deadline = time.monotonic() + CANCEL_SECONDS
    while time.monotonic() < deadline:
        job = await call.ask_job(ipp, job_id)
        if job.final:
            outcome = await _ended(ipp, job, pages)
            if outcome.end is not End.FAILED:
                return outcome
            if fault is None and not outcome.nothing_whole:
                return Outcome(End.UNKNOWN, None, "canceled while the printer was working")
            return replace(outcome, fault=fault, evidence="canceled while the printer was waiting")
        await asyncio.sleep(POLL_SECONDS)
    return Outcome(End.UNKNOWN, fault, "cancel was asked and not confirmed")


async def _recall(ipp: "IPP", job_uuid: UUID, counted: str, take_back: bool) -> Outcome:
    pages = noted(counted).get(PAGES)
    for which in ("not-completed", "completed"):  # in this order: a job that ends between the two is found
        for job in await call.ask_jobs(ipp, which):
            if job.name == job_name(job_uuid):
                if job.final:
                    return await _ended(ipp, job, pages)
                fault = (await call.ask_status(ipp)).fault
                if not take_back:
                    return Outcome(End.UNKNOWN, fault, "the job is still at the printer")
                return await _cancel(ipp, job.id, fault, pages)
    now = (await call.ask_status(ipp)).counted
    turned = moved(counted, now)
    if turned == 0 and stayed_on(counted, now, int(time.time())):
        return Outcome(End.FAILED, None, "the printer does not know the job, its page counter did not move", True)
    since = "" if turned is None else f", its page counter moved by {turned}"
    return Outcome(End.UNKNOWN, None, f"the printer does not know the job{since}")
