"""Slip lines as ESC/POS bytes: strict GBK as text with FS &, any other line as raster. No device.

python-escpos's own `.text()` is not used: it loses Chinese punctuation and rare characters silently and never sends
FS & (printing.md section 3). Its raster is, after a scan for the real-time trap.
"""

from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from printing import fonts

COLUMNS = 48
DOTS = 576
HEIGHT = 30
PROFILE = "TM-T20II"  # 576 dots; without a profile python-escpos prints a warning on standard output
INIT_CHINESE = b"\x1b@\x1c&"
BOLD_ON, BOLD_OFF = b"\x1bE\x01", b"\x1bE\x00"
ALIGN = {"left": b"\x1ba\x00", "centre": b"\x1ba\x01", "right": b"\x1ba\x02"}
FEED_AND_CUT = b"\x1dVB\x00"
TRAPS = tuple(bytes([0x10, second]) for second in (0x04, 0x05, 0x14))


@dataclass(frozen=True)
class Line:
    """One printed line; `scale` 1 or 2 (both ways)."""

    text: str
    align: str = "left"
    scale: int = 1
    bold: bool = False


def columns(text: str) -> int:
    """Half-width columns that a text takes."""
    return sum(1 if ord(char) < 0x80 else 2 for char in text)


def pair(left: str, right: str) -> Line:
    """Left and right on one line of 48 columns; on two when they don't fit."""
    gap = COLUMNS - columns(left) - columns(right)
    return Line(f"{left}{' ' * gap}{right}") if gap >= 1 else Line(f"{left} {right}")


def gbk_text(text: str) -> bytes | None:
    """Strict GBK without user-defined areas, or None when a printer's GBK font can't be trusted with it."""
    try:
        raw = text.encode("gbk")
    except UnicodeEncodeError:
        return None
    return raw if all(font_safe(char) for char in text) else None


def font_safe(char: str) -> bool:
    """ASCII, or a character of GB 2312, which every Chinese printer has."""
    if ord(char) < 0x80:
        return 0x20 <= ord(char) < 0x7F
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def encode_line(line: Line) -> bytes:
    """One line with its mode, ended by a line feed (text) or as raster."""
    if not line.text:
        return b"\n"
    raw = gbk_text(line.text)
    if raw is None:
        return ALIGN["left"] + raster_line(line)
    size = b"\x1d!" + bytes([(line.scale - 1) * 0x11])
    bold = BOLD_ON if line.bold else BOLD_OFF
    return ALIGN[line.align] + size + bold + raw + b"\n" + b"\x1d!\x00" + BOLD_OFF


@lru_cache(maxsize=8)
def _image_font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def raster_line(line: Line) -> bytes:
    """The line drawn with our own fonts; MissingGlyph when none has a character."""
    size, height = 24 * line.scale, HEIGHT * line.scale + 4
    image = Image.new("1", (DOTS, height), 1)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    pieces = [(run.text, _image_font(str(fonts.font_file(dict(fonts.CHAIN)[run.font])), size))
              for run in fonts.runs(line.text)]  # fmt: skip
    total = sum(font.getlength(text) for text, font in pieces)
    x = {"left": 0.0, "centre": (DOTS - total) / 2, "right": DOTS - total}[line.align]
    for text, font in pieces:
        draw.text((x, height - 6), text, fill=0, font=font, anchor="ls", stroke_width=int(line.bold))
        x += font.getlength(text)
    return safe_raster(image)


def safe_raster(image: Image.Image) -> bytes:
    """GS v 0 bytes without 10 04, 10 05 or 10 14 in them: many printers act on those anywhere (7.6 % of lines hit).

    Shifted by one dot until none is left.
    """
    from escpos.printer import Dummy  # 190 ms to import: only when a line needs it, or while idle (printing.warm)

    for shift in range(8):
        moved = Image.new("1", image.size, 1)
        moved.paste(image, (shift, 0))
        device = Dummy(profile=PROFILE)
        device.image(moved, impl="bitImageRaster", fragment_height=4096)
        data = bytes(device.output)
        if not any(trap in data for trap in TRAPS):
            return data
    return bytes(data)


def qr(code: str, module: int = 4) -> bytes:
    """Native QR, model 2, EC level M, centred (GS ( k). `code` is base45, so no trap bytes can be in it."""
    data = code.encode("ascii")
    store = len(data) + 3
    return (
        ALIGN["centre"]
        + b"\x1d(k\x04\x001A2\x00"
        + b"\x1d(k\x03\x001C" + bytes([module])
        + b"\x1d(k\x03\x001E1"
        + b"\x1d(k" + bytes([store & 0xFF, store >> 8]) + b"1P0" + data
        + b"\x1d(k\x03\x001Q0"
        + ALIGN["left"]
    )  # fmt: skip


def process_id(number: int) -> bytes:
    """Four bytes 20h-7Eh that name a job to GS ( H."""
    digits = []
    for _ in range(4):
        number, rest = divmod(number, 0x5F)
        digits.append(0x20 + rest)
    return bytes(reversed(digits))


def ask_process_id(ident: bytes) -> bytes:
    """GS ( H function 48: answered `37 22 id 00` when everything before it is printed."""
    return b"\x1d(H\x06\x0000" + ident
