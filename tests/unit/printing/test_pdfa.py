"""Every file is PDF/A-2 rule by rule, signed or not; the copy for the phone is PDF/UA-1 as well."""

import io
from collections.abc import Callable
from datetime import UTC, datetime

import pikepdf
import pytest
from pikepdf import Name

from backend_client.contract.documents import IssuedDocument
from printing.a4 import render_a4, render_copy
from printing.pdf_signature import ROOM, SignatureTooLarge
from printing.words import Language
from tests.pdfa import PDF_A, PDF_UA, faults, with_stream
from tests.samples import contributions, family_planning, issued

AT = datetime(2017, 1, 2, 3, 4, tzinfo=UTC)
DOCUMENTS = [issued(contributions()), issued(family_planning("廖𬱖")), issued(contributions("𠅤𫖯", rows=()))]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("document", DOCUMENTS, ids=["social", "family", "empty"])
def test_every_page_is_pdf_a_2b(document: IssuedDocument, language: Language, large: bool) -> None:
    assert faults(render_a4(document, language, AT, large=large), PDF_A) == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("document", DOCUMENTS, ids=["social", "family", "empty"])
def test_the_copy_for_the_phone_is_pdf_a_2a_and_pdf_ua(document: IssuedDocument, language: Language) -> None:
    assert faults(render_a4(document, language, AT, tagged=True), (*PDF_A, *PDF_UA)) == []
    room = render_copy(document, language, AT)
    assert faults(room.signed(b"0" * 1973), (*PDF_A, *PDF_UA)) == []


def test_a_signature_that_does_not_fit_is_refused() -> None:
    room = render_copy(DOCUMENTS[1], "zh", AT)
    with pytest.raises(SignatureTooLarge):
        room.signed(bytes(ROOM + 1))
    assert len(room.signed(bytes(ROOM))) == len(room.data)
    assert room.digest == render_copy(DOCUMENTS[1], "zh", AT).digest


def changed(data: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """The file with one thing wrong."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


def _drop_language(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Lang


def _drop_font(pdf: pikepdf.Pdf) -> None:
    widths = pdf.pages[0].obj.Resources.Font.F1.DescendantFonts[0].W
    widths[1][0] = 3


def _other_title(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Title"] = "another"


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(pikepdf.Dictionary(S=Name.JavaScript, JS=pikepdf.String("x")))


def _no_words(pdf: pikepdf.Pdf) -> None:
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == Name.Figure:
            thing.Alt = pikepdf.String("")


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        (_drop_language, "6.7.4"),
        (_drop_font, "6.2.11"),
        (_other_title, "6.6.3"),
        (_script, "6.5.1"),
        (_no_words, "7.3"),
    ],
)
def test_the_rules_see_what_is_wrong(change: Callable[[pikepdf.Pdf], None], clause: str) -> None:
    good = render_a4(DOCUMENTS[1], "zh", AT, tagged=True)
    assert any(fault.startswith(clause) for fault in faults(changed(good, change), (*PDF_A, *PDF_UA)))


def test_the_rules_see_what_is_drawn_outside_of_marks() -> None:
    good = render_a4(DOCUMENTS[1], "zh", AT, tagged=True)
    assert any(fault.startswith("7.1") for fault in faults(with_stream(good, b"/Artifact BMC", b""), PDF_UA))
    assert any("k" in fault for fault in faults(with_stream(good, b" rg", b" 0 k"), PDF_A))
