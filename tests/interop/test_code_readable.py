"""The code on paper, read by an independent decoder from a 150-dpi scan: turned, noisy, blurred, pale, crumpled.

A fixed matrix, so that its figure can be compared: `pytest tests/interop/test_code_readable.py -s` prints it.
"""

import io
import itertools
import math
import random
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageEnhance, ImageFilter

from backend_client.contract.documents import Medium
from backend_client.contract.seal import encode, scan_text
from central.evidence import in_picture
from printing.a4 import render_a4
from printing.slip import render_slip
from simulators.escpos import Decoder, Op, Text
from simulators.slip_picture import SlipPicture
from tests.samples import contributions, issued

AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
DPI = 150
SLIP_DPI = 203
Distortion = Callable[[Image.Image], Image.Image]


def turned(angle: float) -> Distortion:
    """As it lay on the glass."""
    return lambda picture: picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def noisy(sigma: float) -> Distortion:
    """Grain of the scanner: even noise of this standard deviation, the same every time."""

    def add(picture: Image.Image) -> Image.Image:
        grain = Image.frombytes("L", picture.size, random.Random(203).randbytes(picture.width * picture.height))
        share = sigma * math.sqrt(12) / 255
        return ImageChops.add(
            picture, grain.point([round(128 + (value - 127.5) * share) for value in range(256)]), 1, -128
        )

    return add


def blurred(radius: float) -> Distortion:
    """Out of focus by this many dots."""
    return lambda picture: picture.filter(ImageFilter.GaussianBlur(radius))


def pale(picture: Image.Image) -> Image.Image:
    """Thermal paper after a summer in a wallet: grey on beige."""
    return ImageEnhance.Contrast(picture).enhance(0.35)


def pressed(picture: Image.Image) -> Image.Image:
    """As a messenger sends it."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=30)
    return Image.open(out).convert("L")


def crumpled(picture: Image.Image) -> Image.Image:
    """Waves of two dots over the paper, as after folding and smoothing."""

    def moved(x: float, y: float) -> tuple[float, float]:
        return x + 2 * math.sin(y / 37), y + 2 * math.sin(x / 29)

    step, mesh = 40, []
    for top, left in itertools.product(range(0, picture.height, step), range(0, picture.width, step)):
        right, bottom = min(left + step, picture.width), min(top + step, picture.height)
        corners = (moved(left, top), moved(left, bottom), moved(right, bottom), moved(right, top))
        mesh.append(((left, top, right, bottom), tuple(part for corner in corners for part in corner)))
    return picture.transform(picture.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC, fillcolor=255)


def tilted(picture: Image.Image) -> Image.Image:
    """Photographed from the side."""
    width, height = picture.size
    lean = width * 0.06
    corners = (-lean, -lean / 2, 0, height, width, height + lean, width + lean / 2, 0)
    return picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=255)


TURNS = {f"turned {angle}": turned(angle) for angle in (0, 2, 7, 12, 45, 90, 180, 271)}
LIGHT: dict[str, tuple[Distortion, ...]] = {
    "clean": (), "noise 25": (noisy(25),), "noise 45": (noisy(45),), "blur 0.8": (blurred(0.8),),
    "blur 1.2": (blurred(1.2),), "blur 0.8 and noise 25": (blurred(0.8), noisy(25)), "pale": (pale,),
    "pale and noise 15": (pale, noisy(15)), "JPEG 30": (pressed,), "crumpled": (crumpled,),
    "crumpled, blur 0.8, noise 25": (crumpled, blurred(0.8), noisy(25)), "tilted": (tilted,),
}  # fmt: skip


UNREAD: dict[str, list[str]] = {
    "page": [],
    "slip": ["turned 45, crumpled, blur 0.8, noise 25"],
}  # the figure: 191 of 192


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Image.Image, str]]]:
    """Scans at 150 dpi of a page and of a slip, each with what its symbol holds."""
    folder = tmp_path_factory.mktemp("papers")
    code = encode(random.Random(137).randbytes(137))  # a real one is new each time, and the figure should not be
    page = issued(contributions(), signed_code=code)
    (folder / "page.pdf").write_bytes(render_a4(page, "zh", AT))
    subprocess.run(
        ["pdftoppm", "-r", str(DPI), "-gray", "-singlefile", "-png", "page.pdf", "page"], cwd=folder, check=True
    )
    slip = issued(contributions(), Medium.SLIP, signed_code=code)
    paper = SlipPicture()
    for token, _raw in Decoder().feed(render_slip(slip, "zh", AT)):
        if isinstance(token, Text | Op):
            paper.apply(token)
    burnt = paper.image().convert("L")
    size = (round(burnt.width * DPI / SLIP_DPI), round(burnt.height * DPI / SLIP_DPI))
    yield {
        "page": (Image.open(folder / "page.png").convert("L"), scan_text(page)),
        "slip": (burnt.resize(size, Image.Resampling.LANCZOS), scan_text(slip)),
    }


@pytest.mark.parametrize("name", ["page", "slip"])
def test_every_scan_of_the_matrix_is_read(papers: dict[str, tuple[Image.Image, str]], name: str) -> None:
    scan, text = papers[name]
    at_once, unread = 0, []
    for turn, light in itertools.product(TURNS, LIGHT):
        picture = TURNS[turn](scan)
        for distortion in LIGHT[light]:
            picture = distortion(picture)
        found = zxingcpp.read_barcodes(picture)
        at_once += text in [each.text for each in found]
        if text not in in_picture(picture):
            unread.append(f"{turn}, {light}")
    print(f"\n{name}: {at_once} of {len(TURNS) * len(LIGHT)} read at once, {len(unread)} not at all")  # noqa: T201
    assert unread == UNREAD[name]


def test_a_hopeless_scan_is_not_read(papers: dict[str, tuple[Image.Image, str]]) -> None:
    assert list(in_picture(blurred(6)(papers["page"][0]))) == []
