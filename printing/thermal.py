"""The slip printer on its TCP port: its own status, and a slip followed until the printer names it back.

Proof of paper is GS ( H function 48: the process id comes back when everything before it was printed. Two ids are
sent, before and after the cut. Silence is never taken for a yes. The socket is ours: python-escpos 3.1's Network leaks
it when connecting fails, and tells the root logger of every connection (both measured).
"""

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from printing.errors import PrinterSilent
from printing.escpos_bytes import FEED_AND_CUT, ask_process_id, process_id
from printing.outcome import End, Outcome, PrinterFault, PrinterStatus

log = logging.getLogger(__name__)

STATUS = {n: bytes([0x10, 0x04, n]) for n in (1, 2, 3, 4)}
CLEAR_BUFFERS = b"\x10\x05\x02"
FIXED_MASK, FIXED_BITS = 0x93, 0x12
ID_HEADER, ID_LENGTH = b"\x37\x22", 7
ASK_SECONDS = 0.25
DRAIN_SECONDS = 0.5


@dataclass
class Answers:
    """What the printer said, sorted: status bytes in order, process ids."""

    statuses: list[int] = field(default_factory=list)
    ids: set[bytes] = field(default_factory=set)
    rest: bytes = b""

    def take(self, data: bytes) -> None:
        """Sort new bytes; an unfinished process id waits for its rest, anything else unknown is dropped."""
        self.rest += data
        while self.rest:
            if self.rest[0] == ID_HEADER[0]:
                if len(self.rest) < ID_LENGTH:
                    return
                block, self.rest = self.rest[:ID_LENGTH], self.rest[ID_LENGTH:]
                if block.startswith(ID_HEADER) and block[-1] == 0:
                    self.ids.add(block[2:6])
                continue
            byte, self.rest = self.rest[0], self.rest[1:]
            if byte & FIXED_MASK == FIXED_BITS:
                self.statuses.append(byte)


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


class Line:
    """One connection: send, read what is there, ask for status."""

    def __init__(self, device: socket.socket) -> None:
        self._device = device
        self.answers = Answers()

    def send(self, data: bytes) -> None:
        """Send all of it; OSError when the connection is gone."""
        self._device.sendall(data)

    def listen(self, seconds: float) -> None:
        """Read once, for at most this long; ConnectionError when the printer hung up."""
        self._device.settimeout(max(seconds, 0.01))
        try:
            data = self._device.recv(4096)
        except TimeoutError:
            return
        if not data:
            raise ConnectionError("the printer closed the connection")
        self.answers.take(data)

    def ask_status(self, timeout: float) -> PrinterStatus:
        """All four real-time statuses. PrinterSilent when one stays away."""
        found = []
        for request in STATUS.values():
            self.answers.statuses.clear()
            self.send(request)
            deadline = time.monotonic() + timeout
            while not self.answers.statuses:
                if time.monotonic() > deadline:
                    raise PrinterSilent("slip")
                self.listen(deadline - time.monotonic())
            found.append(self.answers.statuses[0])
        return fault_in(*found)


@dataclass(frozen=True)
class ThermalPrinter:
    """Where the printer is, and how long to wait for it (seconds)."""

    host: str
    port: int
    answer_timeout: float = 1.0
    print_timeout: float = 20.0

    def status(self) -> PrinterStatus:
        """What the printer says now; OFFLINE when it says nothing."""
        try:
            with self._connected() as line:
                return line.ask_status(self.answer_timeout)
        except (OSError, PrinterSilent):
            return PrinterStatus(PrinterFault.OFFLINE)

    def print_slip(self, body: bytes, job: int, on_sent: Callable[[], None]) -> Outcome:
        """Print one slip. `on_sent` is called right before its first byte leaves; never before it is safe to fail."""
        try:
            with self._connected() as line:
                before = line.ask_status(self.answer_timeout)
                if before.fault is not None:
                    return Outcome(End.FAILED, before.fault, "the printer refused before anything was sent")
                on_sent()
                return self._follow(line, body, job)
        except PrinterSilent:
            return Outcome(End.FAILED, PrinterFault.OFFLINE, "no status came; nothing was sent")
        except OSError:
            return Outcome(End.FAILED, PrinterFault.OFFLINE, "no connection; nothing was sent")

    @contextmanager
    def _connected(self) -> Iterator[Line]:
        with socket.create_connection((self.host, self.port), self.answer_timeout) as device:
            yield Line(device)

    def _follow(self, line: Line, body: bytes, job: int) -> Outcome:
        printed, cut = process_id(2 * job), process_id(2 * job + 1)
        try:
            line.send(body + ask_process_id(printed) + FEED_AND_CUT + ask_process_id(cut))
            fault = self._wait(line, cut)
            if cut in line.answers.ids:
                return Outcome(End.PRINTED, None, "the process id after the cut came back")
            return self._give_up(line, printed, cut, fault)
        except (OSError, PrinterSilent) as error:
            log.warning("slip printer lost while printing: %s", type(error).__name__)
            return Outcome(End.UNKNOWN, PrinterFault.CUT_OFF, "the connection broke after sending")

    def _wait(self, line: Line, wanted: bytes) -> PrinterFault | None:
        """Until the id is back (None), a fault is seen, or the time is over (OFFLINE)."""
        deadline = time.monotonic() + self.print_timeout
        while time.monotonic() < deadline:
            line.listen(ASK_SECONDS)
            if wanted in line.answers.ids:
                return None
            fault = line.ask_status(self.answer_timeout).fault
            if fault is not None:
                return fault
        return PrinterFault.OFFLINE

    def _give_up(self, line: Line, printed: bytes, cut: bytes, fault: PrinterFault | None) -> Outcome:
        """Clear the printer's buffer and listen once more: only then is it certain what did not come out."""
        line.send(CLEAR_BUFFERS)
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline:
            line.listen(deadline - time.monotonic())
        if cut in line.answers.ids:
            return Outcome(End.PRINTED, None, "the process id came back late")
        if printed in line.answers.ids or fault in (PrinterFault.OFFLINE, None):
            return Outcome(End.UNKNOWN, fault, "the text may be out, the cut was not confirmed")
        return Outcome(End.FAILED, fault, "stopped in the middle, the rest was cleared")
