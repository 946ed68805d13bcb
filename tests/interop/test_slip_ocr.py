"""Pictures of our slips read back by tesseract: every number exactly, the Chinese words nearly all.

Measured (tesseract 5.3.0, chi_sim 4.1.0): the figures under `SLIPS`. `pytest tests/interop/test_slip_ocr.py -s` prints
them again. Asterisks of masked names and numbers and the symbol are beyond the reader and are left out.
"""

import os
import re
import subprocess
from collections import Counter
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from backend_client.contract.documents import Medium
from backend_client.contract.seal import scan_text
from printing.profiles import profiles
from printing.slip import render_slip
from tests.samples import family_planning, issued
from tests.slips import AT, PLACE, burnt, document, lines_sent

LARGER = 2  # times; tesseract wants 300 dpi, a slip has 203
BORDER = 40
# (profile, record): the least part of the Chinese characters that must come back, in order; behind it what came back.
SLIPS = {
    ("generic-80", "contributions"): 0.97,  # 1.000
    ("generic-58", "family planning"): 0.95,  # 0.978
    ("no-chinese-80", "contributions"): 0.95,  # 0.979, every line a picture
    ("generic-58", "rare name"): 0.97,  # 1.000
}


def read_back(paper: Image.Image, folder: Path) -> str:
    """What tesseract reads; the symbol is covered."""
    for found in zxingcpp.read_barcodes(paper):
        corners = found.position.top_left, found.position.bottom_right
        ImageDraw.Draw(paper).rectangle([(corner.x, corner.y) for corner in corners], fill=255)
    large = paper.resize((paper.width * LARGER, paper.height * LARGER), Image.Resampling.LANCZOS)
    sheet = Image.new("L", (large.width + 2 * BORDER, large.height + 2 * BORDER), 255)
    sheet.paste(large, (BORDER, BORDER))
    sheet.save(folder / "slip.png", dpi=(203 * LARGER, 203 * LARGER))
    command = ["tesseract", "slip.png", "-", "-l", "chi_sim", "--psm", "6", "-c", "preserve_interword_spaces=1"]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def numbers(text: str) -> Counter[str]:
    """Figures of two digits and more, with their points, colons and hyphens; not those of masked numbers."""
    plain = re.sub(r"\S*\d\S*\*\S*", "", text)
    plain = re.sub(r"(?<=\d)\s?([.:])\s?(?=\d)", r"\1", plain)
    return Counter(found.strip(".:-") for found in re.findall(r"\d[\d.:-]+", plain))


def han(text: str) -> str:
    """The Chinese characters."""
    return "".join(re.findall(r"[\u3400-\u9fff]", text))


@pytest.mark.parametrize(("name", "record"), SLIPS, ids=" ".join)
def test_a_slip_is_read_back(name: str, record: str, tmp_path: Path) -> None:
    profile = profiles()[name]
    paper = burnt(render_slip(document(record), "zh", AT, place=PLACE, profile=profile), profile)
    assert [found.text for found in zxingcpp.read_barcodes(paper)] == [scan_text(document(record))]
    meant = "\n".join(line.text for line, _raw in lines_sent(record, "zh", profile))
    found, wanted = read_back(paper, tmp_path), numbers(meant)
    same = SequenceMatcher(None, han(meant), han(found), autojunk=False)
    alike = sum(block.size for block in same.get_matching_blocks()) / len(han(meant))
    print(f"\n{name} {record}: {wanted.total()} numbers, missing {dict(wanted - numbers(found))}, Chinese {alike:.3f}")  # noqa: T201
    assert wanted.total() >= 10
    assert wanted - numbers(found) == Counter()
    assert alike >= SLIPS[name, record]


def test_one_wrong_figure_is_seen(tmp_path: Path) -> None:
    profile, record = profiles()["generic-58"], family_planning()
    wrong = issued(record.model_copy(update={"issue_date": date(2016, 3, 7)}), Medium.SLIP)
    read = numbers(read_back(burnt(render_slip(wrong, "zh", AT, profile=profile), profile), tmp_path))
    assert "2016-03-07" in read and "2016-03-02" not in read
