"""Our slips' text bytes against those of receiptline, an independent encoder: the same, but for what is named here."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from printing.escpos_bytes import ALIGN, Line, columns, gbk_text
from printing.profiles import Profile, profiles
from printing.words import Language
from tests.slips import RECORDS, lines_sent

NODE = Path(sys.executable).with_name("node")
HERE = Path(__file__).parent / "receiptline"
PICTURE = ALIGN["left"] + b"\x1dv0"
# What receiptline sends beside a line's text, and why we don't: taken out before the bytes are compared.
NOT_OURS = {
    rb"\x1b@": "ESC @: ours is once at the head of the slip",
    rb"\x1da\x00": "GS a 0, no automatic status: ours belongs to the status client, not to the slip",
    rb"\x1bM0|\x1c\(A\x02\x000\x00": "font A of both alphabets: what ESC @ leaves",
    rb"\x1b \x00|\x1cS\x00\x00": "no space between characters: what ESC @ leaves",
    rb"\x1b3\x00": "line spacing 0, so that its ruled lines join: ours are of hyphens, at the usual spacing",
    rb"\x1b\{\x00": "ESC {, not upside down: what ESC @ leaves",
    rb"\x1c\.": "FS ., Kanji off around its code pages: we use none",
    rb"\x1b-0\x1c-0\x1bE0\x1dB0\x1d!\x00": "all styles off before each run: ours go off behind each line",
    rb"\x1d[LW]..": "print area: ours is the whole width",
    rb"\x1ba\x00": "alignment by the printer off: it places each run by dots",
    rb"\x1b[$\\]..": "place in dots: ours is ESC a; that both begin at the same dot is a test of its own",
    rb"\x1bt\x00": "ESC t 0: code page of half-width characters above 7F, of which we send none",
    rb"\x1c&": "FS &, Kanji on before each run: ours is once behind ESC @",
    rb"\x1dr1": "GS r, its status question: ours is GS ( H",
}
# What we send beside a line's text.
NOT_THEIRS = {
    rb"\x1b@\x1c&": "both once, at the head of the slip",
    rb"\x1ba[\x00-\x02]": "ESC a, alignment by the printer",
    rb"\x1d!\x00|\x1bE\x00": "size and bold off, behind each line and before a plain one",
}
BOLD = (b"\x1bE1", b"\x1bE\x01")  # the same: only the lowest bit counts


def document(line: Line) -> str:
    """The line in receiptline's language: every special character escaped, blanks as ~, aligned, sized, bold."""
    text = re.sub(r'([\\|{}~_"`^=\-])', r"\\\1", line.text).replace(" ", "~")
    text = f'"{text}"' if line.bold else text
    text = "^^^" + text if line.scale == 2 else text
    return {"left": f"|{text}", "centre": text, "right": f"{text}|"}[line.align]


def theirs(lines: list[Line], columns: int) -> list[bytes]:
    """What receiptline sends for each line."""
    asked = json.dumps({"documents": [document(line) for line in lines], "cpl": columns})
    command = [str(NODE), "encode.mjs"]
    done = subprocess.run(command, cwd=HERE, input=asked, capture_output=True, text=True, check=True)
    return [bytes.fromhex(each) for each in json.loads(done.stdout)]


def bare(raw: bytes, table: dict[bytes, str]) -> bytes:
    """Without the named differences, each at every place where it stands."""
    return re.sub(b"|".join(table), b"", raw, flags=re.DOTALL).replace(*BOLD)


def text_lines(profile: Profile) -> list[tuple[Line, bytes]]:
    """The lines of every slip that are sent as text, as they were meant and as they were sent."""
    languages: tuple[Language, ...] = ("zh", "en")
    slips = [lines_sent(record, language, profile) for record in RECORDS for language in languages]
    return [(line, raw) for slip in slips for line, raw in slip if not raw.startswith(PICTURE)]


def begins(sent: bytes) -> int:
    """The dot at which receiptline begins a line: an absolute and a relative place."""
    place = re.search(rb"\x1b\$(..)(?:\x1b\\(..))?", sent, re.DOTALL)
    assert place
    return sum(int.from_bytes(part, "little") for part in place.groups(default=b""))


@pytest.mark.parametrize("name", ["generic-80", "generic-58", "gbk-80", "clone-58", "no-chinese-80"])
def test_every_text_line_is_sent_as_receiptline_sends_it(name: str) -> None:
    profile = profiles()[name]
    lines = text_lines(profile)
    assert len(lines) > (40 if profile.charset == "ascii" else 300)
    for (line, raw), sent in zip(lines, theirs([line for line, _raw in lines], profile.columns), strict=True):
        assert bare(raw, NOT_THEIRS) == bare(sent, NOT_OURS), line.text
        width = columns(line.text) * line.scale * 12
        assert (
            begins(sent)
            == {"left": 0, "centre": (profile.dots - width) // 2, "right": profile.dots - width}[line.align]
        ), line.text
        assert raw.startswith(ALIGN[line.align])


def test_all_ways_of_setting_a_line_are_compared() -> None:
    lines = [line for name in ("generic-80", "generic-58") for line, _raw in text_lines(profiles()[name])]
    assert {(line.align, line.scale, line.bold) for line in lines} == {
        ("left", 1, False), ("left", 1, True), ("centre", 1, False), ("centre", 2, False), ("right", 1, False),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["generic-80", "generic-58", "gbk-80", "no-chinese-80"])
def test_what_the_printers_font_may_lack_is_a_picture(name: str) -> None:
    profile = profiles()[name]
    lacking = {"gb2312": "\U00020164䶮", "gbk": "\U00020164", "ascii": "姓名参保测"}[profile.charset]
    for line, raw in lines_sent("rare name", "zh", profile):
        assert raw.startswith(PICTURE) or not set(line.text) & set(lacking), line.text
        assert raw.startswith(PICTURE) == (gbk_text(line.text, profile) is None)
