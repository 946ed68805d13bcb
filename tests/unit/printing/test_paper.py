"""A4 pages and slips: every figure can be read back, nothing is drawn with a hole, nothing personal on a slip."""

import subprocess
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from backend_client.contract.contributions import InsuranceKind
from backend_client.contract.documents import IssuedDocument, Medium
from backend_client.contract.seal import scan_text
from demo.checks import missing_figures
from printing import escpos_bytes as eb
from printing import fonts
from printing.a4 import CODE_KEY, render_a4
from printing.errors import MissingGlyph
from printing.ipp import end_of, status_from
from printing.outcome import End, PrinterFault, PrinterStatus
from printing.slip import render_slip
from printing.thermal import Answers, fault_in
from printing.words import Language
from simulators.escpos import Decoder, Op, Text
from simulators.slip_picture import SlipPicture
from tests.samples import ID_NO, contributions, family_planning, issued, row

AT = datetime(2017, 1, 2, 3, 4, tzinfo=UTC)
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def extracted(pdf: bytes, folder: Path) -> str:
    """What pdftotext gives back."""
    path = folder / "page.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout


def picture(body: bytes) -> Image.Image:
    """The slip as the printer would burn it."""
    paper = SlipPicture()
    for token, _raw in Decoder().feed(body):
        if isinstance(token, Text | Op):
            paper.apply(token)
    return paper.image()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "record", [contributions(), family_planning(), contributions(rows=())], ids=lambda r: type(r).__name__
)
def test_every_figure_comes_back(record: object, language: Language, tmp_path: Path) -> None:
    document = issued(record)  # type: ignore[arg-type]
    text = extracted(render_a4(document, language, AT), tmp_path)
    assert missing_figures(document.facts.record.model_dump(mode="json"), text) == []
    for envelope in (document.doc_no, document.verify_code, document.terminal_id, document.issuer):
        assert envelope in text


@pytest.mark.parametrize("name", ["廖𬱖", "郑超𬀩", "阿依古丽·买买提", "闫超䶮", "曹龴", "𠅤𫖯"])
def test_rare_names_come_back_beyond_the_bmp(name: str, tmp_path: Path) -> None:
    for record in (contributions(name), family_planning(name)):
        assert name in extracted(render_a4(issued(record), "zh", AT), tmp_path)


def test_a_character_that_no_font_has_is_refused() -> None:
    for name in ("测\ue5e5", "测\U0003ffff"):
        with pytest.raises(MissingGlyph) as refused:
            render_a4(issued(contributions(name)), "zh", AT)
        assert name[1] not in str(refused.value)
        with pytest.raises(MissingGlyph):
            eb.raster_line(eb.Line(name))


def test_many_rows_go_over_many_pages_with_numbers(tmp_path: Path) -> None:
    months = [f"{year}{month:02}" for year in range(2016, 2006, -1) for month in range(12, 0, -1)]
    rows = tuple(row(InsuranceKind.PENSION, month, base=Decimal("1234.56")) for month in months)
    document = issued(contributions(rows=rows))
    pdf = render_a4(document, "zh", AT)
    with pikepdf.open(BytesIO(pdf)) as opened:
        pages = len(opened.pages)
        assert str(opened.docinfo[CODE_KEY]) == document.signed_code
    text = extracted(pdf, tmp_path)
    assert pages > 3
    assert f"第{pages}页共{pages}页" in text.replace(" ", "")
    assert text.count("1234.56") >= len(rows)


def test_the_same_document_gives_the_same_bytes() -> None:
    document = issued(family_planning())
    assert render_a4(document, "zh", AT) == render_a4(document, "zh", AT)


def test_the_pages_code_can_be_read_by_another_program(tmp_path: Path) -> None:
    document = issued(family_planning())
    (tmp_path / "page.pdf").write_bytes(render_a4(document, "zh", AT))
    subprocess.run(["pdftoppm", "-r", "200", "-png", "page.pdf", "page"], cwd=tmp_path, check=True)
    (code,) = zxingcpp.read_barcodes(Image.open(next(tmp_path.glob("page*.png"))))
    assert code.text == scan_text(document)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("record", [contributions("许斌嘉"), family_planning("廖𬱖")], ids=["social", "family"])
def test_a_slips_code_can_be_read_and_nothing_personal_is_on_it(record: object, language: Language) -> None:
    document = issued(record, Medium.SLIP)  # type: ignore[arg-type]
    body = render_slip(document, language, AT)
    (code,) = zxingcpp.read_barcodes(picture(body).convert("L"))
    assert code.text == scan_text(document)
    for personal in (ID_NO.encode(), "许斌嘉".encode("gbk"), "廖𬱖".encode("gb18030")):
        assert personal not in body
    assert document.doc_no.encode() in body


@given(
    st.text(
        alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x2FFFF, exclude_categories=["Cs", "Cc"]), max_size=20
    )
)
@settings(max_examples=300, deadline=None)
def test_any_line_is_text_that_every_printer_has_or_raster_or_refused(text: str) -> None:
    line = eb.Line(text)
    try:
        data = eb.encode_line(line)
    except MissingGlyph:
        return
    if eb.gbk_text(text) is None:
        assert b"\x1dv0" in data
        assert not any(trap in data for trap in eb.TRAPS)
    else:
        assert text.encode("gbk") in data


def test_columns_and_pairs_fill_48_columns() -> None:
    assert eb.columns("参保a") == 5
    (line,) = eb.pair("姓名", "测*")
    assert eb.columns(line.text) == eb.COLUMNS


@given(st.integers(0, 10_000_000))
def test_process_ids_are_printable_and_distinct(number: int) -> None:
    one, two = eb.process_id(2 * number), eb.process_id(2 * number + 1)
    assert one != two
    assert all(0x20 <= byte <= 0x7E for byte in one + two)


@given(st.binary(max_size=60))
def test_any_answers_of_a_printer_are_sorted(data: bytes) -> None:
    answers = Answers()
    answers.take(data)
    assert all(byte & 0x93 == 0x12 for byte in answers.statuses)
    assert len(answers.rest) < 7


def test_a_process_id_in_pieces_is_put_together() -> None:
    answers = Answers()
    for piece in (b"\x12\x37", b"\x22ab", b"cd\x00\x16"):
        answers.take(piece)
    assert answers.ids == {b"abcd"}
    assert answers.statuses == [0x12, 0x16]


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ((0x12, 0x12, 0x12, 0x12), None), ((0x1A, 0x32, 0x12, 0x72), PrinterFault.PAPER_OUT),
        ((0x1A, 0x16, 0x12, 0x12), PrinterFault.COVER_OPEN), ((0x1A, 0x52, 0x1A, 0x12), PrinterFault.MECHANISM),
        ((0x1A, 0x12, 0x12, 0x12), PrinterFault.OFFLINE),
    ],
)  # fmt: skip
def test_status_bits(answers: tuple[int, int, int, int], fault: PrinterFault | None) -> None:
    assert fault_in(*answers) == PrinterStatus(fault)
    assert fault_in(0x12, 0x12, 0x12, 0x1E).paper_low


def test_the_a4_printers_words() -> None:
    assert status_from(["none"]) == PrinterStatus(None)
    assert status_from(["media-empty-warning"]).fault is PrinterFault.PAPER_OUT
    assert status_from(["other", "media-jam-error"]).fault is PrinterFault.JAM
    assert status_from(["media-low-report"]).paper_low
    assert end_of(9, ["job-completed-successfully"]).end is End.PRINTED
    assert end_of(9, ["job-completed-with-errors"]).end is End.UNKNOWN
    assert end_of(8, ["aborted-by-system"]).end is End.FAILED
    assert end_of(7, ["job-canceled-by-user"]).end is End.FAILED


def test_fonts_fall_back_in_order() -> None:
    assert fonts.runs("测𠮷龥㐂")[0].font == fonts.MAIN
    assert fonts.font_for("\ue000") is None
    assert isinstance(issued(contributions()), IssuedDocument)
