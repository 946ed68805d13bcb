"""A job that is asked for again, at a printer that goes on working meanwhile."""

import asyncio
import uuid
from typing import Any

import pytest

from printing import ipp_call as call
from printing.ipp import IppPrinter, job_name
from printing.ipp_words import COMPLETED, Job
from printing.outcome import PrinterStatus


@pytest.mark.parametrize("ends_after", [0, 1])
def test_a_job_that_ends_between_two_questions_is_known(ends_after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    job, asked = uuid.uuid4(), list[str]()

    async def jobs(_ipp: object, which: str) -> list[Job]:
        state = COMPLETED if len(asked) >= ends_after else 5  # processing
        asked.append(which)
        return [Job(1, job_name(job), state, (), 1)] if (state == COMPLETED) == (which == "completed") else []

    async def status(_ipp: object) -> PrinterStatus:
        return PrinterStatus(None)

    def run(_printer: object, work: Any) -> object:
        return asyncio.run(work(None))

    monkeypatch.setattr(call, "ask_jobs", jobs)
    monkeypatch.setattr(call, "ask_status", status)
    monkeypatch.setattr(IppPrinter, "_run", run)
    evidence = IppPrinter("ipp://nobody/").outcome_of(job, take_back=False).evidence
    assert evidence in ("the printer completed the job", "the job is still at the printer")
