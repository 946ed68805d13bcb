"""Return codes of PC/SC and what each means to us. The only list of them in the project.

Codes from pcsclite.h (version 1.9.9); pyscard gives them as signed or unsigned numbers depending on the call.
"""

from collections.abc import Callable

from card.errors import CardError, CardInUse, CommunicationError, MuteCard, ReaderMissing, RemovedCard, ServiceStopped

SUCCESS = 0x00000000
CANCELLED = 0x80100002
INVALID_HANDLE = 0x80100003
UNKNOWN_READER = 0x80100009
TIMEOUT = 0x8010000A
SHARING_VIOLATION = 0x8010000B
NO_SMARTCARD = 0x8010000C
PROTO_MISMATCH = 0x8010000F
COMM_ERROR = 0x80100013
NOT_TRANSACTED = 0x80100016
READER_UNAVAILABLE = 0x80100017
NO_SERVICE = 0x8010001D
SERVICE_STOPPED = 0x8010001E
NO_READERS = 0x8010002E
UNRESPONSIVE_CARD = 0x80100066
UNPOWERED_CARD = 0x80100067
RESET_CARD = 0x80100068
REMOVED_CARD = 0x80100069

SERVICE_GONE = frozenset({NO_SERVICE, SERVICE_STOPPED, INVALID_HANDLE, COMM_ERROR})

MEANINGS: dict[int, Callable[[], CardError]] = {
    INVALID_HANDLE: ServiceStopped,
    NO_SERVICE: ServiceStopped,
    SERVICE_STOPPED: ServiceStopped,
    COMM_ERROR: ServiceStopped,
    UNKNOWN_READER: ReaderMissing,
    READER_UNAVAILABLE: ReaderMissing,
    NO_READERS: ReaderMissing,
    SHARING_VIOLATION: CardInUse,
    NO_SMARTCARD: RemovedCard,
    REMOVED_CARD: RemovedCard,
    PROTO_MISMATCH: MuteCard,
    UNRESPONSIVE_CARD: MuteCard,
    UNPOWERED_CARD: MuteCard,
}


def unsigned(code: int) -> int:
    """A return code as 32 unsigned bits."""
    return code & 0xFFFFFFFF


def error_for(code: int, doing: str) -> CardError:
    """The named outcome of a PC/SC call that did not succeed."""
    meaning = MEANINGS.get(unsigned(code))
    return meaning() if meaning else CommunicationError(0, f"{doing} (PC/SC {unsigned(code):08X})")


def check(code: int, doing: str) -> None:
    """Raise the named CardError unless the call succeeded."""
    if unsigned(code) != SUCCESS:
        raise error_for(code, doing)
