"""The verification page in a real browser at a phone's size, two languages, normal and large text; axe-core agrees."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from backend_client.contract import seal
from backend_client.contract.documents import DocumentKind, IssuedDocument
from central.issuing import Office, sign_file
from central.verification import SENTENCES, UNSIGNED_FILE, State
from printing.a4 import render_a4, render_copy
from printing.slip import render_slip
from tests.city import City, free_port, serving
from tests.phone import LOOKS, Look, browser, phone, press, seen
from tests.slips import burnt
from tests.unit.central import offices

AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
Held = tuple[Browser, Look]
TOO_LARGE = ("文件超过10 MB", "larger than 10 MB")
FRAME = (1280, 720)


@dataclass(frozen=True)
class Papers:
    """A served office's address and what people hold of it."""

    url: str
    valid: IssuedDocument
    codes: dict[State, str]
    folder: Path


def photo(document: IssuedDocument) -> Image.Image:
    """The slip on a table, photographed."""
    slip = burnt(render_slip(document, "zh", AT))
    table = Image.new("L", (slip.width + 200, slip.height + 200), 120)
    table.paste(slip, (100, 100))
    return table.rotate(4, Image.Resampling.BICUBIC, fillcolor=120)


def codes_of(office: Office, stranger: Office, valid: IssuedDocument) -> dict[State, str]:
    """One code for each thing that a check can say."""
    void = offices.issue(office, kind=DocumentKind.FAMILY_PLANNING_CERTIFICATE)
    offices.void(office, void)
    raw = bytearray(seal.decode(valid.signed_code))
    raw[60] ^= 1
    return {
        State.VALID: valid.signed_code,
        State.VOID: void.signed_code,
        State.EXPIRED: offices.with_term(office, offices.issue(office), date(2020, 1, 1)).signed_code,
        State.ALTERED: seal.encode(bytes(raw)),
        State.UNKNOWN_KEY: offices.issue(stranger).signed_code,
        State.NOT_OURS: "HELLO",
    }


def write_files(folder: Path, office: Office, valid: IssuedDocument) -> None:
    """The signed copy, the same with one byte changed, a page without signature, a photo of a slip, and no paper."""
    copy = render_copy(valid, "zh", AT)
    signed = copy.signed(sign_file(office, offices.TERMINAL, valid.doc_no, copy.digest.hex()))
    (folder / "signed.pdf").write_bytes(signed)
    (folder / "changed.pdf").write_bytes(signed.replace(b"/Title", b"/Titld", 1))
    (folder / "bare.pdf").write_bytes(render_a4(valid, "zh", AT))
    photo(offices.issue(office, kind=DocumentKind.FAMILY_PLANNING_SLIP)).save(folder / "photo.jpg", quality=80)
    (folder / "nonsense.txt").write_text("nothing")
    with (folder / "huge.pdf").open("wb") as file:
        file.truncate(30_000_000)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papers]:
    """A served city."""
    folder = tmp_path_factory.mktemp("city")
    (folder / "stranger").mkdir()
    city, stranger = City(folder, f"http://127.0.0.1:{free_port()}"), offices.office(folder / "stranger")
    office = Office(city.engine, city.keys, city.url)
    valid = offices.issue(office)
    write_files(folder, office, valid)
    with serving(city):
        yield Papers(city.url, valid, codes_of(office, stranger, valid), folder)
    stranger.engine.dispose()
    city.close()


def film(picture: Image.Image, path: Path) -> None:
    """A second of a still camera as YUV4MPEG2, which Chromium's own camera takes."""
    shown = Image.new("L", FRAME, 120)
    shown.paste(picture.resize((900, round(picture.height * 900 / picture.width))), (190, -1000))
    chroma = bytes([128]) * (FRAME[0] * FRAME[1] // 2)
    frame = b"FRAME\n" + shown.tobytes() + chroma
    path.write_bytes(f"YUV4MPEG2 W{FRAME[0]} H{FRAME[1]} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 2)


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: look.name)
def held(request: pytest.FixtureRequest, papers: Papers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """One browser for all tests of a look, with a slip before its camera."""
    video = tmp_path_factory.mktemp("camera") / "slip.y4m"
    film(Image.open(papers.folder / "photo.jpg"), video)
    camera = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={video}")
    with browser(request.param, *camera) as made:
        yield made, request.param


# Where the page of the answer is one that another test shows in every look.
usual = pytest.mark.parametrize("held", LOOKS[:2], ids=lambda look: look.name, indirect=True)


@pytest.fixture
def page(held: Held) -> Iterator[Page]:
    """A fresh page."""
    with phone(held[0]) as made:
        yield made


def said(pair: tuple[str, str], look: Look) -> str:
    """In the browser's language."""
    return pair[0 if look.locale == "zh-CN" else 1]


def test_the_form(papers: Papers, held: Held, page: Page) -> None:
    page.goto(f"{papers.url}/verify")
    seen(page, held[1], "verify-form")
    before = page.locator("h1").inner_text()
    with page.expect_navigation():
        page.locator("header a").tap()
    assert page.locator("h1").inner_text() != before, "the other language"


@pytest.mark.parametrize("state", [state for state in State if state is not State.UNKNOWN], ids=lambda s: s.value)
def test_a_scanned_symbol(papers: Papers, held: Held, page: Page, state: State) -> None:
    page.goto(f"{papers.url}/V/{papers.codes[state]}")
    seen(page, held[1], f"verify-{state.value}")
    assert page.locator("h1").inner_text() == said(SENTENCES[state], held[1])
    assert page.locator("table").count() == (2 if state in (State.VALID, State.EXPIRED) else 0)


UPLOADS = {
    "signed.pdf": SENTENCES[State.VALID], "changed.pdf": SENTENCES[State.ALTERED], "bare.pdf": UNSIGNED_FILE,
    "photo.jpg": SENTENCES[State.VALID], "nonsense.txt": SENTENCES[State.NOT_OURS], "huge.pdf": TOO_LARGE,
}  # fmt: skip


@usual
@pytest.mark.parametrize("name", UPLOADS)
def test_an_upload(papers: Papers, held: Held, page: Page, name: str) -> None:
    page.goto(f"{papers.url}/verify")
    page.set_input_files("#file", papers.folder / name)
    press(page)
    if name in ("bare.pdf", "huge.pdf"):  # the others' pages are those of the symbols
        seen(page, held[1], f"verify-upload-{name}")
    assert said(UPLOADS[name], held[1]) in page.locator("main").inner_text()
    press(page, "main p a")
    assert page.locator("#file").count() == 1


@usual
@pytest.mark.parametrize("right", [True, False])
def test_a_typed_number(papers: Papers, held: Held, page: Page, right: bool) -> None:
    code = papers.valid.verify_code if right else "2" * 16
    page.goto(f"{papers.url}/verify")
    page.fill("#doc_no", papers.valid.doc_no.lower())
    page.fill("#code", " ".join(code[start : start + 4] for start in range(0, 16, 4)).lower())
    press(page, "form:last-of-type button")
    state = State.VALID if right else State.UNKNOWN
    seen(page, held[1], f"verify-typed-{state.value}")
    assert page.locator("h1").inner_text() == said(SENTENCES[state], held[1])


def test_the_camera(papers: Papers, held: Held) -> None:
    with phone(held[0], ["camera"]) as page:
        page.goto(f"{papers.url}/verify")
        page.locator("#camera button").first.tap()
        page.locator("video:visible").wait_for()
        seen(page, held[1], "verify-camera")
        press(page, "#camera button:visible")
        assert page.locator("h1").inner_text() == said(SENTENCES[State.VALID], held[1])


@usual
def test_a_camera_that_is_refused(papers: Papers, held: Held, page: Page) -> None:
    page.goto(f"{papers.url}/verify")
    page.locator("#camera button").first.tap()
    page.locator("#camera p:visible").wait_for()
    seen(page, held[1], "verify-camera-refused")
