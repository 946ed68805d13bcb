"""A holder's copy: only this document's signed files, only under its address, only for a while."""

import base64
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from backend_client.contract.documents import CopyLink, IssuedDocument, PhoneCopy
from central import copies
from central.api.app import create_app
from central.api.office import Context, Settings
from central.certificates import published
from central.checking import check_offline
from central.errors import CentralRefusal
from central.issuing import Office, sign_file
from central.verification import State
from printing.a4 import render_copy, render_ofd
from tests.unit.central import offices

AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


@pytest.fixture
def document(office: Office) -> IssuedDocument:
    """A valid document."""
    return offices.issue(office)


@pytest.fixture
def client(office: Office) -> Iterator[TestClient]:
    """A phone's browser without a screen."""
    with TestClient(create_app(Context(office.engine, office.keys, Settings(offices.URL)))) as made:
        yield made


def packed(pdf: bytes, ofd: bytes) -> PhoneCopy:
    """As the terminal sends them."""
    return PhoneCopy(pdf=base64.b64encode(pdf).decode(), ofd=base64.b64encode(ofd).decode())


def files(office: Office, document: IssuedDocument) -> tuple[bytes, bytes]:
    """The two files, the first signed."""
    room = render_copy(document, "zh", AT)
    signed = room.signed(sign_file(office, offices.TERMINAL, document.doc_no, room.digest.hex()))
    return signed, render_ofd(document, "zh", AT)


def offered(office: Office, document: IssuedDocument, pdf: bytes, ofd: bytes) -> CopyLink:
    """By the terminal that issued it."""
    return copies.offer(office, offices.TERMINAL, document.doc_no, packed(pdf, ofd))


def path_of(link: CopyLink) -> str:
    """Behind the host."""
    return link.url.removeprefix(offices.URL)


def test_a_phone_finds_both_files_and_no_name(office: Office, document: IssuedDocument, client: TestClient) -> None:
    pdf, ofd = files(office, document)
    link = offered(office, document, pdf, ofd)
    page = client.get(path_of(link))
    assert page.status_code == 200 and document.doc_no in page.text and page.headers["Cache-Control"] == "no-store"
    assert document.facts.record.person.name not in page.text  # type: ignore[union-attr]
    found = {name: client.get(name) for name in re.findall(r'href="(/copy/[^"]+/(?:pdf|ofd))"', page.text)}
    assert [answer.content for answer in found.values()] == [pdf, ofd]
    kinds = [answer.headers["Content-Type"] for answer in found.values()]
    assert kinds == ["application/pdf", "application/ofd"]
    assert all(f'filename="{document.doc_no}.' in one.headers["Content-Disposition"] for one in found.values())
    keys = json.dumps(published(office.keys))
    verdicts = [check_offline(answer.content, keys, None) for answer in found.values()]
    assert [verdict.state for verdict in verdicts] == [State.VALID, State.VALID]
    assert [bool(verdict.file_signed) for verdict in verdicts] == [True, False]


def test_the_page_speaks_english_too(office: Office, document: IssuedDocument, client: TestClient) -> None:
    link = offered(office, document, *files(office, document))
    assert "Save as PDF (signed)" in client.get(path_of(link), headers={"Accept-Language": "en-GB"}).text


@pytest.mark.parametrize("wrong", ["unsigned", "changed", "other pdf", "other ofd", "not base64"])
def test_other_files_are_not_handed_out_under_our_name(office: Office, document: IssuedDocument, wrong: str) -> None:
    pdf, ofd = files(office, document)
    other_pdf, other_ofd = files(office, offices.issue(office, person=5))
    given = {
        "unsigned": packed(render_copy(document, "zh", AT).data, ofd),
        "changed": packed(pdf.replace(b"/Title", b"/Titel", 1), ofd),
        "other pdf": packed(other_pdf, ofd),
        "other ofd": packed(pdf, other_ofd),
        "not base64": PhoneCopy(pdf="€", ofd="€"),
    }[wrong]
    with pytest.raises(CentralRefusal) as refused:
        copies.offer(office, offices.TERMINAL, document.doc_no, given)
    assert refused.value.code == ("invalid_request" if wrong == "not base64" else "not_this_document")


def test_strangers_and_void_documents_get_nothing(office: Office, document: IssuedDocument) -> None:
    copy = packed(*files(office, document))
    with pytest.raises(CentralRefusal, match="unknown_document"):
        copies.offer(office, "T44010599999", document.doc_no, copy)
    offices.void(office, document)
    with pytest.raises(CentralRefusal, match="fate_known"):
        copies.offer(office, offices.TERMINAL, document.doc_no, copy)


def test_an_address_lives_ten_minutes_and_until_the_next(
    office: Office, document: IssuedDocument, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf, ofd = files(office, document)
    first, second = offered(office, document, pdf, ofd), offered(office, document, pdf, ofd)
    assert [client.get(path_of(link)).status_code for link in (first, second)] == [404, 200]
    now = time.time()
    monkeypatch.setattr("central.copies.time.time", lambda: now + copies.SECONDS + 1)
    answer = client.get(path_of(second))
    assert answer.status_code == 404 and "链接已失效" in answer.text
    assert client.get(f"{path_of(second)}/pdf").status_code == 404


@pytest.mark.parametrize(
    "path", ["/copy/short", "/copy/" + "A" * 22, "/copy/" + "A" * 22 + "/exe", "/copy/" + "%00" * 22]
)
def test_nothing_is_behind_any_other_address(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (400, 404)


def test_the_database_knows_no_address(office: Office, document: IssuedDocument) -> None:
    token = path_of(offered(office, document, *files(office, document))).removeprefix("/copy/")
    raw = b"".join(path.read_bytes() for path in Path(str(office.engine.url.database)).parent.glob("c.db*"))
    assert token.encode() not in raw
