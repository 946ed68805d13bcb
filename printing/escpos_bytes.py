"""Slip lines as ESC/POS bytes: strict GBK as text with FS &, any other line as raster. No device.

python-escpos's own `.text()` is not used: it loses Chinese punctuation and rare characters silently and never sends
FS & (printing.md section 3). Its raster is, after a scan for the real-time trap.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, ImageOps

from printing import fonts
from printing.breaking import balanced, broken
from printing.profiles import DEFAULT, Profile

COLUMNS = DEFAULT.columns
HEIGHT = 30
HAN_SIZE = 24
INIT_CHINESE = b"\x1b@\x1c&"
BOLD_ON, BOLD_OFF = b"\x1bE\x01", b"\x1bE\x00"
ALIGN = {"left": b"\x1ba\x00", "centre": b"\x1ba\x01", "right": b"\x1ba\x02"}
FEED_AND_CUT = b"\x1dVB\x00"
TRAPS = tuple(bytes([0x10, second]) for second in (0x04, 0x05, 0x14))
UNTRAPPED = tuple(bytes([0x10, second | 0x08]) for second in (0x04, 0x05, 0x14))


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


def wrapped(line: Line, width: int = COLUMNS) -> tuple[Line, ...]:
    """The line in pieces that fit (a printer would break anywhere); in pieces as equal as can be unless at the left."""
    cut = broken if line.align == "left" else balanced
    return tuple(replace(line, text=text) for text in cut(line.text, width // line.scale, columns))


def pair(left: str, right: str, width: int = COLUMNS) -> tuple[Line, ...]:
    """Left and right on one line; on two, the second at the right, when they don't fit."""
    gap = width - columns(left) - columns(right)
    return (Line(f"{left}{' ' * gap}{right}"),) if gap >= 1 else (Line(left), Line(right, "right"))


def gbk_text(text: str, profile: Profile = DEFAULT) -> bytes | None:
    """Strict GBK, or None when the printer's own font can't be trusted with one of the characters."""
    if not all(font_safe(char, profile) for char in text):
        return None
    return text.encode("gbk")


@lru_cache(maxsize=8192)
def font_safe(char: str, profile: Profile = DEFAULT) -> bool:
    """Printable ASCII, or a character of the charset that the profile promises."""
    if ord(char) < 0x80:
        return 0x20 <= ord(char) < 0x7F
    try:
        char.encode(profile.charset)
    except UnicodeEncodeError:
        return False
    return True


def encoded(lines: Iterable[Line], profile: Profile = DEFAULT) -> bytes:
    """Lines that fit the paper, as this printer takes them."""
    return b"".join(encode_line(piece, profile) for line in lines for piece in wrapped(line, profile.columns))


def encode_line(line: Line, profile: Profile = DEFAULT) -> bytes:
    """One line with its mode, ended by a line feed (text) or as raster."""
    if not line.text:
        return b"\n"
    raw = gbk_text(line.text, profile)
    if raw is None:
        return ALIGN["left"] + raster_line(line, profile)
    size = b"\x1d!" + bytes([(line.scale - 1) * 0x11])
    bold = BOLD_ON if line.bold else BOLD_OFF
    return ALIGN[line.align] + size + bold + raw + b"\n" + b"\x1d!\x00" + BOLD_OFF


@lru_cache(maxsize=64)
def _image_font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def raster_line(line: Line, profile: Profile = DEFAULT) -> bytes:
    """The line drawn with our own fonts on the printer's grid of columns; MissingGlyph when none has a character."""
    cell, height = 12 * line.scale, HEIGHT * line.scale + 4
    image = Image.new("1", (profile.dots, height), 1)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    total = columns(line.text) * cell
    x = {"left": 0, "centre": (profile.dots - total) // 2, "right": profile.dots - total}[line.align]
    for run in fonts.runs(line.text):
        for char in run.text:
            room = columns(char) * cell
            font = _image_font(_file(run.font, char), HAN_SIZE * line.scale)
            place = (x + (room - font.getlength(char)) / 2, height - 6)
            draw.text(place, char, fill=0, font=font, anchor="ls", stroke_width=int(line.bold))
            x += room
    return safe_raster(image, profile)


def _file(font: str, char: str) -> str:
    """ASCII from the even-spaced cut of the same face, whose letters are half as wide as a Chinese character."""
    return str(fonts.font_file(fonts.HALF_WIDTH if ord(char) < 0x80 else fonts.FILES[font]))


def safe_raster(image: Image.Image, profile: Profile = DEFAULT) -> bytes:
    """GS v 0 bytes without 10 04, 10 05 or 10 14 in them: many printers act on those anywhere (7.6 % of lines hit).

    Shifted by some dots until none is left, as far as the margins go; if that is not enough, one dot is added at each.
    """
    from escpos.printer import Dummy  # 190 ms to import: only when a line needs it, or while idle (printing.warm)

    data = b""
    for shift in _shifts(image):
        moved = Image.new("1", image.size, 1)
        moved.paste(image, (shift, 0))
        device = Dummy(profile=profile.escpos)
        device.image(moved, impl="bitImageRaster", fragment_height=4096)
        shifted = bytes(device.output)
        if not any(trap in shifted for trap in TRAPS):
            return shifted
        data = data or shifted
    return _with_dots(data)


def _shifts(image: Image.Image) -> list[int]:
    """Up to eight, the smallest first, that push no dot over an edge."""
    box = ImageOps.invert(image.convert("L")).getbbox() or (0, 0, image.width, 0)
    return sorted(range(-min(box[0], 7), min(image.width - box[2], 7) + 1), key=abs)[:8]


def _with_dots(data: bytes) -> bytes:
    """10 04 becomes 10 0C and so on: a dot in the margin of seeing instead of a command."""
    for trap, harmless in zip(TRAPS, UNTRAPPED, strict=True):
        data = data.replace(trap, harmless)
    return data


def qr(code: str, profile: Profile = DEFAULT) -> bytes:
    """The code, model 2, EC level M, centred. It is in capitals, so no trap bytes can be in a native one."""
    return _native_qr(code, profile.module) if profile.qr == "native" else _raster_qr(code, profile)


def _native_qr(code: str, module: int) -> bytes:
    """GS ( k."""
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


def _raster_qr(code: str, profile: Profile) -> bytes:
    from printing.symbol import symbol

    rows = symbol(code)
    side = len(rows) * profile.module
    image = Image.new("1", (profile.dots, side), 1)
    picture = Image.frombytes(
        "L", (len(rows), len(rows)), b"".join(bytes(255 * (1 - dark) for dark in row) for row in rows)
    )
    image.paste(picture.resize((side, side), Image.Resampling.NEAREST).convert("1"), ((profile.dots - side) // 2, 0))
    return safe_raster(image, profile)


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
