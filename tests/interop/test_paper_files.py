"""Our PDF files before programs that others wrote: pdfsig, OpenSSL, Apache PDFBox Preflight, qpdf, poppler."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend_client.contract.documents import IssuedDocument
from central.certificates import authority, published
from central.checking import check_offline
from central.issuing import Office, sign_file
from central.signatures import answer_time_stamp
from central.verification import State
from printing.a4 import render_a4, render_copy
from printing.pdf_signature import Unsigned
from printing.words import Language
from tests.unit.central import offices

AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
JARS = ("preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "commons-io", "javax.activation", "jaxb-api")
# Preflight knows PDF/A-1 only: of ICC it accepts version 2, and it wants part 1. Both are right in PDF/A-2.
ONLY_IN_PART_1 = {
    "2.1.6 : Invalid graphics object, Invalid version of the ICCProfile",
    "7.11.2 : Error on MetaData, part must be 1",
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all tests of this file."""
    made = offices.office(tmp_path_factory.mktemp("office"))
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def document(office: Office) -> IssuedDocument:
    """A valid document."""
    return offices.issue(office)


@pytest.fixture(scope="module")
def copy(document: IssuedDocument) -> Unsigned:
    """The holder's copy, not yet signed."""
    return render_copy(document, "zh", AT)


@pytest.fixture(scope="module")
def signed(office: Office, document: IssuedDocument, copy: Unsigned) -> bytes:
    """The holder's copy, signed by central for the terminal that made it."""
    return copy.signed(sign_file(office, offices.TERMINAL, document.doc_no, copy.digest.hex()))


def run(*command: str, cwd: Path, ok: tuple[int, ...] = (0,)) -> str:
    """Both outputs of a program."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode in ok, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_pdfsig_finds_the_signature_valid_and_a_changed_file_not(signed: bytes, tmp_path: Path) -> None:
    (tmp_path / "signed.pdf").write_bytes(signed)
    said = run("pdfsig", "signed.pdf", cwd=tmp_path)
    for line in ("ETSI.CAdES.detached", "SHA-256", "Total document signed", "Signature is Valid"):
        assert line in said
    (tmp_path / "changed.pdf").write_bytes(signed.replace(b"/Title", b"/Titel", 1))
    assert "Digest Mismatch" in run("pdfsig", "changed.pdf", cwd=tmp_path, ok=(0, 1))


def test_a_signed_file_is_judged_as_a_whole(office: Office, copy: Unsigned, signed: bytes, tmp_path: Path) -> None:
    keys = json.dumps(published(office.keys))
    good = check_offline(signed, keys, None)
    assert good.state is State.VALID and good.file_signed
    stripped = copy.data.replace(b"/ByteRange", b"/ByteRangf").replace(b"ETSI.CAdES.detached", b"ETSI.CAdES.nothing.")
    assert check_offline(stripped, keys, None).only_code
    assert check_offline(signed.replace(b"/Title", b"/Titel", 1), keys, None).state is State.ALTERED
    assert check_offline(signed + b"\n% one more update\n", keys, None).state is State.ALTERED
    stranger = offices.office(tmp_path)
    other = json.dumps({**published(office.keys), "document_ca": published(stranger.keys)["document_ca"]})
    assert check_offline(signed, other, None).state is State.UNKNOWN_KEY
    stranger.engine.dispose()


def test_openssl_believes_the_time_stamp(office: Office, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"a document")
    run("openssl", "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "request", cwd=tmp_path)
    (tmp_path / "answer").write_bytes(answer_time_stamp(office.keys, (tmp_path / "request").read_bytes()))
    (tmp_path / "ca.der").write_bytes(authority(office.keys).certificate)
    run("openssl", "x509", "-inform", "DER", "-in", "ca.der", "-out", "ca.pem", cwd=tmp_path)
    verify = ("openssl", "ts", "-verify", "-queryfile", "request", "-in", "answer", "-CAfile", "ca.pem")
    assert "Verification: OK" in run(*verify, cwd=tmp_path)
    (tmp_path / "data").write_bytes(b"another document")
    other = ("openssl", "ts", "-verify", "-data", "data", "-in", "answer", "-CAfile", "ca.pem")
    assert "FAILED" in run(*other, cwd=tmp_path, ok=(1,))


@pytest.mark.parametrize("variant", ["zh", "en", "large", "signed"])
def test_preflight_finds_nothing_but_what_only_part_1_wants(
    document: IssuedDocument, signed: bytes, variant: str, tmp_path: Path
) -> None:
    language: Language = "en" if variant == "en" else "zh"
    pdf = signed if variant == "signed" else render_a4(document, language, AT, large=variant == "large")
    (tmp_path / "page.pdf").write_bytes(pdf)
    path = ":".join(f"/usr/share/java/{name}.jar" for name in JARS)
    java = shutil.which("java") or pytest.fail("java is not installed: run bin/setup")
    said = run(java, "-cp", path, "org.apache.pdfbox.preflight.Validator_A1b", "page.pdf", cwd=tmp_path, ok=(0, 255, 1))
    found = {line.strip() for line in said.splitlines() if " : " in line and not line.startswith("The file")}
    assert found == ONLY_IN_PART_1


def test_qpdf_ghostscript_and_poppler_read_every_figure(
    document: IssuedDocument, signed: bytes, tmp_path: Path
) -> None:
    (tmp_path / "page.pdf").write_bytes(render_a4(document, "zh", AT))
    (tmp_path / "signed.pdf").write_bytes(signed)
    for name in ("page.pdf", "signed.pdf"):
        assert "No syntax or stream encoding errors" in run("qpdf", "--check", name, cwd=tmp_path)
        text = run("pdftotext", "-layout", name, "-", cwd=tmp_path)
        through_ghostscript = run("gs", "-q", "-dNOSAFER", "-sDEVICE=txtwrite", "-o", "-", name, cwd=tmp_path)
        for value in (document.doc_no, document.verify_code, document.issuer):
            assert value in text and value in through_ghostscript
    outline = run("pdfinfo", "-struct-text", "signed.pdf", cwd=tmp_path)
    assert outline.count("Table") >= 4 and document.title in outline and "Figure" in outline
