"""Bytes over a serial line and a TCP port; what happens when nobody reads, and when the plug is pulled."""

import os
import socket
import termios
import tty
from pathlib import Path

import pytest

from printing.device import FileDevice, TcpDevice


def test_a_serial_line_is_raw_fast_and_two_way() -> None:
    master, slave = os.openpty()
    device = FileDevice(Path(os.ttyname(slave)), 38400, 1)
    everything = bytes(range(256))
    device.send(everything)
    got = b""
    while len(got) < len(everything):
        got += os.read(master, 4096)
    assert got == everything
    os.write(master, b"\x11\x13\x03\x0d\x16")
    assert device.receive(1) == b"\x11\x13\x03\x0d\x16"
    assert device.receive(0) == b""
    assert termios.tcgetattr(slave)[5] == termios.B38400
    device.close()
    os.close(master)
    os.close(slave)


def test_a_line_that_takes_no_more_bytes_is_an_error() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    device = FileDevice(Path(os.ttyname(slave)), 9600, 0.1)
    with pytest.raises(TimeoutError):
        device.send(bytes(1_000_000))
    device.close()
    os.close(master)
    os.close(slave)


def test_an_unplugged_line_is_an_error() -> None:
    master, slave = os.openpty()
    device = FileDevice(Path(os.ttyname(slave)), 9600, 0.1)
    os.close(slave)
    os.close(master)
    with pytest.raises(OSError, match=r"Input/output error|unplugged"):
        device.receive(1)
    device.close()


def test_a_line_that_another_program_uses_is_refused() -> None:
    master, slave = os.openpty()
    device = FileDevice(Path(os.ttyname(slave)), 9600, 0.1)
    with pytest.raises(BlockingIOError):
        FileDevice(Path(os.ttyname(slave)), 9600, 0.1)
    device.close()
    FileDevice(Path(os.ttyname(slave)), 9600, 0.1).close()
    os.close(master)
    os.close(slave)


def test_a_tcp_printer_that_hangs_up_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        device = TcpDevice("127.0.0.1", server.getsockname()[1], 1, 1)
        peer, _ = server.accept()
        assert device.receive(0) == b""
        peer.sendall(b"\x12")
        assert device.receive(1) == b"\x12"
        peer.close()
        with pytest.raises(ConnectionError):
            device.receive(1)
        device.close()
