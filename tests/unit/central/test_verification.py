"""Each way that a document can be wrong is told apart, from each thing that somebody may hold of it."""

import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import cbor2
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from backend_client.contract import seal
from backend_client.contract.documents import DocumentKind, IssuedDocument
from central import status_list
from central.api.app import create_app
from central.api.office import Context, Settings
from central.checking import check_offline, check_online
from central.evidence import code_in
from central.issuing import Office
from central.status_list import BadStatusList, StatusList
from central.verification import SENTENCES, State, Verdict, check_code
from printing.a4 import render_a4
from printing.symbol import symbol
from tests.unit.central import offices

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def document(office: Office) -> IssuedDocument:
    """A valid document."""
    return offices.issue(office)


def jwks(office: Office) -> str:
    """What the office publishes."""
    return json.dumps(office.keys.public_jwks())


def void_list(office: Office) -> str:
    """The status list as it is now."""
    return status_list.make(office.engine, office.keys, "urn:test")


def offline(office: Office, code: str, statuses: str | None = None) -> Verdict:
    """A check without a database."""
    return check_offline(code.encode(), jwks(office), statuses)


def other_bit(code: str, place: int) -> str:
    """The code with one bit of its COSE message turned."""
    raw = bytearray(seal.decode(code))
    raw[place] ^= 1
    return seal.encode(bytes(raw))


def test_a_valid_document_says_what_it_is(office: Office, document: IssuedDocument) -> None:
    verdict = offline(office, document.signed_code, void_list(office))
    assert verdict.state is State.VALID and verdict.checked_void
    assert verdict.facts is not None
    assert verdict.facts.doc_no == document.doc_no
    assert verdict.facts.digest == seal.document_digest(document)
    assert verdict.facts.masked_subject == "990***********" + document.facts.record.subject_id_no[-4:]
    assert offline(office, seal.scan_text(document)).state is State.VALID
    assert offline(office, document.signed_code.lower()).checked_void is False


def test_every_wrong_document_has_its_own_answer(office: Office, tmp_path: Path) -> None:
    void, expired = offices.issue(office), offices.with_term(office, offices.issue(office), date(2020, 1, 1))
    offices.void(office, void)
    stranger = offices.office(tmp_path)
    foreign = offices.issue(stranger)
    stranger.engine.dispose()
    statuses = void_list(office)
    answers = {
        State.VOID: offline(office, void.signed_code, statuses),
        State.EXPIRED: offline(office, expired.signed_code, statuses),
        State.ALTERED: offline(office, other_bit(void.signed_code, 40), statuses),
        State.UNKNOWN_KEY: offline(office, foreign.signed_code, statuses),
        State.NOT_OURS: offline(office, "HTTPS://EXAMPLE.COM/"),
    }
    assert {state: answer.state for state, answer in answers.items()} == {state: state for state in answers}
    assert len({pair for state in State for pair in SENTENCES[state]}) == 2 * len(State)
    assert check_online(office.engine, office.keys, void.signed_code.encode()).state is State.VOID
    assert check_online(office.engine, office.keys, expired.signed_code.encode()).state is State.EXPIRED


def test_a_signed_number_that_was_never_issued_is_unknown(office: Office, document: IssuedDocument) -> None:
    from central.issuing import sign

    never = document.model_copy(update={"doc_no": document.doc_no[:-4] + "9999"})
    code = sign(office.keys, seal.sealed(never, 1))
    assert offline(office, code).state is State.VALID
    assert check_online(office.engine, office.keys, code.encode()).state is State.UNKNOWN


def test_every_turned_bit_is_seen(office: Office, document: IssuedDocument) -> None:
    length = len(seal.decode(document.signed_code))
    states = {offline(office, other_bit(document.signed_code, place)).state for place in range(length)}
    assert states <= {State.ALTERED, State.UNKNOWN_KEY, State.NOT_OURS}


def test_the_code_is_small_enough_for_four_dots_a_module(document: IssuedDocument) -> None:
    assert len(seal.decode(document.signed_code)) <= 137
    modules = len(symbol(seal.scan_text(document)))
    assert modules == 53
    assert 30 / (modules + 8) * 8 > 3.9  # dots at 203 dpi in 30 mm, quiet zone included


@pytest.fixture(scope="module")
def page(document: IssuedDocument) -> bytes:
    """The document as a PDF."""
    return render_a4(document, "zh", AT)


def drawn(code: str) -> Image.Image:
    """A picture of a code."""
    rows = symbol(code)
    small = Image.frombytes("L", (len(rows), len(rows)), bytes(255 * (1 - dark) for row in rows for dark in row))
    picture = Image.new("L", (600, 600), 255)
    picture.paste(small.resize((len(rows) * 6, len(rows) * 6), Image.Resampling.NEAREST), (60, 60))
    return picture


def saved(picture: Image.Image, kind: str) -> bytes:
    """As a file."""
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def test_a_code_is_found_in_whatever_is_held(document: IssuedDocument, page: bytes) -> None:
    text = seal.scan_text(document)
    scan = io.BytesIO()
    drawn(text).save(scan, "PDF")
    held = [document.signed_code.encode(), f"see {text} !".encode(), page, saved(drawn(text), "PNG"),
            saved(drawn(text).rotate(7, fillcolor=255), "JPEG"), scan.getvalue()]  # fmt: skip
    for found in held:
        code = code_in(found)
        assert code is not None and seal.decode(code) == seal.decode(document.signed_code)


def test_nothing_is_found_where_nothing_is(page: bytes) -> None:
    other = drawn("HTTPS://EXAMPLE.COM/SOMETHING/ELSE")
    for found in (b"", b"hello", saved(other, "PNG"), b"%PDF-1.7 broken", page[:2000], b"\x89PNG\r\n\x1a\n broken"):
        assert code_in(found) is None
    assert code_in(saved(Image.new("1", (9000, 9000)), "PNG")) is None  # too large to be looked at


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_only_not_ours(data: bytes) -> None:
    assert code_in(data) is None


@given(st.recursive(
    st.integers() | st.binary(max_size=20) | st.text(max_size=20) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(-8, 8), inner, max_size=6), max_leaves=12,
))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_cbor_is_judged_and_never_trusted(value: object) -> None:
    code = seal.encode(cbor2.dumps(cbor2.CBORTag(18, value)))
    assert check_code(code, {}, date.today()).state in (State.NOT_OURS, State.UNKNOWN_KEY, State.ALTERED)
    with pytest.raises(seal.NotACode):
        seal.SealedFacts.from_map(value)


@given(st.sets(st.integers(0, 500), max_size=40))
@settings(max_examples=50, deadline=None)
def test_status_bits(void: set[int]) -> None:
    bits = bytearray(501 // 8 + 1)
    for place in void:
        bits[place // 8] |= 1 << place % 8
    found = StatusList(bytes(bits), 0)
    assert {place for place in range(9000) if found.is_void(place)} == void


def test_a_status_list_must_be_ours_and_new(office: Office, tmp_path: Path) -> None:
    keys = {str(key["kid"]): key for key in office.keys.public_jwks()["keys"]}
    token = void_list(office)
    assert status_list.read(token, keys, time.time()).issued <= time.time()
    with pytest.raises(BadStatusList, match="term"):
        status_list.read(token, keys, time.time() + status_list.LIFE + 1)
    stranger = offices.office(tmp_path)
    with pytest.raises(BadStatusList):
        status_list.read(void_list(stranger), keys, time.time())
    stranger.engine.dispose()
    for broken in ("", "a.b.c", token[:-4] + "AAAA", token.replace(".", "", 1)):
        with pytest.raises(BadStatusList):
            status_list.read(broken, keys, time.time())


def central(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command in an empty folder, where there is no database."""
    command = [sys.executable, "-m", "central", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT)})


def test_the_command_checks_without_a_database(
    office: Office, document: IssuedDocument, page: bytes, tmp_path: Path
) -> None:
    (tmp_path / "keys.json").write_text(jwks(office))
    (tmp_path / "void.jwt").write_text(void_list(office))
    (tmp_path / "page.pdf").write_bytes(page)
    options = ("--keys", "keys.json", "--status-list", "void.jwt")
    good = central("verify", "page.pdf", *options, cwd=tmp_path)
    assert (good.returncode, json.loads(good.stdout)["state"]) == (0, "valid")
    bad = central("verify", other_bit(document.signed_code, 60), *options, cwd=tmp_path)
    assert (bad.returncode, json.loads(bad.stdout)["state"]) == (1, "altered")
    wrong = central("verify", "page.pdf", "--keys", "void.jwt", cwd=tmp_path)
    assert wrong.returncode == 1 and "JWKS" in wrong.stderr and wrong.stderr.count("\n") == 1
    assert not (tmp_path / "var").exists()


@pytest.fixture
def client(office: Office) -> Iterator[TestClient]:
    """A browser without a screen."""
    with TestClient(create_app(Context(office.engine, office.keys, Settings(offices.URL)))) as made:
        yield made


def test_the_page_answers_a_number_a_scan_and_a_file(client: TestClient, document: IssuedDocument, page: bytes) -> None:
    name = document.facts.record.person.name  # type: ignore[union-attr]
    answers = [
        client.get(f"/verify/{document.doc_no}", params={"code": document.verify_code}),
        client.get(f"/V/{document.signed_code}"),
        client.post("/verify", data={"doc_no": document.doc_no.lower(), "code": document.verify_code}),
        client.post("/verify", files={"file": ("page.pdf", page)}),
    ]
    for answer in answers:
        assert "凭证有效" in answer.text
        assert document.doc_no in answer.text
        assert name not in answer.text and name[0] + "*" in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    english = client.get(f"/V/{document.signed_code}?lang=en").text
    assert "This document is valid" in english and '<html lang="en">' in english
    assert '<html lang="en">' in client.get("/verify", headers={"Accept-Language": "de,en"}).text


def test_the_page_tells_nothing_of_what_is_not_proven(client: TestClient, office: Office) -> None:
    void = offices.issue(office, kind=DocumentKind.FAMILY_PLANNING_CERTIFICATE)
    offices.void(office, void)
    wrong = client.get(f"/verify/{void.doc_no}?code=2222222222222222").text
    assert "查无此凭证" in wrong and void.terminal_id not in wrong
    voided = client.get(f"/V/{void.signed_code}").text
    assert "已作废" in voided and void.terminal_id not in voided
    for attack in ("/verify/%3Cscript%3Eno?code=%3Cscript%3Eno", "/V/%3Cscript%3Eno", "/verify?lang=%3Cscript%3Eno"):
        assert "<script>no" not in client.get(attack).text
    assert client.post("/verify", files={"file": ("big", b"0" * 10_000_001)}).status_code == 413
    assert client.post("/verify", content=iter([b"no", b"length"])).status_code == 413
    assert client.post("/verify", data={"doc_no": "S" * 41}).status_code == 400
    assert "没有本系统" in client.post("/verify", files={"file": ("x.txt", b"nothing")}).text
    assert client.get("/status-list").headers["content-type"].startswith("application/statuslist+jwt")
    assert timedelta(seconds=status_list.LIFE) == timedelta(days=1)
