"""Draws what a 576-dot thermal head would burn: text lines, raster blocks, QR symbols. No I/O."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from simulators.escpos import Op, Text
from simulators.qr_symbol import QrSettings, draw_qr

WIDTH = 576
CELL = 24  # a 汉字 is 24 dots wide and high; a half-width character 12 wide
DEFAULT_SPACING = 30
FONTS = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf"),
)


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    for path in FONTS:
        if path.exists():
            return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
    raise RuntimeError("No Chinese font for the slip picture; install fonts-noto-cjk or fonts-lxgw-wenkai.")


@dataclass(frozen=True)
class Mode:
    """Print mode as the commands set it."""

    kanji: bool = False
    bold: bool = False
    width: int = 1
    height: int = 1
    align: int = 0
    spacing: int = DEFAULT_SPACING


@lru_cache(maxsize=4096)
def _glyph(character: str, half: bool, bold: bool, width: int, height: int) -> Image.Image:
    cell = (CELL // 2 if half else CELL, CELL)
    image = Image.new("1", cell, 0)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    size = 20 if half else 23
    middle, stroke = (cell[0] / 2, CELL / 2 - 1), 1 if bold else 0
    draw.text(middle, character, fill=1, font=_font(size), anchor="mm", stroke_width=stroke)
    return image.resize((cell[0] * width, cell[1] * height))


def _characters(raw: bytes, kanji: bool) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    index = 0
    while index < len(raw):
        if kanji and raw[index] >= 0x81 and index + 1 < len(raw):
            found.append((raw[index : index + 2].decode("gbk", errors="replace"), False))
            index += 2
        else:
            byte = raw[index]
            found.append((chr(byte) if byte < 0x80 else "?", True))
            index += 1
    return found


@dataclass
class SlipPicture:
    """The paper since the last cut, `width` dots wide; `height` is how many dot rows are burnt."""

    width: int = WIDTH
    mode: Mode = field(default_factory=Mode)
    blocks: list[Image.Image] = field(default_factory=list)
    line: list[Image.Image] = field(default_factory=list)
    qr: QrSettings = field(default_factory=QrSettings)
    height: int = 0

    def apply(self, token: Text | Op) -> int:
        """Do one step; gives the dot rows that it burnt."""
        before = self.height
        if isinstance(token, Text):
            self._text(token.raw)
        elif token.name in MODES:
            self.mode = MODES[token.name](self.mode, token.args)
        elif token.name in PICTURES:
            PICTURES[token.name](self, token.args)
        return self.height - before

    def image(self) -> Image.Image:
        """The paper as a black-and-white picture, as wide as its head."""
        paper = Image.new("1", (self.width, max(self.height, 1)), 1)
        top = 0
        for block in self.blocks:
            paper.paste(Image.eval(block.convert("L"), lambda v: 255 - v).convert("1"), (0, top))
            top += block.height
        return paper

    @property
    def empty(self) -> bool:
        """Nothing burnt and nothing waiting."""
        return self.height == 0 and not self.line

    def _text(self, raw: bytes) -> None:
        for character, half in _characters(raw, self.mode.kanji):
            glyph = _glyph(character, half, self.mode.bold, self.mode.width, self.mode.height)
            if sum(g.width for g in self.line) + glyph.width > self.width:
                self._line_feed(b"")
            self.line.append(glyph)

    def _line_feed(self, _args: bytes) -> None:
        height = max([self.mode.spacing, *(g.height + 6 for g in self.line)])
        block = Image.new("1", (self.width, height), 0)
        room = self.width - sum(g.width for g in self.line)
        start = (0, room // 2, room)[self.mode.align]
        for glyph in self.line:
            block.paste(glyph, (start, height - glyph.height - 3))
            start += glyph.width
        self.line = []
        self._burn(block)

    def _burn(self, block: Image.Image) -> None:
        self.blocks.append(block)
        self.height += block.height

    def _feed(self, dots: int) -> None:
        if dots:
            self._burn(Image.new("1", (self.width, dots), 0))

    def _feed_lines(self, args: bytes) -> None:
        if self.line:
            self._line_feed(b"")
        self._feed(args[0] * self.mode.spacing)

    def _place(self, picture: Image.Image) -> None:
        block = Image.new("1", (self.width, picture.height), 0)
        room = max(self.width - picture.width, 0)
        block.paste(picture, ((0, room // 2, room)[self.mode.align], 0))
        self._burn(block)

    def _raster(self, args: bytes) -> None:
        width, height = args[1] | args[2] << 8, args[3] | args[4] << 8
        if not width or not height:
            return
        picture = Image.frombytes("1", (width * 8, height), args[5:])
        scale = (2 if args[0] & 1 else 1, 2 if args[0] & 2 else 1)
        self._place(picture.resize((picture.width * scale[0], picture.height * scale[1])))

    def _qr(self, args: bytes) -> None:
        self.qr, symbol = draw_qr(self.qr, args)
        if symbol is not None:
            self._place(symbol)


def _align(mode: Mode, args: bytes) -> Mode:
    return replace(mode, align={0: 0, 48: 0, 1: 1, 49: 1, 2: 2, 50: 2}.get(args[0], mode.align))


def _size(mode: Mode, args: bytes) -> Mode:
    return replace(mode, width=(args[0] >> 4 & 7) + 1, height=(args[0] & 7) + 1)


def _kanji_mode(mode: Mode, args: bytes) -> Mode:
    return replace(mode, width=2 if args[0] & 4 else 1, height=2 if args[0] & 8 else 1)


def _print_mode(mode: Mode, args: bytes) -> Mode:
    wide, high = args[0] & 0x20, args[0] & 0x10
    return replace(mode, bold=bool(args[0] & 8), width=2 if wide else 1, height=2 if high else 1)


MODES: dict[str, Callable[[Mode, bytes], Mode]] = {
    "init": lambda _mode, _args: Mode(),
    "align": _align,
    "bold": lambda mode, args: replace(mode, bold=bool(args[0] & 1)),
    "mode": _print_mode,
    "size": _size,
    "kanji-on": lambda mode, _args: replace(mode, kanji=True),
    "kanji-off": lambda mode, _args: replace(mode, kanji=False),
    "kanji-mode": _kanji_mode,
    "spacing": lambda mode, args: replace(mode, spacing=args[0]),
    "default-spacing": lambda mode, _args: replace(mode, spacing=DEFAULT_SPACING),
}
PICTURES: dict[str, Callable[[SlipPicture, bytes], None]] = {
    "line-feed": SlipPicture._line_feed,
    "feed-lines": SlipPicture._feed_lines,
    "feed-dots": lambda picture, args: picture._feed(args[0]),
    "raster": SlipPicture._raster,
    "long-k": SlipPicture._qr,
}
