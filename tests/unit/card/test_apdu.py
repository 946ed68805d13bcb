"""APDUs in short and extended form, and ATRs: what is built comes back, everything else is refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card.apdu import Answer, body_of, command, for_t0, split_response
from card.atr import MalformedAtr, parse_atr

HEADER = st.tuples(*[st.integers(0, 255)] * 4)


@given(HEADER, st.binary(max_size=700), st.none() | st.integers(1, 65536))
def test_a_command_is_taken_apart_as_it_was_built(header: tuple[int, ...], data: bytes, le: int | None) -> None:
    cla, ins, p1, p2 = header
    apdu = command(cla, ins, p1, p2, data, le)
    body = body_of(apdu)
    assert apdu[:4] == bytes(header)
    assert (apdu[body.start : body.start + body.lc], body.le) == (data, le)
    assert body.extended == (len(data) > 255 or (le or 0) > 256)


@pytest.mark.parametrize("text", ["00A4040002AA", "00A40400020102030405", "00B000000000", "00A4040000FFFF01"])
def test_lengths_that_do_not_fit_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Lc"):
        body_of(bytes.fromhex(text))


@given(st.binary(max_size=300))
def test_any_response_is_split(response: bytes) -> None:
    answer = split_response(response)
    assert answer == (Answer(b"", 0) if len(response) < 2 else Answer(response[:-2], int.from_bytes(response[-2:])))
    data, sw = answer
    assert (data, sw) == (answer.data, answer.sw)


# ATRs as published by their vendors and in ISO 7816-3's own example; the contactless ones after PC/SC part 3.
@pytest.mark.parametrize(
    ("text", "protocols", "contactless", "extended"),
    [
        ("3B800181", {0, 1}, False, False),
        ("3B6D000057443634438693027B4A3E5E01", {0}, False, False),
        ("3B8F8001804F0CA000000306030001000000006A", {0, 1}, True, False),
        ("3B8D80018073C021C057597562694B6579F9", {0, 1}, True, True),
        ("3BF81300008131FE454A434F5076323431B7", {1}, False, False),
    ],
)
def test_atrs(text: str, protocols: set[int], contactless: bool, extended: bool) -> None:
    atr = parse_atr(bytes.fromhex(text))
    assert protocols & atr.protocols
    assert (atr.contactless, atr.extended_length) == (contactless, extended)


@pytest.mark.parametrize("text", ["", "3B", "FF80", "3B800182", "3B8001", "3BFF", "3B80" + "80" * 40])
def test_nonsense_is_no_atr(text: str) -> None:
    with pytest.raises(MalformedAtr):
        parse_atr(bytes.fromhex(text))


@given(st.binary(max_size=40))
def test_any_bytes_are_an_atr_or_refused(raw: bytes) -> None:
    try:
        assert parse_atr(raw).raw == raw
    except MalformedAtr as error:
        assert str(error)


@given(st.binary(max_size=15))
def test_a_contactless_atr_gives_back_its_historical_bytes(historical: bytes) -> None:
    body = bytes([0x80 | len(historical), 0x80, 0x01]) + historical
    check = 0
    for byte in body:
        check ^= byte
    atr = parse_atr(b"\x3b" + body + bytes([check]))
    assert (atr.historical, atr.contactless) == (historical, True)


@pytest.mark.parametrize(
    ("apdu", "carried"),
    [
        ("00200003", "0020000300"),
        ("00B2012C12", "00B2012C12"),
        ("00200003023132", "00200003023132"),
        ("0088000102AABB08", "0088000102AABB"),
        ("00A4040002EF0500", "00A4040002EF05"),
        ("00B00000000400", "00B00000000400"),
        ("002A9E9A000002AABB0040", "002A9E9A000002AABB0040"),
    ],
)
def test_a_command_over_t0_has_a_fifth_byte_and_no_le_behind_data(apdu: str, carried: str) -> None:
    assert for_t0(bytes.fromhex(apdu)).hex().upper() == carried


def test_a_pin_is_not_copied_for_t0() -> None:
    verify = bytearray.fromhex("0020000306") + bytearray(b"246810")
    assert for_t0(verify) is verify
