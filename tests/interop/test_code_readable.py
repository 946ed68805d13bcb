"""The code on paper, read by an independent decoder from a scan: turned, noisy, blurred, pale, crumpled.

A fixed matrix, so that its figures can be compared: `pytest tests/interop/test_code_readable.py -s` prints them.
Scans are cut to the surroundings of the code; that it is found on whole papers is in `test_paper.py`.
"""

import io
import itertools
import math
import random
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageEnhance, ImageFilter

from backend_client.contract.documents import Medium
from backend_client.contract.seal import encode, scan_text
from central.evidence import in_picture
from printing.a4 import render_a4
from printing.profiles import DEFAULT
from printing.slip import render_slip
from tests.samples import contributions, issued
from tests.slips import burnt

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


TURNS = {f"turned {angle}": turned(angle) for angle in (0, 7, 45, 90, 183)}
LIGHT: dict[str, tuple[Distortion, ...]] = {
    "clean": (), "noise 25": (noisy(25),), "noise 45": (noisy(45),), "blur 0.8": (blurred(0.8),),
    "blur 1.2": (blurred(1.2),), "blur 0.8 and noise 25": (blurred(0.8), noisy(25)), "pale": (pale,),
    "pale and noise 15": (pale, noisy(15)), "JPEG 30": (pressed,), "crumpled": (crumpled,),
    "crumpled, blur 0.8, noise 25": (crumpled, blurred(0.8), noisy(25)), "tilted": (tilted,),
}  # fmt: skip
# 176 of 180. Crumpled along its diagonals a symbol of this many modules is bent by more than half a module between its
# alignment marks. Larger doesn't help: modules of 5 and 6 dots at 150 dpi are read in 4 of 6 such angles, 4 dots in 6
# of 6; level L reads 21 of 24, M 19, Q 13, H 4 (crumpled, blurred and noisy, the same 30 mm).
BENT = "crumpled, blur 0.8, noise 25"
UNREAD = {
    ("page, 150 dpi", "turned 45", BENT), ("slip, 150 dpi", "turned 45", BENT),
    ("slip of 3-dot modules, 203 dpi", "turned 45", BENT), ("slip of 3-dot modules, 203 dpi", "turned 45", "crumpled"),
}  # fmt: skip
PAPERS = ("page, 150 dpi", "slip, 150 dpi", "slip of 3-dot modules, 203 dpi")


def around_code(paper: Image.Image) -> Image.Image:
    """The code and a finger's width around it."""
    (found,) = zxingcpp.read_barcodes(paper)
    left, top, right, bottom = found.position.top_left, found.position.top_left, *[found.position.bottom_right] * 2
    return paper.crop((max(left.x - 120, 0), max(top.y - 120, 0), min(right.x + 120, paper.width), bottom.y + 120))


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Image.Image, str]]:
    """Of each paper the scan, and what its symbol holds."""
    folder = tmp_path_factory.mktemp("papers")
    code = encode(random.Random(137).randbytes(137))  # a real one is new each time, and the figure should not be
    page, slip = issued(contributions(), signed_code=code), issued(contributions(), Medium.SLIP, signed_code=code)
    (folder / "page.pdf").write_bytes(render_a4(page, "zh", AT))
    subprocess.run(
        ["pdftoppm", "-r", str(DPI), "-gray", "-singlefile", "-png", "page.pdf", "page"], cwd=folder, check=True
    )
    four, three = (burnt(render_slip(slip, "zh", AT, profile=replace(DEFAULT, module=dots))) for dots in (4, 3))
    size = (round(four.width * DPI / SLIP_DPI), round(four.height * DPI / SLIP_DPI))
    papers = (Image.open(folder / "page.png").convert("L"), four.resize(size, Image.Resampling.LANCZOS), three)
    texts = (scan_text(page), scan_text(slip), scan_text(slip))
    return {name: (around_code(paper), text) for name, paper, text in zip(PAPERS, papers, texts, strict=True)}


def read(scan: Image.Image, text: str, distortions: tuple[Distortion, ...]) -> str:
    """`1` read at once, `2` read by central's further tries, `-` not read."""
    for distortion in distortions:
        scan = distortion(scan)
    if text in [each.text for each in zxingcpp.read_barcodes(scan)]:
        return "1"
    return "2" if text in in_picture(scan) else "-"


def test_every_scan_of_the_matrix_is_read(scans: dict[str, tuple[Image.Image, str]]) -> None:
    table, unread = [], []
    for light, paper in itertools.product(LIGHT, PAPERS):
        found = [read(*scans[paper], (turn, *LIGHT[light])) for turn in TURNS.values()]
        table.append(f"{light:30} {paper:32} {' '.join(found)}")
        unread += [(paper, turn, light) for turn, result in zip(TURNS, found, strict=True) if result == "-"]
    print("\n" + f"{'angle':63}" + " ".join(str(turn)[7:] for turn in TURNS), *table, sep="\n")  # noqa: T201
    assert len(table) * len(TURNS) == 180
    assert set(unread) == UNREAD


def test_a_hopeless_scan_is_not_read(scans: dict[str, tuple[Image.Image, str]]) -> None:
    scan, text = scans[PAPERS[0]]
    assert read(scan, text, (blurred(6),)) == "-"
