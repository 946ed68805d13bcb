"""A file that behaves like `/dev/usb/lp0` with a slip printer behind it, by FUSE: there is no USB here.

What the kernel's usblp does (drivers/usb/class/usblp.c): one opener, then EBUSY; writes are taken one at a time and say
EAGAIN meanwhile; close throws away what the printer has not taken; a read gives a packet, an empty one nothing; after
the plug is pulled everything is ENODEV. FUSE: linux/fuse.h, protocol 7.31. Needs root.
"""

import contextlib
import ctypes
import errno
import os
import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Self

MNT_DETACH = 2
GETATTR, OPEN, READ, WRITE, RELEASE, FLUSH, INIT, POLL = 3, 14, 15, 16, 18, 25, 26, 40
SILENT = (2, 36, 42)  # FORGET, INTERRUPT, BATCH_FORGET: never answered
NOTIFY_POLL, DIRECT_IO, NONSEEKABLE = 1, 1, 4
BLOCK = 8192  # USBLP_BUF_SIZE
LATENCY = 0.002  # seconds until the printer has taken a block
LIBC = ctypes.CDLL(None, use_errno=True)


class UsbPrinterFile:
    """`path`: the file, while this is entered. `port`: the printer behind it."""

    def __init__(self, path: Path, port: int) -> None:
        self.path, self._port = path, port
        self._lock, self._poller = threading.Lock(), 0
        self._line: socket.socket | None = None
        self._packets: deque[bytes] = deque()
        self._flying, self._present = False, True
        self._answers: dict[int, Callable[[bytes], bytes | int]] = {
            INIT: lambda _body: struct.pack("<IIIIHHIIHHI7I", 7, 31, 0, 0, 12, 9, BLOCK, 1, 0, 0, 0, *[0] * 7),
            GETATTR: lambda _body: struct.pack("<QII6Q10I", 0, 0, 0, 1, *[0] * 8, 0o100600, 1, *[0] * 3, BLOCK, 0),
            OPEN: lambda _body: self._open(),
            READ: lambda body: self._read(struct.unpack_from("<I", body, 16)[0]),
            WRITE: lambda body: self._write(body[40:]),
            RELEASE: lambda _body: self._release(),
            FLUSH: lambda _body: b"",
            POLL: self._poll,
        }

    def __enter__(self) -> Self:
        self.path.touch(mode=0o600)
        self._fuse = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self._fuse},rootmode=100600,user_id=0,group_id=0".encode()
        if LIBC.mount(b"usblp", str(self.path).encode(), b"fuse", 0, options):
            os.close(self._fuse)
            raise OSError(ctypes.get_errno(), "mount")
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        LIBC.umount2(str(self.path).encode(), MNT_DETACH)
        self._release()

    def unplug(self) -> None:
        """Pull the cable."""
        self._present = False
        self._release()
        self._tell_poller()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while request := os.read(self._fuse, BLOCK + 4096):
                _length, kind, unique = struct.unpack_from("<IIQ", request)
                if kind in SILENT:
                    continue
                known = self._answers.get(kind)
                answer = -errno.ENOSYS if known is None else known(request[40:])
                error, body = (answer, b"") if isinstance(answer, int) else (0, answer)
                os.write(self._fuse, struct.pack("<IiQ", 16 + len(body), error, unique) + body)
        os.close(self._fuse)

    def _open(self) -> bytes | int:
        if not self._present:
            return -errno.ENODEV
        if self._line is not None:
            return -errno.EBUSY
        self._line = socket.create_connection(("127.0.0.1", self._port), 2)
        self._packets.clear()
        self._flying = False
        threading.Thread(target=self._listen, args=(self._line,), daemon=True).start()
        return struct.pack("<QII", 1, DIRECT_IO | NONSEEKABLE, 0)

    def _release(self) -> bytes:
        line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)  # close alone waits for the listener's select
            line.close()
        return b""

    def _listen(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while select.select([line], [], [])[0] and (data := line.recv(64)):
                self._packets.extend((data, b""))
                self._tell_poller()

    def _read(self, size: int) -> bytes | int:
        if not self._present:
            return -errno.ENODEV
        if not self._packets:
            return -errno.EAGAIN
        packet = self._packets.popleft()
        if packet[size:]:
            self._packets.appendleft(packet[size:])
        return packet[:size]

    def _write(self, data: bytes) -> bytes | int:
        if not self._present:
            return -errno.ENODEV
        if self._flying:
            return -errno.EAGAIN
        self._flying = True
        threading.Timer(LATENCY, self._taken, (data, self._line)).start()
        return struct.pack("<II", len(data), 0)

    def _taken(self, data: bytes, line: socket.socket | None) -> None:
        with contextlib.suppress(OSError):
            if line is not None and line is self._line:  # closed meanwhile: thrown away
                line.sendall(data)
        self._flying = False
        self._tell_poller()

    def _poll(self, body: bytes) -> bytes:
        _handle, self._poller, _flags, _events = struct.unpack_from("<QQII", body)
        readable = bool(self._packets) or not self._present
        ready = (select.POLLIN if readable else 0) | (0 if self._flying else select.POLLOUT)
        return struct.pack("<II", ready, 0)

    def _tell_poller(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            os.write(self._fuse, struct.pack("<IiQQ", 24, NOTIFY_POLL, 0, self._poller))
