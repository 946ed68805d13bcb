"""Slips over a file that behaves like the kernel's USB printer file (usb_printer_file.py), a printer behind it."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.parts.devices import Thermal
from printing.device import FileDevice
from printing.outcome import End, PrinterFault, PrinterStatus
from printing.thermal import ThermalPrinter
from tests.hardware.test_printers_real import SLIP, Sent, printed_so_far
from tests.hardware.usb_printer_file import UsbPrinterFile

pytestmark = [
    pytest.mark.expected_log("printing."),
    pytest.mark.skipif(os.geteuid() != 0 or not Path("/dev/fuse").exists(), reason="needs root and FUSE"),
    pytest.mark.timeout(60),
]


@pytest.fixture
def usb(thermal: Thermal, tmp_path: Path) -> Iterator[UsbPrinterFile]:
    """The cable is in, the printer in order."""
    for command in ("paper ok", "cover closed", "cutter ok", "silent off", "online"):
        thermal.ask(command)
    with UsbPrinterFile(tmp_path / "lp0", thermal.port) as file:
        yield file


@pytest.fixture
def printer(usb: UsbPrinterFile) -> ThermalPrinter:
    """At that file."""
    return ThermalPrinter("", 0, print_timeout=4, device=usb.path)


def test_a_slip_is_whole_and_named_back(printer: ThermalPrinter, thermal: Thermal) -> None:
    before = printed_so_far(thermal)
    assert printer.status() == PrinterStatus(None)
    assert printer.print_slip(SLIP, 80, Sent()).end is End.PRINTED
    assert printed_so_far(thermal) == before + 1
    assert thermal.slips[before]["complete"] is True


def test_status_questions_beside_a_slip_wait_their_turn(printer: ThermalPrinter) -> None:
    over, said = threading.Event(), set[PrinterStatus]()

    def ask() -> None:
        while not over.is_set():
            said.add(printer.status())

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    ends = [printer.print_slip(SLIP, number, Sent()).end for number in (81, 82)]
    over.set()
    asking.join()
    assert (ends, said) == ([End.PRINTED] * 2, {PrinterStatus(None)})


def test_another_program_at_the_printer_is_said_before_anything_is_sent(
    printer: ThermalPrinter, usb: UsbPrinterFile
) -> None:
    other, sent = FileDevice(usb.path, 9600, 1), Sent()
    refused = printer.print_slip(SLIP, 83, sent)
    other.close()
    assert (refused.end, refused.fault, sent.count) == (End.FAILED, PrinterFault.OFFLINE, 0)
    assert printer.status() == PrinterStatus(None)


def test_a_plug_that_is_pulled_is_unknown_in_the_middle_and_offline_after(
    printer: ThermalPrinter, usb: UsbPrinterFile
) -> None:
    outcome = printer.print_slip(SLIP, 84, lambda _counted: usb.unplug())
    assert outcome.end is End.UNKNOWN
    assert printer.status() == PrinterStatus(PrinterFault.OFFLINE)


def test_paper_that_ends_in_the_middle_is_failed(printer: ThermalPrinter, thermal: Thermal) -> None:
    thermal.ask("out-after 900")
    outcome = printer.print_slip(SLIP, 85, Sent())
    thermal.ask("paper ok")
    assert (outcome.end, outcome.fault, outcome.nothing_whole) == (End.FAILED, PrinterFault.PAPER_OUT, True)
    assert printer.print_slip(SLIP, 86, Sent()).end is End.PRINTED
    thermal.ask("status")


def test_what_was_sent_is_not_thrown_away_by_close(usb: UsbPrinterFile, thermal: Thermal) -> None:
    before = printed_so_far(thermal)
    device = FileDevice(usb.path, 9600, 2)
    device.send(SLIP + b"\x1dVB\x00")
    device.close()
    while printed_so_far(thermal) == before:
        pass
    assert thermal.slips[before]["complete"] is True
