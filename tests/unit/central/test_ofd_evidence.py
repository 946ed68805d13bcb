"""The code in an OFD file that somebody holds, and files that only look like one."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.contract import seal
from backend_client.contract.documents import IssuedDocument
from central.certificates import published
from central.checking import check_offline
from central.evidence import LARGEST_ENTRY, code_in
from central.issuing import Office
from central.verification import State
from printing.a4 import render_ofd
from tests.ofd import changed
from tests.samples import contributions, issued
from tests.unit.central import offices

AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
GOOD = render_ofd(issued(contributions(rows=())), "zh", AT)


def test_an_ofd_file_is_checked_by_its_code(office: Office, tmp_path: Path) -> None:
    document: IssuedDocument = offices.issue(office)
    file, keys = render_ofd(document, "zh", AT), json.dumps(published(office.keys))
    verdict = check_offline(file, keys, None)
    assert verdict.state is State.VALID and not verdict.file_signed
    assert verdict.facts is not None and verdict.facts.doc_no == document.doc_no
    forged = document.signed_code[:-9] + ("A" if document.signed_code[-9] != "A" else "B") + document.signed_code[-8:]
    altered = changed(file, "OFD.xml", document.signed_code, forged)
    assert check_offline(altered, keys, None).state is State.ALTERED
    stranger = offices.office(tmp_path)
    assert check_offline(file, json.dumps(published(stranger.keys)), None).state is State.UNKNOWN_KEY
    stranger.engine.dispose()


def packed(name: str, data: bytes) -> bytes:
    """A ZIP of one file."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        made.writestr(name, data)
    return out.getvalue()


def test_nothing_is_found_in_other_packages_and_nothing_large_is_unpacked() -> None:
    code = b'<ofd:CustomData Name="OneCardCode">%s</ofd:CustomData>' % issued(contributions()).signed_code.encode()
    assert code_in(packed("word/document.xml", code)) is None
    assert code_in(packed("OFD.xml", b"<a/>")) is None
    assert code_in(packed("OFD.xml", b" " * LARGEST_ENTRY + code)) is None
    assert code_in(packed("OFD.xml", b"\0" * 30_000_000)) is None


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8), st.integers(0, len(GOOD)))
@settings(max_examples=300, deadline=None)
def test_a_damaged_package_gives_its_code_or_none(place: int, damage: bytes, end: int) -> None:
    damaged = (GOOD[:place] + damage + GOOD[place + len(damage) :])[: max(end, place)]
    for data in (damaged, b"PK\x03\x04" + damage):
        found = code_in(data)
        if found is not None:
            seal.decode(found)
