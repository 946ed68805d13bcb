"""One IPP call by pyipp, which takes 110 ms to import: done when it is needed, or while idle (printing.warm)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlparse

from printing.ipp_words import WANTED, Attributes, Job, job_from, many, status_of
from printing.outcome import PrinterStatus

if TYPE_CHECKING:
    from pyipp import IPP

# RFC 8011 appendix B.1: said of a request that was not taken; no job came of it, so no paper can.
REFUSALS = frozenset({
    0x0400, 0x0401, 0x0402, 0x0403, 0x0404, 0x0406, 0x0407, 0x0408, 0x0409, 0x040A, 0x040B, 0x0501, 0x0502, 0x0506,
    0x0507,
})  # fmt: skip
SERVER_ERROR_BUSY = 0x0507
JOB_WANTED = ("job-id", "job-name", "job-state", "job-state-reasons", "job-impressions-completed")
USER = "onecard"


def failures() -> tuple[type[Exception], ...]:
    """What a call to the printer may raise; nonsense from it is no better than silence.

    pyipp 0.17.2 lets aiohttp's error through when an answer breaks off after its head (measured: cupsd killed).
    """
    from aiohttp import ClientError
    from pyipp.exceptions import IPPError

    return (IPPError, ClientError, OSError, LookupError, ValueError, TypeError)


def refusal(error: Exception) -> int | None:
    """The status code of a request that the printer did not take; None when more than that may have happened."""
    from pyipp.exceptions import IPPError

    if type(error) is not IPPError or len(error.args) < 2:
        return None
    code: int = error.args[1]["status-code"]
    return code if code in REFUSALS else None


@asynccontextmanager
async def client(uri: str, answer_timeout: int, socket: str = "") -> AsyncIterator["IPP"]:
    """Connections to the printer at `uri`; seconds to wait for an answer; a UNIX socket in the place of its host."""
    from aiohttp import ClientSession, TCPConnector, UnixConnector
    from pyipp import IPP

    address = urlparse(uri)
    async with ClientSession(connector=UnixConnector(socket) if socket else TCPConnector()) as session:
        yield IPP(
            host=address.hostname or "localhost",
            port=address.port or 631,
            base_path=address.path,
            tls=address.scheme == "ipps",
            request_timeout=answer_timeout,
            session=session,
        )


async def execute(ipp: "IPP", operation: str, message: Attributes) -> Attributes:
    """One IPP operation by its name in RFC 8011; the parsed answer. Always as the jobs' owner, who alone may see and
    cancel them where a printer asks for that (RFC 8011 section 9.3)."""
    from pyipp.enums import IppOperation

    asked = {"requesting-user-name": USER, **message["operation-attributes-tag"]}
    answer: Attributes = await ipp.execute(IppOperation[operation], {**message, "operation-attributes-tag": asked})
    return answer


async def ask_status(ipp: "IPP") -> PrinterStatus:
    """Get-Printer-Attributes, read."""
    wanted = {"requested-attributes": list(WANTED)}
    answer = await execute(ipp, "GET_PRINTER_ATTRIBUTES", {"operation-attributes-tag": wanted})
    return status_of(answer["printers"][0])


async def ask_media(ipp: "IPP") -> list[str]:
    """The sizes of paper that it knows (PWG 5101.1); a queue of CUPS knows none before it has its driver."""
    wanted = {"requested-attributes": ["media-supported"]}
    answer = await execute(ipp, "GET_PRINTER_ATTRIBUTES", {"operation-attributes-tag": wanted})
    return many(answer["printers"][0].get("media-supported")) if answer["printers"] else []


async def ask_job(ipp: "IPP", job_id: int) -> Job:
    """Get-Job-Attributes, read."""
    wanted = {"job-id": job_id, "requested-attributes": list(JOB_WANTED)}
    answer = await execute(ipp, "GET_JOB_ATTRIBUTES", {"operation-attributes-tag": wanted})
    return job_from(answer["jobs"][0])


async def ask_jobs(ipp: "IPP", which: str) -> list[Job]:
    """Get-Jobs: `completed` (ended in any way) or `not-completed`."""
    wanted = {"which-jobs": which, "requested-attributes": list(JOB_WANTED)}
    answer = await execute(ipp, "GET_JOBS", {"operation-attributes-tag": wanted})
    return [job_from(job) for job in answer.get("jobs", [])]
