"""Files that were made to deceive, or to keep central busy: what was added later, swapped, or never ends."""

import io
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pikepdf
import pytest
from PIL import Image

from backend_client.contract.documents import IssuedDocument
from central import evidence
from central.certificates import published
from central.checking import check_offline, check_online
from central.evidence import contradicts
from central.examined import Examined
from central.guarded import examine_apart
from central.issuing import Office, sign_file
from central.verification import State
from printing.a4 import CODE_KEY, render_a4, render_copy, render_ofd
from tests.ofd import changed
from tests.unit.central import offices

AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all tests of this file."""
    made = offices.office(tmp_path_factory.mktemp("office"))
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def papers(office: Office) -> tuple[IssuedDocument, IssuedDocument]:
    """Two valid documents."""
    return offices.issue(office), offices.issue(office)


@pytest.fixture(scope="module")
def signed(office: Office, papers: tuple[IssuedDocument, IssuedDocument]) -> bytes:
    """The holder's signed copy of the first."""
    copy = render_copy(papers[0], "zh", AT)
    return copy.signed(sign_file(office, offices.TERMINAL, papers[0].doc_no, copy.digest.hex()))


def pdf(*objects: bytes) -> bytes:
    """A file of these objects; the first is the catalog."""
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table))
    return out.getvalue()


def endless() -> bytes:
    """13 kB that PDFium draws for minutes."""
    lines = zlib.compress(b"0 0 m 595 842 l S\n" * 300_000, 9)
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count 10>>" % (b"3 0 R " * 10),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 5950 8420]/Resources<<>>/Contents 4 0 R>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(lines), lines),
    )


def over_the_page(data: bytes, later: bytes) -> bytes:
    """The file with an update behind it (ISO 32000-1, 7.5.6) that gives the first page another content."""
    with pikepdf.open(io.BytesIO(data)) as opened:
        size, root = int(opened.trailer["/Size"]), opened.trailer["/Root"].objgen[0]
        page = opened.pages[0]
        kids, resources = page.obj, page.obj.Resources.unparse()
        number, parent = kids.objgen[0], page.obj.Parent.objgen[0]
    before = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    body, places = data + b"\n", []
    for name, text in (
        (number, b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Resources %s/Contents %d 0 R>>"
         % (parent, resources, size)),
        (size, b"<</Length %d>>stream\n%s\nendstream" % (len(later), later)),
    ):  # fmt: skip
        places.append((name, len(body)))
        body += b"%d 0 obj\n%s\nendobj\n" % (name, text)
    table = b"".join(b"%d 1\n%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return body + b"xref\n" + table + trailer % (size + 1, root, before, len(body))


def test_what_is_laid_over_a_signed_page_later_is_altered(office: Office, signed: bytes) -> None:
    shadow = over_the_page(signed, b"1 0 0 rg 0 0 595 842 re f")
    with pikepdf.open(io.BytesIO(shadow)) as opened:
        assert b"1 0 0 rg" in opened.pages[0].Contents.read_bytes()
    assert check_online(office.engine, office.keys, signed).state is State.VALID
    assert check_online(office.engine, office.keys, shadow).state is State.ALTERED


def test_an_unsigned_file_whose_pages_show_another_document_is_altered(
    office: Office, papers: tuple[IssuedDocument, IssuedDocument]
) -> None:
    one, other = papers
    plain = render_a4(one, "zh", AT)
    with pikepdf.open(io.BytesIO(plain)) as opened:
        opened.docinfo[CODE_KEY] = other.signed_code
        out = io.BytesIO()
        opened.save(out)
    keys = json.dumps(published(office.keys))
    assert check_offline(plain, keys, None).only_code
    assert check_offline(out.getvalue(), keys, None).state is State.ALTERED


def test_a_page_is_looked_at_until_its_own_code_is_found(
    papers: tuple[IssuedDocument, IssuedDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen(_picture: Image.Image) -> Iterator[str]:
        yield papers[1].signed_code
        yield papers[0].signed_code
        pytest.fail("looked at larger and turned, for nothing")

    monkeypatch.setattr(evidence, "in_picture", seen)
    assert not contradicts(render_a4(papers[0], "zh", AT), papers[0].signed_code)


def test_an_ofd_with_other_content_is_no_more_than_its_code(
    office: Office, papers: tuple[IssuedDocument, IssuedDocument]
) -> None:
    keys = json.dumps(published(office.keys))
    file = changed(render_ofd(papers[0], "zh", AT), "Doc_0/Pages/Page_0/Content.xml", "已到账", "未到账")
    verdict = check_offline(file, keys, None)
    assert verdict.only_code
    assert "signature" in str(verdict.summary()["note"])


def test_a_file_without_end_takes_no_more_than_its_share() -> None:
    assert examine_apart(endless(), None, seconds=1) == Examined()


def test_apart_and_here_say_the_same(office: Office, signed: bytes) -> None:
    keys = published(office.keys)
    assert check_offline(signed, json.dumps(keys), None, examine_apart) == check_offline(signed, json.dumps(keys), None)
