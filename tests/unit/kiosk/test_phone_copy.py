"""The holder's copy, over HTTP: made here, signed and kept by central, fetched by anybody who has the address."""

import io
import json
import uuid
from datetime import UTC, datetime

import pikepdf
import pytest
import requests

from backend_client.client.central import Central
from backend_client.client.errors import Nonsense
from backend_client.contract.documents import DocumentKind, IssueRequest, Medium
from central.certificates import published
from central.checking import check_offline
from central.verification import State
from kiosk.phone_copy import leave_copy
from printing.ofd import CODE_NAME
from tests.city import City
from tests.ofd import Package, faults
from tests.pdfa import PDF_A, PDF_UA
from tests.pdfa import faults as pdf_faults

AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
PLACE = "海珠区测试路1号"


def test_both_files_come_to_the_phone_whole(city: City, central: Central) -> None:
    session = central.sign_in(city.card(4), "social")
    wanted = IssueRequest(kind=DocumentKind.CONTRIBUTIONS_STATEMENT, medium=Medium.A4)
    issued = session.issue(wanted, uuid.uuid4())
    link = leave_copy(central, issued, "en", AT, PLACE, large=True)
    assert link.url.startswith(f"{city.url}/copy/") and link.expires_in == 600
    assert issued.doc_no in requests.get(link.url, timeout=5).text
    pdf, ofd = (requests.get(f"{link.url}/{kind}", timeout=5).content for kind in ("pdf", "ofd"))
    assert pdf_faults(pdf, (*PDF_A, *PDF_UA)) == [] and faults(ofd) == []
    keys = json.dumps(published(city.keys))
    for data, signed in ((pdf, True), (ofd, False)):
        verdict = check_offline(data, keys, None)
        assert (verdict.state, bool(verdict.file_signed)) == (State.VALID, signed)
    with pikepdf.open(io.BytesIO(pdf)) as read:
        assert float(read.pages[0].mediabox[2]) > float(read.pages[0].mediabox[3])
    (code,) = Package.read(ofd).all("CustomData")
    assert code.attrib["Name"] == CODE_NAME


def test_a_signature_that_does_not_fit_is_centrals_nonsense(
    city: City, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = central.sign_in(city.card(4), "social")
    wanted = IssueRequest(kind=DocumentKind.CONTRIBUTIONS_STATEMENT, medium=Medium.A4)
    issued = session.issue(wanted, uuid.uuid4())
    monkeypatch.setattr(central, "sign_file", lambda _number, _digest: bytes(9000))
    with pytest.raises(Nonsense, match="9000 bytes"):
        leave_copy(central, issued, "zh", AT, "")
