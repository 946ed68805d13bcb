"""Fonts for paper: which file draws which character, with reportlab's defects closed. Nothing is drawn unchecked.

LXGW WenKai → HanaMinA → HanaMinB cover all 87,887 Han characters of GB 18030-2022 level 3 (printing.md section 2).
A missing glyph is silent in reportlab, so every text passes `runs` first. Private-use characters are always refused.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics, ttfonts

from printing.errors import FontMissing, MissingGlyph

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
CHAIN = (
    ("WenKai", "LXGWWenKai-Regular.ttf"),
    ("HanaMinA", "HanaMinA.ttf"),
    ("HanaMinB", "HanaMinB.ttf"),
)
MAIN = CHAIN[0][0]
ENTRIES_PER_BLOCK = 100


@dataclass(frozen=True)
class Run:
    """Text that one font can draw."""

    font: str
    text: str


def _to_unicode_cmap(font_name: str, subset: list[int]) -> str:
    """ToUnicode CMap with UTF-16BE values in blocks of at most 100 entries.

    reportlab 5.1 writes code points beyond the BMP as five hex digits and puts 128 entries into one block; poppler then
    reads wrong characters and ghostscript none (printing.md section 1). PDF 32000-1, 9.10.3.
    """
    lines = [f"<{code:02X}> <{chr(char).encode('utf-16-be', 'surrogatepass').hex().upper()}>"
             for code, char in enumerate(subset)]  # fmt: skip
    blocks = [lines[start : start + ENTRIES_PER_BLOCK] for start in range(0, len(lines), ENTRIES_PER_BLOCK)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        f"/CIDSystemInfo << /Registry ({font_name}) /Ordering ({font_name}) /Supplement 0 >> def\n"
        f"/CMapName /{font_name} def\n/CMapType 2 def\n1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    )


setattr(ttfonts, "makeToUnicodeCMap", _to_unicode_cmap)  # noqa: B010  # its stub fixes the parameter names


@cache
def font_file(file_name: str) -> Path:
    """Where a font file is installed; FontMissing when it isn't."""
    for folder in FONT_FOLDERS:
        for path in folder.rglob(file_name):
            return path
    raise FontMissing(file_name)


@cache
def _face(name: str, file_name: str) -> ttfonts.TTFont:
    font = ttfonts.TTFont(name, str(font_file(file_name)))
    pdfmetrics.registerFont(font)
    return font


def load() -> None:
    """Load the main font; the fallbacks (70 MB) are loaded when a character needs them."""
    _face(*CHAIN[0])


@lru_cache(maxsize=8192)
def font_for(char: str) -> str | None:
    """The first font of the chain that has this character; None for private use and for what none has."""
    code = ord(char)
    if 0xE000 <= code <= 0xF8FF or code >= 0xF0000:
        return None
    for name, file_name in CHAIN:
        if code in _face(name, file_name).face.charToGlyph:
            return name
    return None


@lru_cache(maxsize=8192)
def runs(text: str) -> tuple[Run, ...]:
    """The text cut into runs of one font each; MissingGlyph when a character can't be drawn."""
    found: list[Run] = []
    missing = ""
    for char in text:
        font = font_for(char)
        if font is None:
            missing += char
        elif found and found[-1].font == font:
            found[-1] = Run(font, found[-1].text + char)
        else:
            found.append(Run(font, char))
    if missing:
        raise MissingGlyph(missing)
    return tuple(found)


def width(text: str, size: float) -> float:
    """Width in points."""
    return float(sum(pdfmetrics.stringWidth(run.text, run.font, size) for run in runs(text)))
