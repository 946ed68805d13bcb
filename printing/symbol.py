"""The signed code as a QR symbol: model 2, EC level M."""

import segno

MASK = 3  # any mask may be read; to try all eight takes segno four times as long (9 against 2 ms here)


def symbol(code: str) -> tuple[bytes, ...]:
    """Rows of modules (1 = dark), without quiet zone."""
    made = segno.make(code, error="m", boost_error=False, micro=False, mask=MASK)
    return tuple(bytes(row) for row in made.matrix)
