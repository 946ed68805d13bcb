"""Transcripts: every failure is reached from one, replays go as recorded, nothing personal is left in them."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from card import errors, pcsc
from card.apdu import Answer, split_response
from card.channel import with_layers
from card.failures import CardFailure
from card.masking import by_class, masked
from card.pin import verify_pin
from card.records import PLACES, decode, value_of
from card.replay import RecordedCard, ReplayedCard, connect
from card.social_security import open_application, read_card
from card.transcript import Exchange, Recorder, Transcript, TranscriptError, load, write
from tests.corpus.card_work import do
from tests.unit.card.ports import CORPUS, ChipPort, Script, application, chip, layered
from tests.unit.card.records_of import GOOD

HEAD = '{"transcript": "onecard-transcript/1", "atr": "3B"}'
FILES = sorted(CORPUS.glob("*.jsonl"))


def replay(path: Path, *, strict: bool = True) -> str:
    """How a recorded card ends today: its failure's code, or `card read`."""
    transcript = load(path)
    try:
        connect(transcript)
        do(str(transcript.remarks["work"]), ReplayedCard(transcript) if strict else RecordedCard(transcript))
    except errors.CardError as error:
        return error.failure.value
    return "card read"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recorded_card_ends_as_it_did(path: Path) -> None:
    assert replay(path) == load(path).remarks["end"]


@pytest.mark.parametrize("failure", CardFailure)
def test_every_failure_is_reached_from_a_transcript(failure: CardFailure) -> None:
    assert [path for path in FILES if load(path).remarks["end"] == failure.value], f"record one for {failure.name}"


@pytest.mark.parametrize("path", [path for path in FILES if path.stem.startswith("good")], ids=lambda path: path.stem)
def test_a_good_card_is_read_from_another_programs_order_too(path: Path) -> None:
    assert replay(path, strict=False) == "card read"


def test_nothing_personal_is_in_the_corpus() -> None:
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    for secret in (
        b"990106198504120014",
        b"246810",
        b"135790",
        "测甲".encode("gbk"),
        "阿依".encode("gbk"),
        b"T00000001",
    ):
        assert not [text for text in texts if secret.hex().upper() in text], secret


@pytest.mark.parametrize("code", sorted(pcsc.MEANINGS))
def test_every_pcsc_code_is_named_wherever_it_comes(code: int) -> None:
    """While connecting and while sending, from a transcript as from a reader."""
    with pytest.raises(errors.PcscError) as first:
        connect(Transcript(b"", connect=code))
    sending = ReplayedCard(Transcript(b"", (Exchange("00A4040000", pcsc=code),)))
    with pytest.raises(errors.PcscError) as second:
        sending.send(bytes.fromhex("00A4040000"))
    assert first.value.failure is second.value.failure is pcsc.MEANINGS[code]
    assert f"{code:08X}" in str(first.value)


def test_an_unknown_code_is_the_readers_fault() -> None:
    assert pcsc.error_for(-2146435000, "testing").failure is CardFailure.READER_FAULT
    assert pcsc.error_for(0x8010FFFF, "testing").failure is CardFailure.READER_FAULT


def test_every_code_of_the_header_is_in_the_table() -> None:
    header = Path("/usr/include/PCSC/pcsclite.h")
    if not header.exists():
        pytest.skip("libpcsclite-dev is not installed here; bin/setup installs it")
    import re

    codes = {int(found, 16) for found in re.findall(r"SCARD_[EFWP]_\w+\s+\(\(LONG\)(0x80100\w+)\)", header.read_text())}
    assert len(codes) > 55
    assert codes <= set(pcsc.MEANINGS)


def test_a_pin_never_gets_into_a_transcript() -> None:
    kept: list[Exchange] = []
    verify_pin(application(layered(Recorder(Script("63C3", "9000"), kept.append))), bytearray(b"246810"))
    assert [exchange.send for exchange in kept] == ["00200003", "0020000306" + "**" * 6]
    assert kept[1].matches(bytes.fromhex("0020000306313131313131"))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    kept: list[Exchange] = []
    read_card(layered(Recorder(ChipPort(chip()), kept.append)))
    whole = Transcript(b"\x3b\x00", (*kept, Exchange("00B2012C12", pcsc=0x80100069)), None, {"end": "card read"})
    path = tmp_path / "card.jsonl"
    path.write_text(write(whole), encoding="utf-8")
    assert load(path) == whole


def test_arrow_lines_of_other_programs_are_read(tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    aid = "7378312E73682EC9E7BBE1B1A3D5CF"
    lines = [
        f"> 00 A4 04 00 0F {aid}", "< 61 1E", "> 00A4020002EF05", "< 9000", "> 00 B2 01 04 00", f"< 0110{'44' * 16}9000"
    ]  # fmt: skip
    path.write_text("# read by hand\n" + "\n".join(lines), encoding="utf-8")
    card = RecordedCard(load(path))
    assert open_application(with_layers(card)).card_id == "44" * 16


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "no `> command`"), ("{}", "Line 1"), ('{"transcript": "other/1"}', "Line 1"),
        (f'{HEAD}\n{{"send": "00"}}', "Line 2"),
        (f'{HEAD}\n{{"send": "00A4040005", "data": "", "sw": "zz"}}', "Line 2"),
        ("> 00A404\n< 9000", "Line 1"), ("> 00A40400\n< 9", "Line 2"),
    ],
)  # fmt: skip
def test_what_is_no_transcript_is_refused_by_line(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TranscriptError, match=where):
        load(path)


def test_a_program_that_sends_something_else_is_told_where() -> None:
    card = ReplayedCard(Transcript(b"", (Exchange("00A4040000", Answer(b"", 0x9000)),)))
    with pytest.raises(TranscriptError, match="Exchange 1: sent 00B2012C12, recorded: 00A4040000"):
        card.send(bytes.fromhex("00B2012C12"))


def outcome(values: dict[int, bytes]) -> str:
    """What decoding makes of record values."""
    try:
        decode(values)
    except errors.RecordError as error:
        return f"{error.failure.name} {error.tag:02X}"
    return "card read"


def kept_and_masked(values: dict[int, bytes]) -> list[dict[int, bytes]]:
    """Record values by tag, as a transcript has them before and after masking."""
    tags = {place.tag: place for place in PLACES}
    kept = [
        Exchange(f"00B2{tags[tag].number:02X}040000"[:10], Answer(bytes([tag, len(value)]) + value, 0x9000))
        for tag, value in values.items()
    ]
    whole = Transcript(b"", tuple(kept))
    return [
        {tag: value_of(tag, exchange.answer.data) for tag, exchange in zip(values, said.exchanges, strict=True)}
        for said in (whole, masked(whole))
    ]


@given(st.dictionaries(st.integers(1, 13), st.binary(max_size=34)))
@settings(deadline=None)
def test_masking_changes_no_outcome(changes: dict[int, bytes]) -> None:
    """A masked transcript fails where the real one did: support sees what the holder saw."""
    before, after = kept_and_masked({**GOOD, **changes})
    assert {tag: len(value) for tag, value in after.items()} == {tag: len(value) for tag, value in before.items()}
    assert outcome(after) == outcome(before)


@pytest.mark.parametrize("number", [b"990106198504120014", b"990106850412001", b"990106850412001   "])
@pytest.mark.parametrize(
    "born", ["19850412", "19850400", "19850000", "00000000", "19850413", "19850500", "19840000", "19850431", "19851300"]
)
@pytest.mark.parametrize("text", [True, False], ids=["ascii", "bcd"])
def test_masking_keeps_dates_in_agreement_or_not(number: bytes, born: str, text: bool) -> None:
    value = born.encode() if text else bytes.fromhex(born)
    before, after = kept_and_masked({**GOOD, 0x08: number, 0x0D: value})
    assert outcome(after) == outcome(before)
    assert (after[0x08], after[0x0D]) != (before[0x08], before[0x0D])


PERSONAL = bytes.fromhex("19850412")


@pytest.mark.parametrize(
    "record",
    [
        PERSONAL,
        b"\x0d\x03" + PERSONAL[:3],
        b"\x0d\x06" + PERSONAL + b"\x01\x02",
        b"\x0a\x011" + PERSONAL,
        b"\x77\x04" + PERSONAL,
    ],
)
def test_nothing_is_left_of_a_date_in_a_damaged_record(record: bytes) -> None:
    """No tag, a wrong length, more behind it, an unknown tag: at most the year may stay."""
    for salt in range(20):
        exchange = Exchange("00B2063406", Answer(record, 0x9000))
        data = masked(Transcript(b"", (exchange,)), bytes([salt])).exchanges[0].answer.data
        assert len(data) == len(record)
        assert PERSONAL[:3] not in data
        assert PERSONAL[2:] not in data


@pytest.mark.parametrize("code", [b"\x56", b"56", b"\x05"])
def test_the_ethnic_group_is_masked_in_its_coding(code: bytes) -> None:
    _, after = kept_and_masked({**GOOD, 0x0B: code})
    assert after[0x0B] == (b"01" if len(code) == 2 else b"\x01")


@given(st.binary(max_size=80))
def test_masking_keeps_every_length(data: bytes) -> None:
    assert len(by_class(data)) == len(data)


@given(st.lists(st.binary(max_size=40), max_size=20))
@settings(deadline=None)
def test_any_exchanges_are_masked_and_written(answers: list[bytes]) -> None:
    sends = ["00B2012C12", "00C0000010", "00B0000000", "0088000108AABBCCDDEEFF001108", "FFCA000000", "00A4040000"]
    kept = tuple(Exchange(sends[index % len(sends)], split_response(answer)) for index, answer in enumerate(answers))
    whole = masked(Transcript(b"\x3b", kept))
    assert [len(e.answer.data) for e in whole.exchanges] == [len(e.answer.data) for e in kept]
    assert json.loads(write(whole).splitlines()[0])["masked"] is True
