"""What a slip printer says: bytes sorted into answers, and what their bits mean. Pure; no device.

ESC/POS command reference: DLE EOT, GS a (ASB), GS ( H, GS r, GS g 2. The fixed bits tell the answers apart.
"""

from dataclasses import dataclass, field

from printing.outcome import PrinterFault, PrinterStatus

FIXED_MASK = 0x93
REAL_TIME_BITS, ASB_BITS, ASB_LENGTH = 0x12, 0x10, 4
PLAIN_MASK = 0x90  # bits 4 and 7 are 0 in an answer to GS r, and in all of ASB but its first byte
ID_HEADER, ID_LENGTH = b"\x37\x22", 7
COUNTER_HEADER, COUNTER_DIGITS = 0x5F, 10


@dataclass
class Answers:
    """Sorted as they come: real-time status bytes, process ids, ASB blocks, answers to GS r, counters.

    `asb`: the printer was asked for automatic status; without it those bytes mean something else.
    """

    asb: bool = False
    statuses: list[int] = field(default_factory=list)
    ids: set[bytes] = field(default_factory=set)
    automatic: bytes = b""
    plain: list[int] = field(default_factory=list)
    counters: list[int] = field(default_factory=list)
    rest: bytes = b""
    digits: bytes | None = None

    def take(self, data: bytes) -> None:
        """Sort new bytes; an unfinished block waits for its rest, anything unknown is dropped."""
        self.rest += data
        while self.rest:
            used = self._next()
            if not used:
                return
            self.rest = self.rest[used:]

    def _next(self) -> int:
        """Bytes used up; 0 when a block is not whole yet."""
        first = self.rest[0]
        if self.digits is not None:
            return self._digit(first)
        if first == ID_HEADER[0]:
            return self._process_id()
        if first == COUNTER_HEADER:
            self.digits = b""
        elif first & FIXED_MASK == REAL_TIME_BITS:
            self.statuses.append(first)
        elif first & FIXED_MASK == ASB_BITS and self.asb:
            return self._automatic()
        elif first & PLAIN_MASK == 0:
            self.plain.append(first)
        return 1

    def _process_id(self) -> int:
        if len(self.rest) < ID_LENGTH:
            return 0
        block = self.rest[:ID_LENGTH]
        if block.startswith(ID_HEADER) and block[-1] == 0:
            self.ids.add(block[2:6])
        return ID_LENGTH

    def _automatic(self) -> int:
        if len(self.rest) < ASB_LENGTH:
            return 0
        block = self.rest[:ASB_LENGTH]
        if any(byte & PLAIN_MASK for byte in block[1:]):
            return 1
        self.automatic = block
        return ASB_LENGTH

    def _digit(self, byte: int) -> int:
        digits, self.digits = self.digits or b"", None
        if byte == 0 and digits:
            self.counters.append(int(digits))
        elif 0x30 <= byte <= 0x39 and len(digits) < COUNTER_DIGITS:
            self.digits = digits + bytes([byte])
        return 1


def fault_in(offline: int, causes: int, errors: int, paper: int) -> PrinterStatus:
    """The four DLE EOT answers as a status (bits: printing.md section 3)."""
    low = bool(paper & 0x0C)
    if paper & 0x60 or causes & 0x20:
        return PrinterStatus(PrinterFault.PAPER_OUT, low)
    if causes & 0x04:
        return PrinterStatus(PrinterFault.COVER_OPEN, low)
    if errors & 0x6C or causes & 0x40:
        return PrinterStatus(PrinterFault.MECHANISM, low)
    return PrinterStatus(PrinterFault.OFFLINE if offline & 0x08 else None, low)


def fault_pushed(block: bytes) -> PrinterFault | None:
    """The fault in an ASB block of four bytes; None for a printer in order, or when none came yet."""
    if not block:
        return None
    first, errors, paper = block[0], block[1], block[2]
    if paper & 0x0C:
        return PrinterFault.PAPER_OUT
    if first & 0x20:
        return PrinterFault.COVER_OPEN
    if errors & 0x6C:
        return PrinterFault.MECHANISM
    return PrinterFault.OFFLINE if first & 0x08 else None
