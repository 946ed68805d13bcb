"""Other rooms' errors and faults as our failures: the tables that decide which sentence the holder reads."""

from backend_client.client import errors as central
from backend_client.contract.documents import Medium
from card.errors import CardError
from kiosk.failures import Failure
from kiosk.journal.errors import JournalDamaged, JournalError, JournalFull, JournalInUse, JournalKeyMissing
from printing.errors import FontMissing, MissingGlyph, PrintingError, SpoolerFailed
from printing.outcome import PrinterFault

ERRORS: dict[type[Exception], Failure] = {
    central.Unreachable: Failure.CENTRAL_UNREACHABLE,
    central.TooSlow: Failure.CENTRAL_SLOW,
    central.Nonsense: Failure.CENTRAL_NONSENSE,
    central.ClockDiffers: Failure.CENTRAL_CLOCK,
    central.Busy: Failure.CENTRAL_BUSY,
    central.SealInvalid: Failure.SEAL_INVALID,
    central.SignInRefused: Failure.SIGN_IN_REFUSED,
    central.SessionExpired: Failure.SESSION_EXPIRED,
    central.DailyLimit: Failure.DAILY_LIMIT,
    central.NoRecord: Failure.NO_RECORD,
    central.NotAGuardian: Failure.ACTING_OVER,
    central.StepUpNeeded: Failure.CARD_NEEDED,
    central.Refused: Failure.CENTRAL_NONSENSE,
    JournalFull: Failure.JOURNAL_FULL,
    JournalDamaged: Failure.JOURNAL_DAMAGED,
    JournalKeyMissing: Failure.JOURNAL_DAMAGED,
    JournalInUse: Failure.TERMINAL_FAULT,
    MissingGlyph: Failure.GLYPH_MISSING,
    FontMissing: Failure.TERMINAL_FAULT,
    SpoolerFailed: Failure.A4_OFFLINE,
}
EXPECTED = (CardError, central.CentralError, JournalError, PrintingError)

FAULTS: dict[Medium, dict[PrinterFault, Failure]] = {
    Medium.SLIP: {
        PrinterFault.PAPER_OUT: Failure.SLIP_PAPER_OUT,
        PrinterFault.COVER_OPEN: Failure.SLIP_COVER_OPEN,
        PrinterFault.OFFLINE: Failure.SLIP_OFFLINE,
        PrinterFault.MECHANISM: Failure.SLIP_MECHANISM,
        PrinterFault.JAM: Failure.SLIP_MECHANISM,
        PrinterFault.ABORTED: Failure.SLIP_MECHANISM,
        PrinterFault.BUSY: Failure.SLIP_MECHANISM,
        PrinterFault.CUT_OFF: Failure.PRINT_UNKNOWN,
    },
    Medium.A4: {
        PrinterFault.PAPER_OUT: Failure.A4_PAPER_OUT,
        PrinterFault.COVER_OPEN: Failure.A4_COVER_OPEN,
        PrinterFault.OFFLINE: Failure.A4_OFFLINE,
        PrinterFault.JAM: Failure.A4_JAM,
        PrinterFault.MECHANISM: Failure.A4_ABORTED,
        PrinterFault.ABORTED: Failure.A4_ABORTED,
        PrinterFault.BUSY: Failure.A4_BUSY,
        PrinterFault.CUT_OFF: Failure.PRINT_UNKNOWN,
    },
}


def failure_of(error: Exception) -> Failure:
    """A card's own failure, else that of the nearest parent class in the table, else TERMINAL_FAULT."""
    if isinstance(error, CardError):
        return Failure[error.failure.name]
    for kind in type(error).__mro__:
        if kind in ERRORS:
            return ERRORS[kind]
    return Failure.TERMINAL_FAULT


def fault_of(medium: Medium, fault: PrinterFault | None) -> Failure | None:
    """A printer's fault as a failure."""
    return FAULTS[medium][fault] if fault is not None else None
