"""Where a line may end: between characters, never inside a Latin word or a number, no closing mark first on a line.

An opening mark isn't left behind at a line's end either (GB/T 15834-2011, 5.1). What is wider than a whole line is
broken all the same.
"""

import re
from collections.abc import Callable, Iterator

CLOSING = "，。、；：？！）〉》」』】〕”’…—·％,.;:?!)]}%"
OPENING = "（〈《「『【〔“‘(["
PIECES = re.compile(rf"[{re.escape(OPENING)}]*(?:[!-~]+|[^ -~])[{re.escape(CLOSING)}]* ?| ")

Measure = Callable[[str], float]


def broken(text: str, room: float, width: Measure) -> list[str]:
    """Lines no wider than `room` as `width` measures them, without the blanks between them."""
    if width(text) <= room:
        return [text]
    lines, line = [], ""
    for piece in _pieces(text, room, width):
        if line and width((line + piece).rstrip()) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()]


def _pieces(text: str, room: float, width: Measure) -> Iterator[str]:
    for piece in PIECES.findall(text):
        if width(piece.rstrip()) > room:
            yield from piece
        else:
            yield piece


def balanced(text: str, room: float, width: Measure) -> list[str]:
    """As few lines, as equal as they can be: for what is centred or stands at the right, where a short end is ugly."""
    lines = broken(text, room, width)
    low, high = width(text) / len(lines), room
    while len(lines) > 1 and high - low > 1:
        middle = (low + high) / 2
        tried = broken(text, middle, width)
        if len(tried) > len(lines):
            low = middle
        else:
            lines, high = tried, middle
    return lines
