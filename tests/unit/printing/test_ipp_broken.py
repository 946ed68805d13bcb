"""A printer whose answer breaks off, or makes no sense: never an exception, never a yes. And what it was asked."""

import contextlib
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from printing import ipp_call as call
from printing.ipp import IppPrinter
from printing.outcome import End, PrinterFault

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 234\r\n\r\n"


@contextmanager
def printer_that_says(answer: bytes, heard: list[bytes] | None = None) -> Iterator[IppPrinter]:
    """Every connection gets this, then ends; `heard`: what it sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    host, _ = server.accept()
                except OSError:
                    return
                with host:
                    question = host.recv(65536)
                    if heard is not None:
                        heard.append(question)
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


def test_every_question_is_asked_by_the_jobs_owner() -> None:
    heard: list[bytes] = []
    with printer_that_says(b"", heard) as printer:
        printer.status()
        printer.outcome_of(uuid.uuid4())
        with contextlib.suppress(*call.failures()):
            printer._run(lambda ipp: call.execute(ipp, "CANCEL_JOB", {"operation-attributes-tag": {"job-id": 1}}))
    owner = b"requesting-user-name\x00\x07onecard"
    assert [owner in question for question in heard] == [True] * 3
