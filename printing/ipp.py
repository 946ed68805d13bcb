"""The A4 printer over IPP: its status, one job followed to the printer's own last word, and asked for again later.

No spooler between: CUPS calls a page completed that never came, and prints one twice (printing.md section 4).
RFC 8011 operations; job-state 3-9 (section 5.3.7).
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse
from uuid import UUID

from printing.outcome import End, Outcome, PrinterFault, PrinterStatus

if TYPE_CHECKING:
    from pyipp import IPP

log = logging.getLogger(__name__)

COMPLETED, ABORTED, CANCELED = 9, 8, 7
FINAL = (CANCELED, ABORTED, COMPLETED)
POLL_SECONDS = 0.1
CANCEL_SECONDS = 2.0
REASONS = (
    ("media-empty", PrinterFault.PAPER_OUT),
    ("media-needed", PrinterFault.PAPER_OUT),
    ("media-jam", PrinterFault.JAM),
    ("cover-open", PrinterFault.COVER_OPEN),
    ("door-open", PrinterFault.COVER_OPEN),
    ("marker-supply-empty", PrinterFault.MECHANISM),
    ("fuser", PrinterFault.MECHANISM),
)
LOW = ("media-low",)

Attributes = dict[str, Any]


def _failures() -> tuple[type[Exception], ...]:
    """What a call to the printer may raise; pyipp takes 110 ms to import, so that is done when it is needed."""
    from pyipp.exceptions import IPPError

    return (IPPError, OSError)


async def _execute(ipp: "IPP", operation: str, message: Attributes) -> Attributes:
    """One IPP operation by its name in RFC 8011; the parsed answer."""
    from pyipp.enums import IppOperation

    answer: Attributes = await ipp.execute(IppOperation[operation], message)
    return answer


def job_name(job_uuid: UUID) -> str:
    """How the printer knows our job; the journal knows it by the same name."""
    return f"onecard-{job_uuid}"


def _many(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def status_from(reasons: list[str]) -> PrinterStatus:
    """printer-state-reasons as a status; the -error/-warning/-report suffix is not trusted (ippeveprinter)."""
    for prefix, fault in REASONS:
        if any(reason.startswith(prefix) for reason in reasons):
            return PrinterStatus(fault)
    return PrinterStatus(None, any(reason.startswith(LOW) for reason in reasons))


def end_of(state: int, reasons: list[str]) -> Outcome:
    """The printer's last word on a job."""
    if state == COMPLETED and not any("missing" in reason or "error" in reason for reason in reasons):
        return Outcome(End.PRINTED, None, "the printer completed the job")
    if state == COMPLETED:
        return Outcome(End.UNKNOWN, PrinterFault.ABORTED, "the printer completed the job with errors")
    return Outcome(End.FAILED, PrinterFault.ABORTED, f"the printer ended the job (state {state})")


@dataclass(frozen=True)
class IppPrinter:
    """Where the printer is; seconds to wait for an answer, and for a person to refill it."""

    uri: str
    answer_timeout: int = 5
    patience: float = 60.0

    def status(self) -> PrinterStatus:
        """What the printer says now; OFFLINE when it says nothing."""
        try:
            return asyncio.run(self._status())
        except _failures():
            return PrinterStatus(PrinterFault.OFFLINE)

    def print_document(
        self,
        pdf: bytes,
        job_uuid: UUID,
        on_sent: Callable[[], None],
        wanted: Callable[[], bool] = lambda: True,
    ) -> Outcome:
        """Print once and follow. `on_sent`: right before the first byte leaves.

        A job that waits for paper is taken back after `patience`, or as soon as `wanted` says that nobody waits for it:
        it must not come out into a stranger's hands.
        """
        status = self.status()
        if status.fault is not None:
            return Outcome(End.FAILED, status.fault, "the printer refused before anything was sent")
        on_sent()
        try:
            return asyncio.run(self._print(pdf, job_uuid, wanted))
        except _failures() as error:
            log.warning("A4 printer lost while printing: %s", type(error).__name__)
            return Outcome(End.UNKNOWN, PrinterFault.OFFLINE, "the printer was lost after sending")

    def outcome_of(self, job_uuid: UUID) -> Outcome:
        """What became of a job that was sent before; UNKNOWN when the printer doesn't know or doesn't answer."""
        try:
            return asyncio.run(self._recall(job_uuid))
        except _failures():
            return Outcome(End.UNKNOWN, PrinterFault.OFFLINE, "the printer does not answer")

    def _client(self) -> "IPP":
        from pyipp import IPP

        address = urlparse(self.uri)
        return IPP(
            host=address.hostname or "localhost",
            port=address.port or 631,
            base_path=address.path,
            tls=address.scheme == "ipps",
            request_timeout=self.answer_timeout,
        )

    async def _status(self) -> PrinterStatus:
        async with self._client() as ipp:
            return await self._printer_status(ipp)

    async def _printer_status(self, ipp: "IPP") -> PrinterStatus:
        attributes = {"requested-attributes": ["printer-state", "printer-state-reasons"]}
        answer = await _execute(ipp, "GET_PRINTER_ATTRIBUTES", {"operation-attributes-tag": attributes})
        printers: list[Attributes] = answer["printers"]
        return status_from(_many(printers[0].get("printer-state-reasons", "none")))

    async def _print(self, pdf: bytes, job_uuid: UUID, wanted: Callable[[], bool]) -> Outcome:
        message = {
            "operation-attributes-tag": {
                "requesting-user-name": "onecard",
                "job-name": job_name(job_uuid),
                "document-format": "application/pdf",
            },
            "job-attributes-tag": {"media": "iso_a4_210x297mm", "copies": 1},
            "data": pdf,
        }
        async with self._client() as ipp:
            answer = await _execute(ipp, "PRINT_JOB", message)
            job_id = int(answer["jobs"][0]["job-id"])
            return await self._follow(ipp, job_id, wanted)

    async def _follow(self, ipp: "IPP", job_id: int, wanted: Callable[[], bool]) -> Outcome:
        deadline = time.monotonic() + self.patience
        while True:
            job = await self._job(ipp, job_id)
            if int(job["job-state"]) in FINAL:
                return end_of(int(job["job-state"]), _many(job.get("job-state-reasons", "none")))
            fault = (await self._printer_status(ipp)).fault
            if time.monotonic() > deadline or (fault is not None and not wanted()):
                return await self._cancel(ipp, job_id, fault)
            await asyncio.sleep(POLL_SECONDS)

    async def _cancel(self, ipp: "IPP", job_id: int, fault: PrinterFault | None) -> Outcome:
        """Take the job back, so that no stranger finds it later; what is not confirmed stays unknown."""
        await _execute(ipp, "CANCEL_JOB", {"operation-attributes-tag": {"job-id": job_id}})
        deadline = time.monotonic() + CANCEL_SECONDS
        while time.monotonic() < deadline:
            job = await self._job(ipp, job_id)
            if int(job["job-state"]) in (CANCELED, ABORTED):
                return Outcome(End.FAILED, fault, "canceled while the printer was waiting")
            await asyncio.sleep(POLL_SECONDS)
        return Outcome(End.UNKNOWN, fault, "cancel was asked and not confirmed")

    async def _job(self, ipp: "IPP", job_id: int) -> Attributes:
        wanted = {"job-id": job_id, "requested-attributes": ["job-state", "job-state-reasons", "job-name"]}
        answer = await _execute(ipp, "GET_JOB_ATTRIBUTES", {"operation-attributes-tag": wanted})
        job: Attributes = answer["jobs"][0]
        return job

    async def _recall(self, job_uuid: UUID) -> Outcome:
        async with self._client() as ipp:
            for which in ("completed", "not-completed"):
                for job in await self._jobs(ipp, which):
                    if job.get("job-name") == job_name(job_uuid):
                        state = int(job["job-state"])
                        if state in FINAL:
                            return end_of(state, _many(job.get("job-state-reasons", "none")))
                        return Outcome(End.UNKNOWN, None, "the job is still at the printer")
        return Outcome(End.UNKNOWN, None, "the printer does not know the job")

    async def _jobs(self, ipp: "IPP", which: str) -> list[Attributes]:
        wanted = {
            "which-jobs": which,
            "requested-attributes": ["job-id", "job-name", "job-state", "job-state-reasons"],
        }
        answer = await _execute(ipp, "GET_JOBS", {"operation-attributes-tag": wanted})
        jobs: list[Attributes] = answer.get("jobs", [])
        return jobs
