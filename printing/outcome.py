"""How a print ended, and what a printer says of itself. `UNKNOWN` is an answer, not an error."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Sent = Callable[[str], None]
"""Called right before the first byte leaves, with what the printer's counter said before ("" when it has none)."""


class End(StrEnum):
    """PRINTED only when the printer itself confirmed; FAILED only when no whole document can have come out."""

    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class PrinterFault(StrEnum):
    """Why a printer can't print."""

    PAPER_OUT = "paper-out"
    COVER_OPEN = "cover-open"
    OFFLINE = "offline"
    JAM = "jam"
    MECHANISM = "mechanism"
    CUT_OFF = "cut-off"
    ABORTED = "aborted"
    BUSY = "busy"


@dataclass(frozen=True)
class Outcome:
    """`evidence`: in one clause, what the printer said or did not say.

    `nothing_whole`: the printer itself proved that no whole paper of this attempt exists; needed to print the same
    number again, while FAILED is enough to void it (decision 0044).
    """

    end: End
    fault: PrinterFault | None
    evidence: str
    nothing_whole: bool = False


@dataclass(frozen=True)
class Supply:
    """Toner, ink, a waste box. `percent` left (of a waste box: room left), None when the printer doesn't say."""

    name: str
    percent: int | None
    low: bool


@dataclass(frozen=True)
class PrinterStatus:
    """`fault` None: it can print now. `paper_low`: near the end of the roll or tray.

    `sheets`: so many are there at least, None when it can't count; `counted`: its page counter, "" when it has none.
    `busy`: it works at a job, ours or another's.
    """

    fault: PrinterFault | None
    paper_low: bool = False
    sheets: int | None = None
    supplies: tuple[Supply, ...] = ()
    counted: str = ""
    duplex: bool = False
    busy: bool = False

    def forecast(self, sheets: int) -> PrinterFault | None:
        """Why a job of so many sheets can't be printed now; None when nothing speaks against it."""
        if self.fault is not None:
            return self.fault
        if self.busy:
            return PrinterFault.BUSY
        return PrinterFault.PAPER_OUT if self.sheets is not None and self.sheets < sheets else None
