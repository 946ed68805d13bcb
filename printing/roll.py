"""How long a slip is, and whether the rest of a roll is long enough. A near-end sensor says only: not much is left.

How much that is stands in the printer's manual and in the terminal's configuration; from there on we count what we
print. The length is that of the bytes we send, by the ESC/POS command reference; printers differ by a few millimetres.
"""

import re
from dataclasses import dataclass

from printing.symbol import symbol

DOTS_A_MM = 203 / 25.4
SPACING_DOTS = 34  # the default line spacing of 1/6 inch at 203 dpi
GLYPH_DOTS = 24
GAP_DOTS = 6
CUT_MM = 20.0  # from the print head to the cutter
USUAL_MM = 200.0  # a slip, before the first was printed
TOKEN = re.compile(
    rb"\x1dv0.(?P<width>..)(?P<raster>..)"  # GS v 0: bytes across, dots down; the picture follows
    rb"|\x1d!(?P<size>.)"
    rb"|\x1d\(k..1(?:C(?P<module>.)|(?P<print>Q)0|A..|E.)|\x1d\(k(?P<more>..)1P0"
    rb"|\x1b[aE].|\x1b@|\x1c&|\x1dVB(?P<cut>.)"
    rb"|(?P<feed>\n)",
    re.DOTALL,
)


def slip_mm(body: bytes) -> float:
    """How much paper these bytes of ours take, the feed to the cutter included."""
    dots, at, scale, module, code = 0, 0, 1, 4, b""
    while (found := TOKEN.search(body, at)) is not None:
        at = found.end()
        if found["feed"]:
            dots += max(SPACING_DOTS, scale * GLYPH_DOTS + GAP_DOTS)
        elif found["size"]:
            scale = (found["size"][0] & 7) + 1
        elif found["raster"]:
            height = int.from_bytes(found["raster"], "little")
            dots, at = dots + height, at + height * int.from_bytes(found["width"], "little")
        elif found["module"]:
            module = found["module"][0]
        elif found["more"]:
            end = at + int.from_bytes(found["more"], "little") - 3
            code, at = body[at:end], end
        elif found["print"]:
            dots += len(symbol(code.decode("ascii"))) * module
    return dots / DOTS_A_MM + CUT_MM


@dataclass
class Roll:
    """The paper in one printer. `reserve_mm`: left at least when the sensor says near end; 0: nobody knows.

    Forgets when the terminal starts again; then a roll may be trusted too long, and a slip is torn: failed, as always.
    """

    reserve_mm: float = 0.0
    used_mm: float = 0.0
    longest_mm: float = USUAL_MM

    def left_mm(self, low: bool) -> float | None:
        """What is left at least; None when the sensor has not tripped, or nobody knows how much that is."""
        if not low:
            self.used_mm = 0.0  # a new roll
        return max(self.reserve_mm - self.used_mm, 0.0) if low and self.reserve_mm else None

    def enough_for(self, mm: float, low: bool) -> bool:
        """Will a slip of this length come out whole?"""
        left = self.left_mm(low)
        return left is None or left >= mm

    def printed(self, mm: float, low: bool) -> None:
        """A slip was sent; `low`: what the sensor said before."""
        self.longest_mm = max(self.longest_mm, mm)
        if low:
            self.used_mm += mm
