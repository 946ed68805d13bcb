"""Personal data in a transcript replaced so that a replay still goes the same way: same lengths, same kinds of bytes.

What was equal stays equal (the number's birth date and the record's), what was wrong stays wrong (a check digit, a torn
name); names become 某, numbers begin with 9901, which no real one does.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from stdnum.cn import ric

from card.apdu import Answer
from card.padding import PADDING, is_empty, is_filler
from card.records import LISU
from card.social_security import DF_NAME, FILE_INFORMATION, FILE_PARAMETERS
from card.tlv import SEQUENCE, header, objects
from card.transcript import HIDDEN, Exchange, Transcript

GET_RESPONSE, SELECT, READ_RECORD, READ_BINARY, GET_DATA = "C0", "A4", "B2", "B0", "CA"
SOMEBODY = "某".encode("gbk")
RARE, RAREST = "㐀".encode("gb18030"), "𠀀".encode("gb18030")
GB18030 = re.compile(
    rb"([\xb0-\xf7][\xa1-\xfe]|[\x81-\xa0][\x40-\x7e\x80-\xfe]|[\xaa-\xfe][\x40-\x7e\x80-\xa0])"
    rb"|([\x81-\x84][0-9][\x81-\xfe][0-9])|([\x90-\xe3][0-9][\x81-\xfe][0-9])"
    rb"|([A-Za-z])|([0-9])|[\x81-\xfe][\x40-\x7e\x80-\xfe]|.",
    re.DOTALL,
)
"""Chinese in two bytes · in four bytes, within and beyond the BMP · letter · digit · other symbols, user-defined
characters and anything else (GB 18030-2022, 4 and 5)."""
STAND_INS = (SOMEBODY, RARE, RAREST, b"X", b"0")
TEST_AREA = "990106"
ID_NUMBER, OLD_ID_NUMBER = re.compile(rb"\d{17}[\dXx]"), re.compile(rb"\d{15}")
NO_DATE, UNKNOWN_DATE = "9999", "00000000"

Mask = Callable[[bytes, bytes], bytes]


def masked(transcript: Transcript, salt: bytes | None = None) -> Transcript:
    """The same transcript without personal data. `salt` makes it repeatable; random otherwise, and then forgotten."""
    salt = salt or secrets.token_bytes(16)
    exchanges: list[Exchange] = []
    for group in _groups(transcript.exchanges):
        exchanges += _masked_group(group, salt)
    return replace(transcript, exchanges=tuple(exchanges), remarks={**transcript.remarks, "masked": True})


def _groups(exchanges: Sequence[Exchange]) -> list[list[Exchange]]:
    """A command with the GET RESPONSEs that fetched its answer."""
    groups: list[list[Exchange]] = []
    for exchange in exchanges:
        if exchange.send[2:4] == GET_RESPONSE and groups:
            groups[-1].append(exchange)
        else:
            groups.append([exchange])
    return groups


def _masked_group(group: list[Exchange], salt: bytes) -> list[Exchange]:
    whole = b"".join(exchange.answer.data for exchange in group)
    kind = group[0].send[2:4]
    hidden = ANSWERS.get(kind, _zeros)(whole, salt)
    made, position = [], 0
    for exchange in group:
        data = hidden[position : position + len(exchange.answer.data)]
        position += len(data)
        made.append(replace(exchange, send=_masked_command(exchange.send), answer=Answer(data, exchange.answer.sw)))
    return made


def _masked_command(send: str) -> str:
    """Commands that carry what is made anew each time (digests, randoms, cryptograms): their data is hidden."""
    if send[2:4] not in ("2A", "82", "88") or HIDDEN in send or len(send) < 12:
        return send
    length = int(send[8:10], 16)
    return send[:10] + HIDDEN * length + send[10 + 2 * length :]


def _zeros(data: bytes, _salt: bytes) -> bytes:
    return bytes(len(data))


def _certificate(data: bytes, _salt: bytes) -> bytes:
    """Its DER header stays: it says how long it is."""
    head = header(data)
    kept = head.start if head is not None and head.tag == SEQUENCE else 0
    return data[:kept] + bytes(len(data) - kept)


def _uid(data: bytes, _salt: bytes) -> bytes:
    return data[:1] + bytes(len(data[1:]))


def _selection(data: bytes, _salt: bytes) -> bytes:
    """Of what SELECT tells only the application's name: an issuer may write a card number beside it."""
    return _objects(data, {FILE_INFORMATION: _template, FILE_PARAMETERS: _template})


def _template(data: bytes, _salt: bytes) -> bytes:
    return _objects(data, {DF_NAME: _as_it_is})


def _objects(data: bytes, masks: Mapping[int, Mask]) -> bytes:
    made, end = bytearray(), 0
    for one in objects(data):
        made += data[end : one.start] + masks.get(one.tag, _zeros)(data[one.start : one.end], b"")
        end = one.end
    return bytes(made) + _blank(data[end:])


def _record(data: bytes, salt: bytes) -> bytes:
    if len(data) < 2 or data[0] not in VALUES:
        return data[:2] + _blank(data[2:])
    value = data[2 : 2 + data[1]]
    return data[:2] + VALUES[data[0]](value, salt) + _blank(data[2 + data[1] :])


def _blank(data: bytes) -> bytes:
    """What stands where no record's value should: nobody knows what it says of whom. Padding stays padding."""
    return bytes(byte if byte in PADDING else ord("0") for byte in data)


def by_class(data: bytes, _salt: bytes = b"") -> bytes:
    """Chinese to 某, rare characters to rare ones, letters to X, digits to 0; padding and everything else as it is."""
    return GB18030.sub(lambda found: STAND_INS[found.lastindex - 1] if found.lastindex else found[0], data)


def _card_id(value: bytes, salt: bytes) -> bytes:
    """The region stays; padding stays padding."""
    if not value.strip(b"\x00\xff"):
        return value
    return (value[:3] + hashlib.sha256(salt + value).digest())[: len(value)]


def _day(digits: str, salt: bytes) -> str:
    """YYYYMMDD with month and day turned on within the year: equal ones stay equal, zeros zeros, no date stays none."""
    if digits == UNKNOWN_DATE:
        return digits
    if not (digits.isascii() and digits.isdigit()):
        return NO_DATE * 2
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return digits[:4] + NO_DATE
    turn = hashlib.sha256(salt + digits[:4].encode()).digest()
    month, day = (month + turn[0] % 11) % 12 + 1 if month else 0, (day + turn[1] - 1) % 28 + 1 if day else 0
    return f"{year:04}{month:02}{day:02}"


def _id_number(value: bytes, salt: bytes) -> bytes:
    if ID_NUMBER.fullmatch(value[:18]):
        return _number(value[:18].decode("ascii"), salt) + by_class(value[18:])
    if OLD_ID_NUMBER.fullmatch(value[:15]) and is_empty(value[15:]):
        old = value.decode("ascii", "replace")
        return f"{TEST_AREA}{_day('19' + old[6:12], salt)[2:]}00{_odd_or_even(old[14])}".encode() + value[15:]
    return by_class(value)


def _number(number: str, salt: bytes) -> bytes:
    body = TEST_AREA + _day(number[6:14], salt) + f"00{_odd_or_even(number[16])}"
    check = ric.calc_check_digit(body + "0")
    if number[17].upper() != ric.calc_check_digit(number):
        check = "0" if check != "0" else "1"
    return (body + (check.lower() if number[17] == "x" else check)).encode("ascii")


def _odd_or_even(digit: str) -> int:
    """Man or woman, as the number has it."""
    return 2 - int(digit) % 2


def _birth_date(value: bytes, salt: bytes) -> bytes:
    if is_filler(value):
        return value
    if len(value) == 8:
        return _day(value.decode("latin-1"), salt).encode("ascii")
    return bytes.fromhex(_day(value.hex(), salt)) if len(value) == 4 else b"\x99" * len(value)


def _ethnic(value: bytes, _salt: bytes) -> bytes:
    """汉 for every group, in the same coding; 傈僳, whose BCD is a blank, and what is no code stay."""
    if value.strip(b"0") and value.isdigit() and len(value) == 2:
        return b"01"
    return b"\x01" if len(value) == 1 and value.hex().isdigit() and value not in (b"\x00", LISU) else value


def _birthplace(value: bytes, _salt: bytes) -> bytes:
    """The province stays; digits, packed or not, become ones; padding and what is no digit stays."""
    province = 2 if len(value) == 6 else 1
    return value[:province] + bytes(_one(byte) for byte in value[province:])


def _one(byte: int) -> int:
    if byte in PADDING:
        return byte
    if chr(byte) in "0123456789":
        return ord("1")
    return 0x11 if f"{byte:02x}".isdigit() else byte


def _as_it_is(value: bytes, _salt: bytes) -> bytes:
    return value


VALUES: dict[int, Mask] = {
    0x01: _card_id, 0x02: _as_it_is, 0x03: _as_it_is, 0x04: _as_it_is, 0x05: _as_it_is, 0x06: _as_it_is, 0x07: by_class,
    0x08: _id_number, 0x09: by_class, 0x0A: _as_it_is, 0x0B: _ethnic, 0x0C: _birthplace, 0x0D: _birth_date,
}  # fmt: skip
ANSWERS: dict[str, Mask] = {
    SELECT: _selection, READ_RECORD: _record, READ_BINARY: _certificate, GET_DATA: _uid,
}  # fmt: skip
