"""Every way a visit can fail, once: the holder's sentence, the attendant's action and docs/failures.md come from here.

The sentences live in `failures.toml` beside this file; those of card and reader are the card room's own.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from card import failures as card_failures
from city import WORDS


class Failure(StrEnum):
    """A named failure; the value is its code on the screen, in the log and in the manual."""

    READER_ABSENT = "R1"
    PCSC_DOWN = "R2"
    PCSC_REFUSED = "R3"
    READER_FAULT = "R4"
    PCSC_OVERLOADED = "R5"
    PCSC_MISUSED = "R6"
    CARD_MUTE = "C1"
    CARD_UNSUPPORTED = "C2"
    CARD_TORN_RECORD = "C3"
    CARD_EMPTY_RECORD = "C4"
    CARD_NOT_GBK = "C5"
    CARD_EXPIRED = "C6"
    CARD_COMMUNICATION = "C7"
    CARD_IN_USE = "C8"
    CARD_NOT_ACCEPTED_HERE = "C9"
    CARD_SWAPPED = "C10"
    CARD_REMOVED = "C11"
    CARD_RESET = "C12"
    CARD_SILENT = "C13"
    CARD_PROTOCOL = "C14"
    CARD_INVALIDATED = "C15"
    CARD_CHECK_DIGIT = "C16"
    CARD_CONTRADICTORY = "C17"
    CARD_PROTECTED = "C18"
    PIN_WRONG = "P1"
    PIN_LAST_TRY = "P2"
    PIN_BLOCKED = "P3"
    PIN_UNUSABLE = "P4"
    PIN_NOT_CHANGED = "P5"
    PIN_CHANGE_UNKNOWN = "P6"
    CENTRAL_UNREACHABLE = "N1"
    CENTRAL_SLOW = "N2"
    CENTRAL_NONSENSE = "N3"
    CENTRAL_CLOCK = "N4"
    CENTRAL_BUSY = "N5"
    SIGN_IN_REFUSED = "N6"
    SEAL_INVALID = "N7"
    DAILY_LIMIT = "N8"
    NO_RECORD = "N9"
    SESSION_EXPIRED = "N10"
    PHONE_REFUSED = "N11"
    PHONE_OVER = "N12"
    CARD_NEEDED = "N13"
    SITE_DOWN = "N14"
    SITE_SLOW = "N15"
    SITE_ENDED = "N16"
    ACTING_OVER = "N17"
    SLIP_PAPER_OUT = "S1"
    SLIP_COVER_OPEN = "S2"
    SLIP_OFFLINE = "S3"
    SLIP_MECHANISM = "S4"
    A4_PAPER_OUT = "A1"
    A4_JAM = "A2"
    A4_COVER_OPEN = "A3"
    A4_OFFLINE = "A4"
    A4_ABORTED = "A5"
    A4_BUSY = "A6"
    PRINT_UNKNOWN = "D1"
    GLYPH_MISSING = "D2"
    JOURNAL_FULL = "T1"
    JOURNAL_DAMAGED = "T2"
    CONFIGURATION = "T3"
    TERMINAL_FAULT = "T4"
    CARD_FORGOTTEN = "T5"
    CLOCK_CORRECTED = "T6"


@dataclass(frozen=True)
class FailureText:
    """`holder`: what happened; `remedy`: what the holder can do now; `attendant`: what staff do."""

    code: str
    holder: str
    remedy: str
    attendant: str


@cache
def _sentences() -> dict[str, dict[str, list[str]]]:
    own = tomllib.loads((Path(__file__).parent / "failures.toml").read_text(encoding="utf-8"))
    return {**card_failures.sentences(), **own}


def failure_text(failure: Failure, language: str) -> FailureText:
    """The sentences of a failure in `zh` or `en`."""
    entry, index = _sentences()[failure.name], 0 if language == "zh" else 1
    holder, remedy, attendant = (
        entry[part][index].format(**WORDS[language]) for part in ("holder", "remedy", "attendant")
    )
    return FailureText(failure.value, holder, remedy, attendant)
