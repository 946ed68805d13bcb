"""`bin/central verify` offline: every kind of document in every state, changed files, codes typed by hand."""

import io
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from typer.testing import CliRunner

from backend_client.contract import seal
from backend_client.contract.documents import DocumentKind, IssuedDocument, Medium
from central import status_list
from central.__main__ import app
from central.certificates import published
from central.checking import check_offline
from central.issuing import Office, sign_file
from central.verification import State, Verdict
from printing.a4 import render_a4, render_copy
from printing.slip import render_slip
from tests.slips import burnt
from tests.unit.central import offices

AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
STATES = (State.VALID, State.VOID, State.EXPIRED, State.ALTERED, State.UNKNOWN_KEY)


@dataclass(frozen=True)
class Bench:
    """An office whose keys are published, one whose keys are not, and what a verifier keeps."""

    ours: Office
    stranger: Office
    folder: Path

    def keep(self) -> tuple[str, str]:
        """Published keys, status list."""
        keys, void = self.folder / "keys.json", self.folder / "void.jwt"
        keys.write_text(json.dumps(published(self.ours.keys)))
        void.write_text(status_list.make(self.ours.engine, self.ours.keys, "urn:test"))
        return str(keys), str(void)

    def judge(self, found: bytes | str) -> Verdict:
        """Without a database."""
        held = found.encode() if isinstance(found, str) else found
        return check_offline(held, json.dumps(published(self.ours.keys)), None)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Two offices."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "ours").mkdir()
    (folder / "stranger").mkdir()
    made = Bench(offices.office(folder / "ours"), offices.office(folder / "stranger"), folder)
    yield made
    made.ours.engine.dispose()
    made.stranger.engine.dispose()


def in_state(bench: Bench, kind: DocumentKind, state: State) -> tuple[Office, IssuedDocument]:
    """A document of this kind that a check must find in this state; who issued it."""
    office = bench.stranger if state is State.UNKNOWN_KEY else bench.ours
    document = offices.issue(office, kind=kind)
    if state is State.VOID:
        offices.void(office, document)
    if state is State.EXPIRED:
        document = offices.with_term(office, document, date(2020, 1, 1))
    if state is State.ALTERED:
        raw = bytearray(seal.decode(document.signed_code))
        raw[len(raw) // 2] ^= 1
        document = document.model_copy(update={"signed_code": seal.encode(bytes(raw))})
    return office, document


def signed_file(office: Office, document: IssuedDocument) -> bytes:
    """The holder's copy."""
    copy = render_copy(document, "zh", AT)
    return copy.signed(sign_file(office, offices.TERMINAL, document.doc_no, copy.digest.hex()))


def scan(document: IssuedDocument) -> bytes:
    """A picture of the slip."""
    out = io.BytesIO()
    burnt(render_slip(document, "zh", AT)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.value)
@pytest.mark.parametrize("kind", list(DocumentKind), ids=lambda kind: kind.value)
def test_each_kind_in_each_state_is_told(bench: Bench, kind: DocumentKind, state: State) -> None:
    office, document = in_state(bench, kind, state)
    on_paper = scan(document) if document.medium is Medium.SLIP else render_a4(document, "zh", AT)
    files = [bench.folder / "paper"]
    files[0].write_bytes(on_paper)
    if document.medium is Medium.A4 and state is not State.VOID:  # central signs no copy of a void document
        files.append(bench.folder / "copy.pdf")
        files[1].write_bytes(signed_file(office, document))
    keys, void = bench.keep()
    for given in (document.signed_code, seal.scan_text(document), *map(str, files)):
        done = CliRunner().invoke(app, ["verify", given, "--keys", keys, "--status-list", void])
        said = json.loads(done.stdout)
        assert (said["state"], done.exit_code) == (state.value, 0 if state is State.VALID else 1), given
        if state in (State.VALID, State.VOID, State.EXPIRED):
            assert said["doc_no"] == document.doc_no


@pytest.fixture(scope="module")
def document(bench: Bench) -> IssuedDocument:
    """A valid statement."""
    return offices.issue(bench.ours)


@pytest.fixture(scope="module")
def copy(bench: Bench, document: IssuedDocument) -> bytes:
    """Its signed copy."""
    made = signed_file(bench.ours, document)
    assert bench.judge(made).file_signed
    return made


def room(pdf: bytes) -> range:
    """Where the signature itself lies (ISO 32000-2, 12.8.1: the only bytes it doesn't cover)."""
    start = pdf.index(b"/Contents <") + len(b"/Contents <")
    return range(start, pdf.index(b">", start))


def turned(pdf: bytes, place: int) -> bytes:
    """One bit of one byte."""
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


@pytest.mark.filterwarnings("ignore")
def test_one_changed_byte_of_a_file_is_altered(bench: Bench, copy: bytes, caplog: pytest.LogCaptureFixture) -> None:
    dice, signature = random.Random(7), room(copy)
    ends = [0, 9, copy.index(b"/ByteRange") + 3, copy.index(b"/Fields") + 2, copy.index(b"/Type /Sig") + 8]
    outside = ends + [place for place in dice.sample(range(len(copy)), 40) if place not in signature]
    assert {bench.judge(turned(copy, place)).state for place in outside} == {State.ALTERED}
    inside = [bench.judge(turned(copy, place)) for place in dice.sample(signature, 40)]
    assert {verdict.state for verdict in inside} <= {State.ALTERED, State.VALID}
    # a CMS's own version and list of algorithms are covered by nothing (RFC 5652, 5.4) and say nothing of the document
    assert sum(verdict.state is State.VALID for verdict in inside) <= 3


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with an incremental update behind it (ISO 32000-2, 7.5.6)."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(pdf)
    return out.getvalue()


def other_code(writer: IncrementalPdfFileWriter, code: str) -> None:
    """Another document's code in the information dictionary."""
    writer.trailer["/Info"]["/OneCardCode"] = generic.TextStringObject(code)
    writer.update_container(writer.trailer["/Info"])


def note(writer: IncrementalPdfFileWriter) -> None:
    """A text over the first page."""
    page = writer.root["/Pages"]["/Kids"][0]
    shown = {"/Type": "/Annot", "/Subtype": "/FreeText"}
    annotation = generic.DictionaryObject({generic.NameObject(k): generic.NameObject(v) for k, v in shown.items()})
    annotation[generic.NameObject("/Rect")] = generic.ArrayObject(map(generic.NumberObject, (100, 600, 400, 640)))
    annotation[generic.NameObject("/Contents")] = generic.TextStringObject("9999.99")
    page["/Annots"] = generic.ArrayObject([writer.add_object(annotation)])
    writer.update_container(page)


def test_an_update_behind_the_signature_is_altered(bench: Bench, copy: bytes) -> None:
    other = offices.issue(bench.ours, person=8).signed_code
    for changed in (
        updated(copy, lambda writer: other_code(writer, other)), updated(copy, note), copy + b"\n", copy + b"%%EOF\n",
    ):  # fmt: skip
        assert bench.judge(changed).state is State.ALTERED


@pytest.mark.filterwarnings("ignore:This document has 1 form widget")  # pikepdf, of what we cut off
def test_a_file_without_its_signature_says_so(bench: Bench, copy: bytes, document: IssuedDocument) -> None:
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        out = io.BytesIO()
        del pdf.Root.AcroForm
        pdf.save(out)
    assert bench.judge(out.getvalue()).state is State.ALTERED, "its remains are still there"
    bare = bench.judge(render_a4(document, "zh", AT))
    assert bare.only_code and "no signature" in str(bare.summary()["note"])


def test_a_page_that_another_program_printed_is_read_from_what_is_seen(bench: Bench, document: IssuedDocument) -> None:
    with pikepdf.open(io.BytesIO(render_a4(document, "zh", AT))) as pdf:
        del pdf.docinfo["/OneCardCode"]
        out = io.BytesIO()
        pdf.save(out)
    assert bench.judge(out.getvalue()).state is State.VALID


def groups(code: str, of: int, between: str) -> str:
    """As it is copied by hand."""
    return between.join(code[start : start + of] for start in range(0, len(code), of))


WAYS: dict[str, Callable[[str], str]] = {
    "lower case": str.lower, "groups of four": lambda code: groups(code, 4, " "),
    "hyphens": lambda code: groups(code, 5, "-"), "lines": lambda code: groups(code, 40, "\r\n") + "\n",
    "full width": lambda code: code.translate({i: i + 0xFEE0 for i in range(0x21, 0x7F)}),
    "0 for O, 1 for I, 8 for B": lambda code: code.translate(str.maketrans("OIB", "018")),
    "address in lower case": lambda code: f"https://heyan.example.invalid/v/{code.lower()}",
    "address over two lines": lambda code: f"HTTPS://HEYAN.EXAMPLE.INVALID/V/{groups(code, 120, chr(10))}",
    "padding": lambda code: code + "====",
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_code_may_be_given_in_many_ways(bench: Bench, document: IssuedDocument, way: str) -> None:
    assert bench.judge(WAYS[way](document.signed_code)).state is State.VALID


def test_one_wrong_character_is_altered_at_every_place(bench: Bench, document: IssuedDocument) -> None:
    code, states = document.signed_code, {}
    for place in range(len(code) - 1):  # of the last character one bit counts
        wrong = BASE32[(BASE32.index(code[place]) + 1) % 32]
        states[place] = bench.judge(code[:place] + wrong + code[place + 1 :]).state
    other_key = [place for place, state in states.items() if state is State.UNKNOWN_KEY]
    assert {state for place, state in states.items() if place not in other_key} == {State.ALTERED}
    assert len(other_key) <= 15 and other_key[-1] < 35, "only in the key's id"


def test_a_code_with_a_character_too_few_or_turned_round_is_altered(bench: Bench, document: IssuedDocument) -> None:
    code = document.signed_code
    for wrong in (code[:99] + code[100:], code[:99] + "A" + code[99:], code[:100] + code[101] + code[100] + code[102:]):
        assert wrong == code or bench.judge(wrong).state is State.ALTERED
    assert bench.judge(code[:60]).state is State.NOT_OURS


def test_pictures_that_would_not_fit_are_not_opened(bench: Bench) -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    assert bench.judge(out.getvalue()).state is State.NOT_OURS
