"""The wire to vpcd: a TCP client of pcscd's virtual reader driver. Messages have a 2-byte big-endian length.

Latency: Nagle with delayed ACK costs 44 ms per APDU; re-arming TCP_QUICKACK around every recv brings it to 0.1 ms
(measured, card.md).
"""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

POWER_OFF, POWER_ON, RESET, GET_ATR = 0, 1, 2, 4
RECONNECT_SECONDS = 0.1


@dataclass(frozen=True)
class Contact:
    """What the reader touches: the chip's answer to reset, to power/reset lines and to APDUs.

    `transmit` gives None when the card says nothing: the connection is torn, as if the card were pulled.
    """

    atr: Callable[[], bytes]
    line: Callable[[int], None]
    transmit: Callable[[bytes], bytes | None]


def _read_exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        block = sock.recv(count - len(data))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        if not block:
            raise ConnectionError("the reader closed the connection")
        data += block
    return data


def _send(sock: socket.socket, data: bytes) -> None:
    sock.sendall(len(data).to_bytes(2, "big") + data)


def _serve(sock: socket.socket, contact: Contact) -> None:
    while True:
        message = _read_exactly(sock, int.from_bytes(_read_exactly(sock, 2), "big"))
        if len(message) == 1 and message[0] == GET_ATR:
            _send(sock, contact.atr())
        elif len(message) == 1:
            contact.line(message[0])
        else:
            answer = contact.transmit(message)
            if answer is None:
                return
            _send(sock, answer)


class Slot:
    """A card being in (connected) or out (not connected); reconnects when pcscd comes back."""

    def __init__(self, port: int, contact: Contact, host: str = "127.0.0.1") -> None:
        self._address = (host, port)
        self._contact = contact
        self._inside = threading.Event()
        self._sock: socket.socket | None = None
        self._connected = threading.Condition()
        threading.Thread(target=self._run, daemon=True, name="vpcd").start()

    @property
    def inside(self) -> bool:
        """Is the card in the reader?"""
        return self._inside.is_set()

    def insert(self, timeout: float = 5.0) -> bool:
        """Put the card in; True when the reader took the connection in time."""
        self._inside.set()
        with self._connected:
            return self._connected.wait_for(lambda: self._sock is not None, timeout)

    def remove(self) -> None:
        """Pull the card out, also in the middle of a command."""
        self._inside.clear()
        with self._connected:
            if self._sock is not None:
                self._sock.shutdown(socket.SHUT_RDWR)
                self._connected.wait_for(lambda: self._sock is None, 5.0)

    def _run(self) -> None:
        while True:
            self._inside.wait()
            try:
                sock = socket.create_connection(self._address, timeout=2)
            except OSError:
                time.sleep(RECONNECT_SECONDS)  # pcscd is not there yet
                continue
            self._hold(sock)

    def _hold(self, sock: socket.socket) -> None:
        sock.settimeout(None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._publish(sock)
        try:
            _serve(sock, self._contact)
        except OSError:
            pass  # the reader or the hand ended the connection; the loop decides what comes next
        else:
            self._inside.clear()
        self._publish(None)
        sock.close()

    def _publish(self, sock: socket.socket | None) -> None:
        with self._connected:
            self._sock = sock
            self._connected.notify_all()
