"""Bytes to and from a slip printer: a TCP port, a serial line, or the kernel's USB printer file. One small port.

Serial lines and `/dev/usb/lp*` are files (usblp is bidirectional), so termios and poll(2) suffice; no library.
What usblp does differently (Linux, drivers/usb/class/usblp.c): a second open is refused, what was written and not yet
taken is thrown away by close, a read gives nothing when the printer sent an empty packet.
"""

import contextlib
import fcntl
import os
import select
import socket
import termios
import time
import tty
from pathlib import Path
from typing import Protocol

BLOCK = 4096


class Device(Protocol):
    """An open printer. All three raise OSError when it is gone."""

    def send(self, data: bytes) -> None:
        """All of it, or OSError (TimeoutError when the printer stopped taking bytes)."""
        ...

    def receive(self, seconds: float) -> bytes:
        """What came within this time; b"" when nothing did."""
        ...

    def close(self) -> None:
        """Let it go."""
        ...


class TcpDevice:
    """Port 9100 and its like. The socket is ours: python-escpos 3.1's Network leaks it when connecting fails."""

    def __init__(self, host: str, port: int, connect_timeout: float, send_timeout: float) -> None:
        self._socket = socket.create_connection((host, port), connect_timeout)
        self._send_timeout = send_timeout

    def send(self, data: bytes) -> None:
        """As Device."""
        self._socket.settimeout(self._send_timeout)
        self._socket.sendall(data)

    def receive(self, seconds: float) -> bytes:
        """As Device."""
        if not select.select([self._socket], [], [], max(seconds, 0))[0]:
            return b""
        data = self._socket.recv(BLOCK)
        if not data:
            raise ConnectionError("the printer closed the connection")
        return data

    def close(self) -> None:
        """As Device."""
        self._socket.close()


class FileDevice:
    """A serial line (raw, 8N1, hardware flow control) or `/dev/usb/lp*`. One program at a time, or OSError."""

    def __init__(self, path: Path, baud: int, send_timeout: float) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._send_timeout = send_timeout
        self._serial = os.isatty(self._handle)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if self._serial:
                _raw(self._handle, baud)
        except OSError:
            os.close(self._handle)
            raise

    def send(self, data: bytes) -> None:
        """As Device; returns when the last block was taken, so that close throws nothing away."""
        deadline = time.monotonic() + self._send_timeout
        while data:
            self._until_taken(deadline)
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(self._handle, data[:BLOCK]) :]
        if not self._serial:
            self._until_taken(deadline)

    def _until_taken(self, deadline: float) -> None:
        if not select.select([], [self._handle], [], max(deadline - time.monotonic(), 0))[1]:
            raise TimeoutError("the printer takes no more bytes")

    def receive(self, seconds: float) -> bytes:
        """As Device."""
        if not select.select([self._handle], [], [], max(seconds, 0))[0]:
            return b""
        try:
            data = os.read(self._handle, BLOCK)
        except BlockingIOError:
            return b""
        if not data and self._serial:
            raise ConnectionError("the printer was unplugged")
        return data

    def close(self) -> None:
        """As Device."""
        os.close(self._handle)


def _raw(handle: int, baud: int) -> None:
    tty.setraw(handle)
    settings = termios.tcgetattr(handle)
    settings[2] |= termios.CRTSCTS | termios.CLOCAL | termios.CREAD
    settings[4] = settings[5] = int(getattr(termios, f"B{baud}"))
    termios.tcsetattr(handle, termios.TCSANOW, settings)
