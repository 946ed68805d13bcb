"""The words that lie faintly across a page of test data, as a picture: a text would run through the table's lines."""

from functools import cache
from math import cos, radians, sin
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from printing import fonts
from printing.drawing import Watermark

DOTS = 72  # height of the picture
TURN = radians(38)


class Turned(NamedTuple):
    """The picture's edges on the page, origin bottom left: along the words (`ax`, `ay`), upwards (`ux`, `uy`)."""

    ax: float
    ay: float
    ux: float
    uy: float
    x: float
    y: float


def turned(op: Watermark) -> Turned:
    """Where the picture lies: around the middle that the op names; `x` and `y` are its first corner."""
    width, height = op.size * len(op.words) * 1.02, op.size * 1.3
    c, s = cos(TURN), sin(TURN)
    ax, ay, ux, uy = c * width, s * width, -s * height, c * height
    return Turned(ax, ay, ux, uy, op.x - (ax + ux) / 2, op.y - (ay + uy) / 2)


@cache
def picture(words: str) -> Image.Image:
    """One bit for each dot, 0 where the words are."""
    font = ImageFont.truetype(str(fonts.font_file(fonts.FILES[fonts.MAIN])), round(DOTS * 0.76))
    width = round(DOTS / 1.3 * len(words) * 1.02)
    made = Image.new("1", (width, DOTS), 1)
    ImageDraw.Draw(made).text((width / 2, DOTS / 2), words, fill=0, font=font, anchor="mm")
    return made
