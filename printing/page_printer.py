"""What an A4 printer can do for the terminal, whichever way the pages take to it."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from printing.ipp_words import Job
from printing.outcome import Outcome, PrinterStatus, Sent


class PagePrinter(Protocol):
    """IPP directly (`printing.ipp`), or CUPS for a printer that needs a driver (`printing.cups`)."""

    def status(self) -> PrinterStatus:
        """What the printer says now; OFFLINE when it says nothing."""
        ...

    def history(self) -> list[Job]:
        """Jobs that ended, as far as the printer remembers them."""
        ...

    def print_document(
        self, pdf: bytes, job_uuid: UUID, on_sent: Sent, wanted: Callable[[], bool] = lambda: True
    ) -> Outcome:
        """Print once and follow. `on_sent`: right before the first byte leaves."""
        ...

    def outcome_of(self, job_uuid: UUID, counted: str = "") -> Outcome:
        """What became of a job that was sent before. `counted`: what `on_sent` was told."""
        ...
