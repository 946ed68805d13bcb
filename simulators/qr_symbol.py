"""Native QR symbols of the printer: GS ( k, model 2, module size, error correction, store, print."""

from dataclasses import dataclass, replace

import segno
from PIL import Image

LEVELS = {48: "l", 49: "m", 50: "q", 51: "h"}


@dataclass(frozen=True)
class QrSettings:
    """What GS ( k has stored so far."""

    module: int = 3
    level: str = "l"
    data: bytes = b""


def draw_qr(settings: QrSettings, args: bytes) -> tuple[QrSettings, Image.Image | None]:
    """One GS ( k function; the symbol when it was the print function."""
    if len(args) < 3 or args[0] != 49:
        return settings, None
    function, values = args[1], args[2:]
    if function == 67:
        return replace(settings, module=max(1, min(values[0], 16))), None
    if function == 69:
        return replace(settings, level=LEVELS.get(values[0], settings.level)), None
    if function == 80:
        return replace(settings, data=values[1:]), None
    if function == 81 and settings.data:
        return settings, _symbol(settings)
    return settings, None


def _symbol(settings: QrSettings) -> Image.Image:
    text = settings.data.decode("ascii", errors="replace")
    code = segno.make(text, error=settings.level, boost_error=False, micro=False)
    rows = [list(row) for row in code.matrix]
    picture = Image.new("1", (len(rows), len(rows)), 0)
    picture.putdata([255 if cell else 0 for row in rows for cell in row])
    return picture.resize((len(rows) * settings.module,) * 2)
