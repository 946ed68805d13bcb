"""Fonts for paper: which file draws which character, and how wide it is. Nothing is drawn unchecked.

LXGW WenKai → HanaMinA → HanaMinB cover all 87,887 Han characters of GB 18030-2022 level 3 (test_fonts counts them).
Private-use characters are always refused: their meaning is each font's own.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from reportlab.pdfbase import ttfonts

from printing.errors import FontMissing, MissingGlyph

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
CHAIN = (
    ("WenKai", "LXGWWenKai-Regular.ttf"),
    ("HanaMinA", "HanaMinA.ttf"),
    ("HanaMinB", "HanaMinB.ttf"),
)
MAIN = CHAIN[0][0]
HALF_WIDTH = "LXGWWenKaiMono-Bold.ttf"
FILES = dict(CHAIN)


@dataclass(frozen=True)
class Run:
    """Text that one font can draw."""

    font: str
    text: str


@cache
def font_file(file_name: str) -> Path:
    """Where a font file is installed; FontMissing when it isn't."""
    for folder in FONT_FOLDERS:
        for path in folder.rglob(file_name):
            return path
    raise FontMissing(file_name)


@cache
def face(name: str) -> ttfonts.TTFontFace:
    """A font of `FILES`, read once (75 ms for WenKai here, 0.2 s for HanaMinB)."""
    return ttfonts.TTFontFace(str(font_file(FILES[name])))


@cache
def _characters(name: str) -> frozenset[str]:
    return frozenset(map(chr, face(name).charToGlyph))


def load() -> None:
    """Load the main font; the fallbacks (70 MB) are loaded when a character needs them."""
    _characters(MAIN)


@lru_cache(maxsize=8192)
def font_for(char: str) -> str | None:
    """The first font of the chain that has this character; None for private use and for what none has."""
    code = ord(char)
    if 0xE000 <= code <= 0xF8FF or code >= 0xF0000:
        return None
    return next((name for name, _file in CHAIN if char in _characters(name)), None)


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


class _Widths(dict[str, float]):
    """Character → width in parts of the em, filled on the way."""

    def __missing__(self, char: str) -> float:
        (run,) = runs(char)
        found = self[char] = float(face(run.font).charWidths[ord(char)]) / 1000
        return found


_widths = _Widths()


@lru_cache(maxsize=16384)
def ems(text: str) -> float:
    """Width in parts of the em; MissingGlyph when a character can't be drawn."""
    return sum(map(_widths.__getitem__, text))


def width(text: str, size: float) -> float:
    """Width in points."""
    return ems(text) * size
