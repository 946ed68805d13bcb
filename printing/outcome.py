"""How a print ended, and what a printer says of itself. `UNKNOWN` is an answer, not an error."""

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True)
class Outcome:
    """`evidence`: in one clause, what the printer said or did not say."""

    end: End
    fault: PrinterFault | None
    evidence: str


@dataclass(frozen=True)
class PrinterStatus:
    """`fault` None: it can print now. `paper_low`: near the end of the roll or tray."""

    fault: PrinterFault | None
    paper_low: bool = False
