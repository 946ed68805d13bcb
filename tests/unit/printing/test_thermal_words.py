"""A slip printer's bytes: sorted into answers by their fixed bits, whatever comes in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.outcome import PrinterFault
from printing.thermal import Line
from printing.thermal_words import Answers, fault_pushed

OK, NEAR_END = b"\x10\x00\x00\x00", b"\x10\x00\x03\x00"
STATUS = st.integers(0, 255).map(lambda byte: bytes([(byte & 0x6C) | 0x12]))
IDENT = st.binary(min_size=4, max_size=4).map(lambda ident: bytes(0x20 + byte % 0x5F for byte in ident))
PUSHED = st.tuples(*[st.integers(0, 255)] * 4).map(
    lambda block: bytes([(block[0] & 0x6C) | 0x10, *(byte & 0x6F for byte in block[1:])])
)


@given(st.lists(STATUS | IDENT.map(lambda i: b"\x37\x22" + i + b"\x00") | PUSHED, max_size=8), st.data())
def test_answers_are_told_apart_however_they_are_cut_up(blocks: list[bytes], data: st.DataObject) -> None:
    stream, answers = b"".join(blocks), Answers(asb=True)
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        answers.take(stream[:size])
        stream = stream[size:]
    assert answers.statuses == [block[0] for block in blocks if len(block) == 1]
    assert answers.ids == {block[2:6] for block in blocks if len(block) == 7}
    assert answers.automatic == next((block for block in reversed(blocks) if len(block) == 4), b"")


@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_are_survived(noise: bytes, asb: bool) -> None:
    answers = Answers(asb=asb)
    answers.take(noise)
    assert len(answers.rest) < 7
    assert all(byte & 0x93 == 0x12 for byte in answers.statuses)


def test_counters_come_in_pieces() -> None:
    answers = Answers()
    for piece in (b"\x5f1", b"2", b"0\x00\x5f7\x00", b"\x5f\x00", b"\x5fx9\x00"):
        answers.take(piece)
    assert answers.counters == [120, 7]


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        (b"", None), (OK, None), (NEAR_END, None), (b"\x18\x00\x0f\x00", PrinterFault.PAPER_OUT),
        (b"\x38\x00\x00\x00", PrinterFault.COVER_OPEN), (b"\x18\x08\x00\x00", PrinterFault.MECHANISM),
        (b"\x18\x00\x00\x00", PrinterFault.OFFLINE),
    ],
)  # fmt: skip
def test_pushed_status(block: bytes, fault: PrinterFault | None) -> None:
    assert fault_pushed(block) is fault


class Chatty:
    """A printer that says something unasked (a trap in a raster line, ASB) before it answers."""

    def __init__(self, unasked: list[bytes]) -> None:
        self.unasked, self.answer, self.asked = unasked, b"", 0

    def send(self, _data: bytes) -> None:
        """A request: answered in order, with what was unasked before it."""
        self.asked += 1
        self.answer += (self.unasked.pop(0) if self.unasked else b"") + b"\x12"

    def receive(self, _seconds: float) -> bytes:
        """All that is there."""
        data, self.answer = self.answer, b""
        return data

    def close(self) -> None:
        """Nothing."""


def test_an_unsolicited_status_byte_is_no_answer() -> None:
    paper_out = b"\x72"
    device = Chatty([b"", paper_out])
    status = Line(device).ask_status(0.1)
    assert status.fault is None, "the unasked byte was taken for the answer"
    assert device.asked == 5
