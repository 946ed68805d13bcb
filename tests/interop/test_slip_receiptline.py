"""Our slips' text bytes against those of receiptline, an independent encoder: the same, but for what is named here."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend_client.contract.contributions import Contributions
from backend_client.contract.documents import IssuedDocument, Medium
from backend_client.contract.family_planning import FamilyPlanning
from printing import escpos_bytes as eb
from printing.profiles import Profile, profiles
from printing.slip import render_slip
from printing.words import Language
from simulators.escpos import Decoder, Op, Text
from tests.samples import contributions, family_planning, issued

AT = datetime(2017, 1, 2, 3, 4, tzinfo=UTC)
NODE = Path(sys.executable).with_name("node")
HERE = Path(__file__).parent / "receiptline"
RECORDS: dict[str, Contributions | FamilyPlanning] = {
    "contributions": contributions(), "family planning": family_planning(), "no rows": contributions(rows=()),
    "rare name": contributions("\U00020164䶮"), "minority name": family_planning("阿依古丽·买买提"),
}  # fmt: skip
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


@dataclass(frozen=True)
class Sent:
    """A text line as it left us: its bytes, with those that set it; where it stands; how large."""

    raw: bytes
    text: str
    align: int
    scale: int


def lines_of(slip: bytes) -> Iterator[Sent]:
    """Text lines of a slip; pictures and symbols are left out."""
    raw, text, align, scale = b"", b"", 0, 1
    for token, own in Decoder().feed(slip):
        if isinstance(token, Text):
            raw, text = raw + own, text + token.raw
        elif not isinstance(token, Op) or token.name in ("raster", "long-k"):
            raw = b""
        elif token.name == "line-feed":
            if text:
                yield Sent(raw + own, text.decode("gbk"), align, scale)
            raw, text = b"", b""
        else:
            raw += own
            align = token.args[0] if token.name == "align" else align
            scale = token.args[0] % 16 + 1 if token.name == "size" and not text else scale


def document(line: Sent) -> str:
    """The same line in receiptline's language: every special character escaped, blanks as ~, aligned, sized, bold."""
    text = re.sub(r'([\\|{}~_"`^=\-])', r"\\\1", line.text).replace(" ", "~")
    text = f'"{text}"' if eb.BOLD_ON in line.raw else text
    text = "^^^" + text if line.scale == 2 else text
    return (f"|{text}", text, f"{text}|")[line.align]


def theirs(lines: list[Sent], columns: int) -> list[bytes]:
    """What receiptline sends for each line."""
    asked = json.dumps({"documents": [document(line) for line in lines], "cpl": columns})
    command = [str(NODE), "encode.mjs"]
    done = subprocess.run(command, cwd=HERE, input=asked, capture_output=True, text=True, check=True)
    return [bytes.fromhex(each) for each in json.loads(done.stdout)]


def bare(raw: bytes, table: dict[bytes, str]) -> bytes:
    """Without the named differences, each at every place where it stands."""
    return re.sub(b"|".join(table), b"", raw, flags=re.DOTALL).replace(*BOLD)


def slips(record: str, language: Language, profile: Profile) -> bytes:
    """One of our slips."""
    slip: IssuedDocument = issued(RECORDS[record], Medium.SLIP)
    return render_slip(slip, language, AT, place="广州市海珠区赤岗街道办事处（测试）", profile=profile)


@pytest.mark.parametrize("name", ["generic-80", "generic-58", "gbk-80", "clone-58"])
def test_every_text_line_is_sent_as_receiptline_sends_it(name: str) -> None:
    profile = profiles()[name]
    languages: tuple[Language, ...] = ("zh", "en")
    lines = [
        line for record in RECORDS for language in languages for line in lines_of(slips(record, language, profile))
    ]
    assert len(lines) > 150 and {line.scale for line in lines} == {1, 2} and {line.align for line in lines} >= {0, 1}
    for line, sent in zip(lines, theirs(lines, profile.columns), strict=True):
        assert bare(line.raw, NOT_THEIRS) == bare(sent, NOT_OURS), line.text
        place = re.search(rb"\x1b\$(..)(?:\x1b\\(..))?", sent, re.DOTALL)
        assert place, line.text
        begins = sum(int.from_bytes(part, "little") for part in place.groups(default=b""))
        width = eb.columns(line.text) * line.scale * 12
        assert begins == (0, (profile.dots - width) // 2, profile.dots - width)[line.align], line.text


def test_a_printer_without_chinese_gets_no_chinese_text() -> None:
    profile = profiles()["no-chinese-80"]
    lines = list(lines_of(slips("contributions", "zh", profile)))
    assert lines and all(line.text.isascii() for line in lines)
    for line, sent in zip(lines, theirs(lines, profile.columns), strict=True):
        assert bare(line.raw, NOT_THEIRS) == bare(sent, NOT_OURS)


@pytest.mark.parametrize("name", ["generic-80", "generic-58"])
def test_a_character_that_the_font_may_lack_is_a_picture(name: str) -> None:
    lines = list(lines_of(slips("rare name", "zh", profiles()[name])))
    assert not any("䶮" in line.text or "\U00020164" in line.text for line in lines)
    assert b"\x1dv0" in slips("rare name", "zh", profiles()[name])
