"""Every way a card or its reader can fail, once. The sentences are in `failures.toml` beside this file.

docs/failures.md is made from here, errors carry a member, and a test proves each member reachable.
"""

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

SENTENCES = Path(__file__).parent / "failures.toml"


class CardFailure(StrEnum):
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


@cache
def sentences() -> dict[str, dict[str, list[str]]]:
    """By the member's name: `holder` what happened, `remedy` what to do now, `attendant`; each [zh, en]."""
    return tomllib.loads(SENTENCES.read_text(encoding="utf-8"))


def english(failure: CardFailure) -> str:
    """What happened and what staff do about it, as one sentence."""
    entry = sentences()[failure.name]
    return f"{entry['holder'][1]}; {entry['attendant'][1][:1].lower()}{entry['attendant'][1][1:]}."
