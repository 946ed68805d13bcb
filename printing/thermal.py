"""The slip printer: its own status, and a slip followed until the printer names it back.

Proof of paper is GS ( H function 48: the process id comes back when everything before it was printed. Two ids are
sent, before and after the cut. A printer without it can only say that its buffer was worked through (GS r): a weaker
proof, named as such. Silence is never taken for a yes.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from printing.device import Device, FileDevice, TcpDevice
from printing.errors import PrinterSilent
from printing.escpos_bytes import FEED_AND_CUT, ask_process_id, process_id
from printing.outcome import End, Outcome, PrinterFault, PrinterStatus, Sent
from printing.roll import Roll, slip_mm
from printing.thermal_words import Answers, fault_in, fault_pushed

__all__ = ["Answers", "Line", "ThermalPrinter", "fault_in"]

log = logging.getLogger(__name__)

STATUS = tuple(bytes([0x10, 0x04, n]) for n in (1, 2, 3, 4))
ASB_ON = b"\x1da\xff"
PAPER_SENSOR = b"\x1dr\x01"
CLEAR_BUFFERS = b"\x10\x05\x02" + b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"  # DLE ENQ 2, DLE DC4 8
COUNTERS = {"feeds": b"\x1dg2\x00\x94\x00", "cuts": b"\x1dg2\x00\xb2\x00"}  # GS g 2: cumulative, 148 and 178
ASK_SECONDS = 0.25
DRAIN_SECONDS = 0.5
STATUS_TRIES = 3


class Line:
    """One connection: send, read what is there, ask for status and counters."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self.answers = Answers()

    def watch(self) -> None:
        """From now on the printer pushes every change of its status."""
        self.answers.asb = True
        self.send(ASB_ON)

    def send(self, data: bytes) -> None:
        """Send all of it; OSError when the connection is gone."""
        self._device.send(data)

    def listen(self, seconds: float) -> None:
        """Read once, for at most this long; OSError when the printer hung up."""
        data = self._device.receive(seconds)
        if data:
            self.answers.take(data)

    def wait(self, seconds: float, enough: Callable[[], object]) -> bool:
        """Listen until it is enough, or the time is over."""
        deadline = time.monotonic() + seconds
        while not enough():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self.listen(left)
        return True

    def ask_status(self, timeout: float) -> PrinterStatus:
        """All four real-time statuses. PrinterSilent when one stays away."""
        return fault_in(*(self._ask(request, timeout) for request in STATUS))

    def clear_buffers(self, timeout: float) -> None:
        """Drop what waits to be printed; answered for, or a close with unread bytes could overtake it (RFC 1122)."""
        self.send(CLEAR_BUFFERS)
        self.ask_status(timeout)

    def _ask(self, request: bytes, timeout: float) -> int:
        """One status byte, asked for again when more came than was asked: an unsolicited byte is no answer."""
        statuses = self.answers.statuses
        for _ in range(STATUS_TRIES):
            self.listen(0)
            statuses.clear()
            self.send(request)
            if not self.wait(timeout, lambda: statuses):
                raise PrinterSilent("slip")
            self.listen(0)
            if len(statuses) == 1:
                return statuses[0]
        raise PrinterSilent("slip")

    def ask_counters(self, timeout: float) -> str:
        """`feeds=N,cuts=N`; "" when the printer doesn't say. Nothing else may be sent meanwhile (GS g 2)."""
        counters = self.answers.counters
        counters.clear()
        for count, request in enumerate(COUNTERS.values(), start=1):
            self.send(request)
            if not self.wait(timeout, lambda count=count: len(counters) >= count):  # type: ignore[misc]  # bound now
                return ""
        return ",".join(f"{name}={value}" for name, value in zip(COUNTERS, counters, strict=False))


@dataclass(frozen=True)
class ThermalPrinter:
    """Where the printer is, and how long to wait for it (seconds).

    `roll`: how long the paper lasts. `device`: a serial line or `/dev/usb/lp*` instead of host and port. `process_ids`:
    it knows GS ( H; `counters`: it knows GS g 2 (a printer that doesn't would print the command).
    """

    host: str
    port: int
    answer_timeout: float = 1.0
    print_timeout: float = 20.0
    device: Path | None = None
    baud: int = 115200
    process_ids: bool = True
    counters: bool = False
    roll: Roll = field(default_factory=Roll, compare=False)
    lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    def status(self) -> PrinterStatus:
        """What the printer says now; OFFLINE when it says nothing, PAPER_OUT when the roll is too short for a slip."""
        try:
            with self._connected() as line:
                said = line.ask_status(self.answer_timeout)
        except (OSError, PrinterSilent):
            return PrinterStatus(PrinterFault.OFFLINE)
        return self._forecast(said, self.roll.longest_mm)

    def _forecast(self, said: PrinterStatus, mm: float) -> PrinterStatus:
        short = said.fault is None and not self.roll.enough_for(mm, said.paper_low)
        return replace(said, fault=PrinterFault.PAPER_OUT) if short else said

    def print_slip(self, body: bytes, job: int, on_sent: Sent) -> Outcome:
        """Print one slip. `on_sent` is called right before its first byte leaves; never before it is safe to fail."""
        try:
            with self._connected() as line:
                length = slip_mm(body)
                before = self._forecast(line.ask_status(self.answer_timeout), length)
                if before.fault is not None:
                    return Outcome(End.FAILED, before.fault, "the printer refused before anything was sent")
                self.roll.printed(length, before.paper_low)
                on_sent(line.ask_counters(self.answer_timeout) if self.counters else "")
                return self._follow(line, body, job)
        except PrinterSilent:
            return Outcome(End.FAILED, PrinterFault.OFFLINE, "no status came; nothing was sent")
        except OSError:
            return Outcome(End.FAILED, PrinterFault.OFFLINE, "no connection; nothing was sent")

    def outcome_since(self, counted: str) -> Outcome:
        """After a crash: UNKNOWN, with what the counters say now beside `counted`; a waiting buffer is cleared.

        Counters don't decide: a power cut may set them back, and nothing tells whether there was one (decision 0043).
        """
        try:
            with self._connected() as line:
                if line.ask_status(self.answer_timeout).fault is not None:
                    line.clear_buffers(self.answer_timeout)  # it must not come out into a stranger's hands
                    return Outcome(End.UNKNOWN, None, "the printer could not print; what it held was cleared")
                now = line.ask_counters(self.answer_timeout) if counted else ""
        except (OSError, PrinterSilent):
            return Outcome(End.UNKNOWN, PrinterFault.OFFLINE, "the slip printer does not answer")
        counters = f"before: {counted or '-'}, now: {now or '-'}"
        return Outcome(End.UNKNOWN, None, f"a slip printer remembers nothing ({counters})")

    @contextmanager
    def _connected(self) -> Iterator[Line]:
        """One conversation at a time: a status question beside a slip would be refused, or take its answers away."""
        with self.lock:
            device = self._open()
            try:
                yield Line(device)
            finally:
                device.close()

    def _open(self) -> Device:
        if self.device is not None:
            return FileDevice(self.device, self.baud, self.print_timeout)
        return TcpDevice(self.host, self.port, self.answer_timeout, self.print_timeout)

    def _follow(self, line: Line, body: bytes, job: int) -> Outcome:
        printed, cut = process_id(2 * job), process_id(2 * job + 1)
        try:
            if not self.process_ids:
                return self._follow_weakly(line, body)
            line.watch()
            line.send(body + ask_process_id(printed) + FEED_AND_CUT + ask_process_id(cut))
            fault = self._wait(line, lambda: cut in line.answers.ids)
            if cut in line.answers.ids:
                return Outcome(End.PRINTED, None, "the process id after the cut came back")
            return self._give_up(line, printed, cut, fault)
        except (OSError, PrinterSilent) as error:
            log.warning("slip printer lost while printing: %s", type(error).__name__)
            return Outcome(End.UNKNOWN, PrinterFault.CUT_OFF, "the connection broke after sending")

    def _follow_weakly(self, line: Line, body: bytes) -> Outcome:
        """GS r waits its turn in the buffer: its answer says that everything before it was worked through."""
        line.answers.plain.clear()
        line.send(body + FEED_AND_CUT + PAPER_SENSOR)
        fault = self._wait(line, lambda: line.answers.plain)
        if line.answers.plain and line.ask_status(self.answer_timeout).fault is None:
            return Outcome(End.PRINTED, None, "weaker proof: the buffer was worked through, paper is in (GS r)")
        line.clear_buffers(self.answer_timeout)
        return Outcome(End.UNKNOWN, fault, "the buffer was not worked through; the rest was cleared")

    def _wait(self, line: Line, enough: Callable[[], object]) -> PrinterFault | None:
        """Until it is enough (None), a fault is pushed or found, or the time is over (OFFLINE)."""
        deadline = time.monotonic() + self.print_timeout
        while time.monotonic() < deadline:
            if line.wait(ASK_SECONDS, lambda: enough() or fault_pushed(line.answers.automatic)) and enough():
                return None
            fault = line.ask_status(self.answer_timeout).fault
            if fault is not None:
                return fault
        return PrinterFault.OFFLINE

    def _give_up(self, line: Line, printed: bytes, cut: bytes, fault: PrinterFault | None) -> Outcome:
        """Clear the printer's buffer and listen once more: only then is it certain what did not come out."""
        line.clear_buffers(self.answer_timeout)
        if line.wait(DRAIN_SECONDS, lambda: cut in line.answers.ids):
            return Outcome(End.PRINTED, None, "the process id came back late")
        if printed in line.answers.ids or fault in (PrinterFault.OFFLINE, None):
            return Outcome(End.UNKNOWN, fault, "the text may be out, the cut was not confirmed")
        return Outcome(End.FAILED, fault, "stopped in the middle, the rest was cleared", nothing_whole=True)
