"""The wire to vpcd: a TCP client of pcscd's virtual reader driver. Messages have a 2-byte big-endian length.

Latency: Nagle with delayed ACK costs 44 ms per APDU; re-arming TCP_QUICKACK around every recv brings it to 0.1 ms
(measured, card.md).
"""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

POWER_OFF, POWER_ON, RESET, GET_ATR = 0, 1, 2, 4
RECONNECT_SECONDS = 0.1


@dataclass(frozen=True)
class Silence:
    """The chip never answers; after so many seconds the reader gives up. 0: it never does."""

    seconds: float


@dataclass(frozen=True)
class Contact:
    """What the reader touches: the chip's answer to reset, to power/reset lines and to APDUs.

    `transmit` gives None when the card says nothing: the connection is torn, as if the card were pulled.
    """

    atr: Callable[[], bytes]
    line: Callable[[int], None]
    transmit: Callable[[bytes], bytes | Silence | None]


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
            _answer(sock, answer)


def _answer(sock: socket.socket, answer: bytes | Silence) -> None:
    if isinstance(answer, Silence):
        _time_out(sock, answer.seconds)
    else:
        _send(sock, answer)


def _time_out(sock: socket.socket, seconds: float) -> None:
    """Wait as a reader waits for a mute chip, then end the connection; the slot connects again.

    vpcd has no time-out of its own. It makes an empty answer of the end, where a reader's driver would report an
    error; the next commands are errors.
    """
    sock.settimeout(seconds or None)
    sock.recv(1)  # ends at once when a hand pulls the card or pcscd dies


class Slot:
    """A card being in (connected) or out (not connected); reconnects when pcscd comes back."""

    def __init__(self, port: int, contact: Contact, host: str = "127.0.0.1") -> None:
        self._address = (host, port)
        self._contact = contact
        self._changed = threading.Condition()
        self._inside = False
        self._sock: socket.socket | None = None
        threading.Thread(target=self._run, daemon=True, name="vpcd").start()

    @property
    def inside(self) -> bool:
        """Is the card in the reader?"""
        return self._inside

    def insert(self, timeout: float = 5.0) -> bool:
        """Put the card in; True when the reader took the connection in time."""
        with self._changed:
            self._move(inside=True)
            return self._changed.wait_for(lambda: self._sock is not None, timeout)

    def remove(self) -> None:
        """Pull the card out, also in the middle of a command."""
        with self._changed:
            self._move(inside=False)
            if self._sock is not None:
                _hang_up(self._sock)
                self._changed.wait_for(lambda: self._sock is None, 5.0)

    def _move(self, inside: bool) -> None:
        self._inside = inside
        self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._inside)
            try:
                sock = socket.create_connection(self._address, timeout=2)
            except OSError:
                self._pause()  # pcscd is not there yet
                continue
            with sock:
                if is_reader(sock):
                    self._hold(sock)

    def _pause(self) -> None:
        """Before the next try; a hand that pulls the card ends it."""
        with self._changed:
            self._changed.wait_for(lambda: not self._inside, RECONNECT_SECONDS)

    def _hold(self, sock: socket.socket) -> None:
        sock.settimeout(None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._take(sock):
            return  # pulled while connecting; nothing was said yet
        try:
            _serve(sock, self._contact)
            self._pulled()
        except OSError:
            pass  # the reader or the hand ended the connection; the loop decides what comes next
        _hang_up(sock)
        sock.close()  # before anyone is told that it is gone
        self._let_go()

    def _take(self, sock: socket.socket) -> bool:
        with self._changed:
            if self._inside:
                self._sock = sock
                self._changed.notify_all()
            return self._inside

    def _pulled(self) -> None:
        with self._changed:
            self._move(inside=False)

    def _let_go(self) -> None:
        with self._changed:
            self._sock = None
            self._changed.notify_all()


def is_reader(sock: socket.socket) -> bool:
    """Is a reader at the other end?

    vpcd's ports are ephemeral ones: the kernel may connect a socket with itself (RFC 9293, 3.5, simultaneous open), or
    take the port that pcscd will want.
    """
    return abs(int(sock.getsockname()[1]) - int(sock.getpeername()[1])) > 1


def _hang_up(sock: socket.socket) -> None:
    """End the connection in order. A reset would make vpcd 3.3 take an error for a length and kill pcscd (measured)."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the reader was quicker
