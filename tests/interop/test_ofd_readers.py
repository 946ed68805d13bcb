"""Our OFD files before readers that others wrote: ofdkit reads them, ofd.js draws them in Chromium, and Chromium and
FreeType take the fonts in them. Pictures are left in ONECARD_PICTURES, when that names a folder.

ofd.js 0.2.6 sets the text in the browser's fonts and cuts characters beyond the BMP in two, so its picture is judged
by lines, places and the code; the characters are judged by ofdkit, the fonts by FontFace.
"""

import base64
import io
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import ofdkit
import pytest
import zxingcpp
from PIL import Image, ImageChops
from playwright.sync_api import Page, sync_playwright

from backend_client.contract.documents import IssuedDocument
from backend_client.contract.seal import scan_text
from printing.a4 import render_a4, render_ofd
from printing.ofd import CODE_NAME
from printing.words import Language
from tests.ofd import Package
from tests.samples import contributions, family_planning, issued

CHROMIUM = "/usr/bin/chromium"
READER = Path(__file__).parent / "ofd_reader/node_modules/ofd.js/lib/ofd.umd.min.js"
AT = datetime(2017, 1, 2, 3, 4, tzinfo=UTC)
RARE = "廖𬱖𠅤𫖯"
DOCUMENTS = {"social": issued(contributions()), "family": issued(family_planning(RARE))}
WIDTH = 980
DRAW = """async ([file, width]) => {
    const raw = Uint8Array.from(atob(file), c => c.charCodeAt(0));
    const found = await new Promise((ok, no) => ofd.parseOfdDocument({
        ofd: new File([raw], 'document.ofd'), success: ok, fail: error => no(new Error(String(error)))}));
    const pages = ofd.renderOfd(width, found[0]);
    pages.forEach(page => document.body.appendChild(page));
    await Promise.all([...document.images].map(image => image.decode()));
    return pages.length;
}"""
LOAD_FONT = """async (file) => {
    const raw = Uint8Array.from(atob(file), c => c.charCodeAt(0));
    const face = await new FontFace('Subset', raw.buffer).load();
    document.fonts.add(face);
    const context = document.createElement('canvas').getContext('2d');
    context.font = '100px Subset';
    return context.measureText('测').width;
}"""


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    """An empty page with the reader in it; errors in it fail the test."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 1400})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        browser.close()
    assert errors == []


@pytest.fixture
def reader(browser_page: Page) -> Page:
    """The page, empty again."""
    browser_page.set_content("<!doctype html><meta charset=utf-8><style>body{margin:0}</style>")
    browser_page.add_script_tag(path=READER)
    return browser_page


def without_space(text: str) -> str:
    """The characters that are seen."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_ofdkit_reads_what_pdftotext_reads_in_the_pdf(kind: str, language: Language, tmp_path: Path) -> None:
    document = DOCUMENTS[kind]
    (tmp_path / "page.pdf").write_bytes(render_a4(document, language, AT, place="海珠区测试路1号"))
    command = ["pdftotext", "-raw", "page.pdf", "-"]
    pdf = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    (tmp_path / "page.ofd").write_bytes(render_ofd(document, language, AT, place="海珠区测试路1号"))
    with ofdkit.open(tmp_path / "page.ofd") as found:
        runs = "".join(run.text for page in found.pages for run in page.runs)
        assert without_space(runs) == without_space(pdf)
        assert found.warnings == []
        assert (found.info.author, found.info.custom_data) == (document.issuer, {CODE_NAME: document.signed_code})
        if kind == "family":
            assert RARE in found.text()


def drawn(reader: Page, document: IssuedDocument, *, large: bool = False) -> tuple[int, Image.Image]:
    """Pages, and the first of them as ofd.js draws it."""
    data = base64.b64encode(render_ofd(document, "zh", AT, large=large)).decode()
    pages = reader.evaluate(DRAW, [data, WIDTH])
    picture = Image.open(io.BytesIO(reader.locator("body > div").first.screenshot())).convert("L")
    folder = os.environ.get("ONECARD_PICTURES")
    if folder:
        picture.save(Path(folder) / f"ofd-{document.kind.value}-{'large' if large else 'normal'}.png")
    return int(pages), picture


def from_pdf(document: IssuedDocument, size: tuple[int, int], folder: Path, *, large: bool) -> tuple[int, Image.Image]:
    """Pages, and the first of them as poppler draws the PDF."""
    (folder / "page.pdf").write_bytes(render_a4(document, "zh", AT, large=large))
    said = subprocess.run(["pdfinfo", "page.pdf"], cwd=folder, capture_output=True, text=True, check=True).stdout
    scale = ["-scale-to-x", str(size[0]), "-scale-to-y", str(size[1])]
    command = ["pdftoppm", *scale, "-f", "1", "-l", "1", "-singlefile", "-png", "page.pdf", "page"]
    subprocess.run(command, cwd=folder, check=True)
    pages = re.search(r"Pages:\s+(\d+)", said)
    return int(pages[1]) if pages else 0, Image.open(folder / "page.png").convert("L")


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_ofd_js_draws_the_pdfs_page(reader: Page, kind: str, large: bool, tmp_path: Path) -> None:
    document = DOCUMENTS[kind]
    pages, ours = drawn(reader, document, large=large)
    wanted_pages, wanted = from_pdf(document, ours.size, tmp_path, large=large)
    assert pages == wanted_pages
    code = zxingcpp.read_barcode(ours.resize((ours.width * 2, ours.height * 2)))
    assert code is not None and code.text == scan_text(document)
    small = (
        ours.width // 8,
        ours.height // 8,
    )  # where the ink is, not which font it is; four pixels aside are too many
    distance = ImageChops.difference(
        ours.resize(small, Image.Resampling.BOX), wanted.resize(small, Image.Resampling.BOX)
    )
    assert sum(distance.histogram()[64:]) < 0.003 * small[0] * small[1]


def test_a_browser_and_its_sanitizer_take_the_fonts(reader: Page) -> None:
    files = Package.read(render_ofd(DOCUMENTS["family"], "zh", AT)).files
    programs = [raw for name, raw in files.items() if name.endswith(".ttf")]
    assert programs
    for raw in programs:
        assert reader.evaluate(LOAD_FONT, base64.b64encode(raw).decode()) == pytest.approx(100, abs=0.5)
