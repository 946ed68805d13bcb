"""Status words that this package knows, with their meaning (ISO 7816-4, 5.6 and table 6; PBOC 2.0 where said)."""

from enum import IntEnum


class StatusWord(IntEnum):
    """SW1-SW2."""

    NONE = 0x0000
    """No status word at all."""
    OK = 0x9000
    WARNING = 0x6200
    """Done, with a warning that says nothing."""
    END_OF_FILE_REACHED = 0x6282
    """Fewer bytes than Le asked for; the data is there."""
    APPLICATION_INVALIDATED = 0x6283
    INFORMATION_UNFORMATTED = 0x6284
    """Selected; its file control information is in no standard form."""
    FILE_TERMINATED = 0x6285
    """Selected, and at the end of its life."""
    PIN_FAILED_NO_TRIES = 0x63C0
    """63Cx: not verified, x tries left."""
    WRONG_LENGTH = 0x6700
    SECURITY_STATUS = 0x6982
    BLOCKED = 0x6983
    REFERENCE_DATA_UNUSABLE = 0x6984
    CONDITIONS = 0x6985
    WRONG_DATA = 0x6A80
    NOT_SUPPORTED_HERE = 0x6A81
    """ISO: function not supported; PBOC 2.0: the card is locked."""
    FILE_NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    WRONG_P1_P2 = 0x6A86
    REFERENCE_DATA_NOT_FOUND = 0x6A88
    OFFSET_OUTSIDE = 0x6B00
    INSTRUCTION_UNKNOWN = 0x6D00
    CLASS_UNKNOWN = 0x6E00
    APPLICATION_LOCKED = 0x9303
    """PBOC 2.0: the application is locked for ever."""


MORE_DATA, NOT_VERIFIED, WRONG_LE = 0x61, 0x63, 0x6C


def tries_in(sw: int) -> int | None:
    """x of 63Cx; None for any other status word."""
    return sw & 0x0F if sw & 0xFFF0 == StatusWord.PIN_FAILED_NO_TRIES else None


def execution_failed(sw: int) -> bool:
    """The card itself broke down while executing (64xx, 65xx, 6Fxx), or said nothing."""
    return sw >> 8 in (0x00, 0x64, 0x65, 0x6F)


def meaning(sw: int) -> str:
    """A status word in words, for logs and error sentences."""
    tries = tries_in(sw)
    if tries is not None:
        return f"not verified, {tries} tries left"
    if sw >> 8 == MORE_DATA:
        return f"{sw & 0xFF or 256} more bytes"
    if sw >> 8 == WRONG_LE:
        return f"ask for {sw & 0xFF or 256} bytes"
    names = {word.value: word.name.lower().replace("_", " ") for word in StatusWord}
    return names.get(sw, "execution failed" if execution_failed(sw) else "unknown")
