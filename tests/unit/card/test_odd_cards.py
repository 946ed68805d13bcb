"""Cards that keep to the standard and do it otherwise than most: each is read, or refused by its name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card import errors
from card.apdu import Answer
from card.atr import parse_atr
from card.channel import with_layers
from card.masking import masked
from card.proof import read_certificate
from card.records import PLACES
from card.social_security import open_application, read_card
from card.tlv import fields, header
from card.transcript import Exchange, Transcript
from tests.unit.card.ports import ChipPort, Script, application, chip, layered

AID = "7378312E73682EC9E7BBE1B1A3D5CF"
CARD_ID = "0110" + "44" * 16
OTHER_AID = "A000000003330101"
INFORMATION = [
    f"6F11840F{AID}",
    f"6217820138840F{AID}8A0105",
    f"6F20A50D500B{'41' * 11}840F{AID}",
    f"6F8111840F{AID}",
    f"6F138411{AID}0101",
    f"0000FFFF6F11840F{AID}",
    "",
]
NUMBER = b"62284800000"


@pytest.mark.parametrize("information", INFORMATION)
@pytest.mark.parametrize("sw", ["9000", "6200", "6284"])
def test_what_the_card_says_of_its_application_may_have_any_form(information: str, sw: str) -> None:
    """FCI or FCP, fields in any order, long lengths, a longer name of which ours is the beginning, or nothing."""
    port = Script(information + sw, CARD_ID + "9000")
    assert open_application(layered(port)).card_id == "44" * 16


@pytest.mark.parametrize(
    "information", [f"6F0A8408{OTHER_AID}", f"620D8201388408{OTHER_AID}", f"6F810A8408{OTHER_AID}"]
)
def test_the_name_of_another_application_is_seen_in_any_form(information: str) -> None:
    port = Script(information.format(OTHER_AID) + "9000")
    with pytest.raises(errors.UnsupportedCard):
        open_application(layered(port))
    assert len(port.sent) == 1


@pytest.mark.parametrize("sw", ["6283", "6285"])
def test_an_application_out_of_use_is_named(sw: str) -> None:
    with pytest.raises(errors.InvalidatedCard):
        open_application(layered(Script(sw)))


def test_a_card_that_tells_the_length_of_its_answer_to_select_is_asked_for_it() -> None:
    port = Script("6C11", "6C11", f"6F11840F{AID}9000", CARD_ID + "9000")
    open_application(layered(port))
    assert [sent[-2:] for sent in port.sent[1:3]] == ["00", "11"]


class Without:
    """A chip on which some records do not exist."""

    def __init__(self, *tags: int) -> None:
        self._chip = ChipPort(chip())
        self._lacking = {(place.short_id, place.number) for place in PLACES if place.tag in tags}

    def send(self, apdu: bytes | bytearray) -> Answer:
        """What the chip says, or 6A83."""
        if apdu[1] == 0xB2 and (apdu[3] >> 3, apdu[2]) in self._lacking:
            return Answer(b"", 0x6A83)
        return self._chip.send(apdu)


def test_a_record_that_does_not_exist_is_unknown_like_an_empty_one() -> None:
    data = read_card(layered(Without(0x02, 0x05, 0x06, 0x07, 0x0A, 0x0B, 0x0C, 0x0D)))
    assert (data.expires, data.card_no, data.holder.sex, data.holder.birth_date) == (None, "", "", None)
    assert data.holder.name == "测甲"


@pytest.mark.parametrize("tag", [0x01, 0x03, 0x08, 0x09])
def test_a_record_that_a_visit_stands_on_must_exist(tag: int) -> None:
    with pytest.raises(errors.MissingRecord) as missing:
        read_card(layered(Without(tag)))
    assert missing.value.tag == tag


def certificate(length: int) -> bytes:
    """Something that says of itself, as DER does, how long it is."""
    head = b"\x30\x81" + bytes([length - 3]) if length < 0x103 else b"\x30\x82" + (length - 4).to_bytes(2, "big")
    return head + bytes(index % 251 for index in range(length - len(head)))


class Binary:
    """A transparent EF15 of a card with its own way to answer READ BINARY."""

    def __init__(self, content: bytes, block: int, *, strict: bool = False) -> None:
        self._content, self._block, self._strict = content, block, strict

    def send(self, apdu: bytes | bytearray) -> Answer:
        """At most a block; 6282 where there is less than Le, 6B00 behind the end; `strict`: 6700 to a long Le."""
        offset = 0 if apdu[2] & 0x80 else apdu[2] << 8 | apdu[3]
        le = int.from_bytes(apdu[5:7], "big") if len(apdu) == 7 else apdu[4] or 256
        if self._strict and le > 256:
            return Answer(b"", 0x6700)
        if offset >= len(self._content):
            return Answer(b"", 0x6B00)
        data = self._content[offset : offset + min(le, self._block)]
        return Answer(data, 0x9000 if len(data) == le else 0x6282)


@pytest.mark.parametrize("length", [180, 255, 300, 900, 1500])
@pytest.mark.parametrize("block", [100, 240, 256, 4096])
@pytest.mark.parametrize("filler", [b"", b"\xff" * 700, b"\x00" * 40])
def test_a_certificate_comes_in_any_blocks_and_without_what_lies_behind_it(
    length: int, block: int, filler: bytes
) -> None:
    wanted = certificate(length)
    assert read_certificate(application(layered(Binary(wanted + filler, block)))) == wanted


@pytest.mark.parametrize(
    "content", [b"\x30", b"\xff" * 900, b"\x00" * 900, b"\x30\x83\xff\xff\xff" * 90, certificate(900)[:700]]
)
def test_what_is_no_whole_certificate_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(errors.UnsupportedCard):
        read_certificate(application(layered(Binary(content, 256))))


def test_a_long_read_that_the_reader_cannot_carry_is_cut() -> None:
    wanted = certificate(1500)
    extended = parse_atr(bytes.fromhex("3B05007300C0409000"[:-4]))
    assert extended.extended_length
    assert read_certificate(application(with_layers(Binary(wanted, 4096, strict=True), extended))) == wanted


@given(st.binary(max_size=60), st.binary(max_size=20))
def test_any_answer_to_select_is_taken_apart_and_masked(start: bytes, rest: bytes) -> None:
    data = b"\x6f" + bytes([len(start)]) + start + rest
    name = fields(fields(data)[0x6F]).get(0x84)
    hidden = masked(Transcript(b"", (Exchange(f"00A404000F{AID}", Answer(data, 0x9000)),))).exchanges[0].answer.data
    assert len(hidden) == len(data)
    assert fields(fields(hidden)[0x6F]).get(0x84) == name


def test_headers_that_are_no_headers_are_none() -> None:
    for data in (b"", b"\x84", b"\x7f", b"\x7f\x21", b"\x84\x80", b"\x84\x82\x01", b"\x84\x84\x00\x00\x00\x01"):
        assert header(data) is None
    assert fields(b"\x84\x05\x01") == {}
    assert fields(b"\x00\x84\x01\x07\xff\x85\x00") == {0x84: b"\x07", 0x85: b""}


@pytest.mark.parametrize("information", INFORMATION)
def test_of_what_select_tells_a_transcript_keeps_the_name_only(information: str) -> None:
    """Proprietary data (A5) may hold a card number; the outcome hangs on the name alone."""
    data = bytes.fromhex(information.replace("41" * 11, NUMBER.hex()))
    said = Transcript(b"", (Exchange(f"00A404000F{AID}", Answer(data, 0x9000)),))
    hidden = masked(said).exchanges[0].answer.data
    assert len(hidden) == len(data)
    assert NUMBER not in hidden
    assert [dict(fields(inner)).get(0x84) for inner in fields(hidden).values()] == [
        dict(fields(inner)).get(0x84) for inner in fields(data).values()
    ]
