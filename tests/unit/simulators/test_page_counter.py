"""The counter in front of an IPP printer: read back by a parser that others wrote."""

import struct

from hypothesis import given
from hypothesis import strategies as st
from pyipp.parser import parse

from simulators.page_counter import counted

HEAD = b"\x02\x00\x00\x00\x00\x00\x00\x01"
CHARSET = b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8"
PRINTER = b"\x04\x23" + struct.pack(">H", 13) + b"printer-state" + b"\x00\x04\x00\x00\x00\x03"


@given(st.integers(0, 2**31 - 1))
def test_the_counter_is_the_printers_last_attribute(count: int) -> None:
    answer = parse(counted(HEAD + CHARSET + PRINTER + b"\x03", count))
    (printer,) = answer["printers"]
    assert printer["printer-impressions-completed"] == count
    assert int(printer["printer-state"]) == 3


@given(st.binary().filter(lambda raw: not raw.endswith(b"\x03")))
def test_what_is_no_answer_passes_as_it_is(raw: bytes) -> None:
    assert counted(raw, 7) == raw
