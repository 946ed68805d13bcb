"""The OFD file: the standard's rules, the PDF's text, the same bytes, every character with its drawing and place."""

import io
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from backend_client.contract.documents import IssuedDocument
from printing import fonts
from printing.a4 import render_a4, render_ofd
from printing.errors import MissingGlyph
from printing.ofd_content import _text_codes
from printing.words import Language
from tests.ofd import NAMESPACE, Package, changed, faults, places, steps, text_of
from tests.samples import contributions, family_planning, issued

AT = datetime(2017, 1, 2, 3, 4, tzinfo=UTC)
RARE = "廖𬱖𠅤𫖯"
DOCUMENTS = [issued(contributions()), issued(family_planning(RARE)), issued(contributions("阿依古丽·买买提", rows=()))]
NAMES = ["social", "family", "empty"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_file_keeps_the_standard(document: IssuedDocument, language: Language, large: bool) -> None:
    assert faults(render_ofd(document, language, AT, large=large)) == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_it_says_what_the_pdf_says(document: IssuedDocument, language: Language, tmp_path: Path) -> None:
    page = tmp_path / "page.pdf"
    page.write_bytes(render_a4(document, language, AT))
    command = ["pdftotext", "-raw", str(page), "-"]
    pdf = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert re.sub(r"\s", "", text_of(render_ofd(document, language, AT))) == re.sub(r"\s", "", pdf)


def test_the_same_document_gives_the_same_bytes_and_another_another_name() -> None:
    first, again, other = (render_ofd(document, "zh", AT) for document in (DOCUMENTS[1], DOCUMENTS[1], DOCUMENTS[2]))
    assert first == again
    names = {next(Package.read(data).all("DocID")).text for data in (first, again, other)}
    assert len(names) == 2


def test_its_information_has_the_signed_code() -> None:
    package = Package.read(render_ofd(DOCUMENTS[1], "zh", AT))
    (code,) = package.all("CustomData")
    assert (code.attrib["Name"], code.text) == ("OneCardCode", DOCUMENTS[1].signed_code)
    (title,) = package.all("Title")
    assert title.text == f"{DOCUMENTS[1].title} {DOCUMENTS[1].doc_no}"


@pytest.mark.parametrize("char", [*"测0A。", *RARE])
def test_the_subset_draws_what_the_whole_font_draws(char: str) -> None:
    package = Package.read(render_ofd(issued(family_planning(RARE)), "zh", AT))
    (file,) = (raw for name, raw in package.files.items() if name.endswith("WenKai.ttf"))
    whole = ImageFont.truetype(str(fonts.font_file(fonts.FILES["WenKai"])), 100)
    ours, theirs = (face.getmask2(char, mode="L")[0] for face in (ImageFont.truetype(io.BytesIO(file), 100), whole))
    assert ours.size == theirs.size
    different = sum(abs(a - b) for a, b in zip(bytes(ours), bytes(theirs), strict=True))
    assert different < 0.02 * 255 * len(bytes(theirs))


def test_a_character_that_no_font_has_is_refused() -> None:
    with pytest.raises(MissingGlyph):
        render_ofd(issued(contributions("测\ue5e5")), "zh", AT)


@given(st.lists(st.tuples(st.sampled_from("测一0. <&𬱖𠅤"), st.floats(0.1, 9)), min_size=1, max_size=60))
def test_each_character_stands_where_the_layout_put_it(line: list[tuple[str, float]]) -> None:
    text, widths = "".join(char for char, _width in line), [width for _char, width in line]
    xml = f'<a xmlns:ofd="{NAMESPACE[1:-1]}">{"".join(_text_codes(text, widths, 3.0))}</a>'
    codes = ET.fromstring(xml).findall(f"{NAMESPACE}TextCode")
    assert "".join(code.text or "" for code in codes) == text
    found = [place for code in codes for place in places(steps(code.attrib.get("DeltaX", "")), float(code.attrib["X"]))]
    wanted = [sum(widths[:index]) for index in range(len(text))]
    assert found == pytest.approx(wanted, abs=0.0011)


PAGE, RES, DOCUMENT = "Doc_0/Pages/Page_0/Content.xml", "Doc_0/PublicRes.xml", "Doc_0/Document.xml"


@pytest.mark.parametrize(
    ("name", "old", "new", "clause"),
    [
        ("OFD.xml", 'Version="1.0"', 'Version="2.0"', "7.4"),
        ("OFD.xml", "<ofd:CreationDate>2017", "<ofd:CreationDate>17", "7.4"),
        ("OFD.xml", "DocRoot>Doc_0/Document.xml", "DocRoot>Doc_0/Documents.xml", "7.1"),
        (DOCUMENT, "<ofd:MaxUnitID>", "<ofd:MaxUnitID>1", "7.5"),
        (DOCUMENT, "<ofd:PageArea>", "<ofd:Area/><ofd:PageArea>", "A"),
        (RES, "ofd:FontFile>WenKai", "ofd:FontFile>Wenkai", "7.1"),
        (RES, 'ID="1"', 'ID="2"', "7.5"),
        (PAGE, ' Size="', ' Sized="', "A"),
        (PAGE, 'Font="', 'Font="9', "8"),
        (PAGE, 'Value="', 'Value="300 ', "8.3.2"),
        (PAGE, 'DeltaX="', 'DeltaX="1 ', "11.3"),
        (PAGE, "<ofd:AbbreviatedData>M", "<ofd:AbbreviatedData>L", "9.3"),
        (PAGE, "<ofd:AbbreviatedData>M", "<ofd:AbbreviatedData>M 900 900 M", "8.5"),
        (PAGE, "廖", "瘳", "11.1"),
    ],
)
def test_the_rules_see_what_is_wrong(name: str, old: str, new: str, clause: str) -> None:
    good = render_ofd(DOCUMENTS[1], "zh", AT)
    assert any(fault.startswith(f"{clause}:") for fault in faults(changed(good, name, old, new)))
