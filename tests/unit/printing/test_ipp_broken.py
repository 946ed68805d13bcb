"""A printer whose answer breaks off, or makes no sense: never an exception, never a yes."""

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from printing.ipp import IppPrinter
from printing.outcome import End, PrinterFault

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 234\r\n\r\n"


@contextmanager
def printer_that_says(answer: bytes) -> Iterator[IppPrinter]:
    """Every connection gets this, then ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    host, _ = server.accept()
                except OSError:
                    return
                with host:
                    host.recv(65536)
                    host.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield IppPrinter(f"ipp://127.0.0.1:{server.getsockname()[1]}/ipp/print", answer_timeout=1)
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "answer", [b"", HEAD, HEAD + b"\x02\x00\x00\x00", b"HTTP/1.1 500 no\r\n\r\n", b"nonsense", HEAD + bytes(234)]
)
def test_it_is_offline_and_knows_nothing(answer: bytes) -> None:
    with printer_that_says(answer) as printer:
        assert printer.status().fault is PrinterFault.OFFLINE
        assert printer.outcome_of(uuid.uuid4()).end is End.UNKNOWN
        assert printer.history() == []
