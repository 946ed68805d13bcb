"""A glyph's contours with fewer curves: neighbours that one quadratic curve can stand for become one.

A contour is a list of quadratic curves (start, control, end) as complex numbers in font units; a line has its control
in the middle. Everything here is first-order geometry; nothing moves by more than the tolerance.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

LONGEST = 6  # curves that one may stand for
STRAIGHT = 1e-6


class Curve(NamedTuple):
    """A quadratic Bézier curve."""

    start: complex
    control: complex
    end: complex

    @property
    def middle(self) -> complex:
        """The point at one half."""
        return (self.start + 2 * self.control + self.end) / 4


def cross(one: complex, other: complex) -> float:
    """Twice the area between two vectors."""
    return one.real * other.imag - one.imag * other.real


def curves(points: Sequence[tuple[complex, bool]]) -> list[Curve]:
    """A TrueType contour, closed: between two controls lies a point of the curve that is not written."""
    whole = list(_with_implied(points))
    first = next((index for index, (_point, on) in enumerate(whole) if on), 0)
    whole = whole[first:] + whole[:first]
    found, place = [], 0
    whole.append(whole[0])
    while place < len(whole) - 1:
        start, (second, on) = whole[place][0], whole[place + 1]
        if on:
            found.append(Curve(start, (start + second) / 2, second))
            place += 1
        else:
            found.append(Curve(start, second, whole[place + 2][0]))
            place += 2
    return found


def _with_implied(points: Sequence[tuple[complex, bool]]) -> Iterator[tuple[complex, bool]]:
    for index, (point, on) in enumerate(points):
        before, before_on = points[index - 1]
        if not on and not before_on:
            yield (before + point) / 2, True
        yield point, on


def simpler(contour: Sequence[Curve], tolerance: float) -> list[Curve]:
    """The contour with as few curves as a walk around it finds."""
    found, place = [], 0
    points = [point for curve in contour for point in (curve.middle, curve.end)]
    while place < len(contour):
        best, used = contour[place], 1
        for count in range(2, min(LONGEST, len(contour) - place) + 1):
            passed = points[2 * place : 2 * (place + count) - 1]
            one = _one_for(contour[place], contour[place + count - 1], passed, tolerance)
            if one is None:
                break
            best, used = one, count
        found.append(best)
        place += used
    return found


def _one_for(first: Curve, last: Curve, passed: Sequence[complex], tolerance: float) -> Curve | None:
    """One curve with the ends and directions of a run, if it is near all the points that the run passes."""
    start, end = first.start, last.end
    leaving, arriving, chord = first.control - start, end - last.control, end - start
    turn = cross(leaving, arriving)
    if all(_near_line(point - start, chord, tolerance) for point in passed):
        return Curve(start, (start + end) / 2, end)
    if abs(turn) < STRAIGHT:
        return None
    along, back = cross(chord, arriving) / turn, cross(leaving, chord) / turn
    if along <= 0 or back <= 0:
        return None
    made = Curve(start, start + leaving * along, end)
    return made if all(_near(made, point, tolerance) for point in passed) else None


def _near_line(point: complex, chord: complex, tolerance: float) -> bool:
    """Within the tolerance of a line from the origin, and beside it, not beyond its ends."""
    length = abs(chord)
    if length == 0:
        return False
    along = (point.real * chord.real + point.imag * chord.imag) / length
    return 0 <= along <= length and abs(cross(chord, point)) <= tolerance * length


def _near(curve: Curve, point: complex, tolerance: float) -> bool:
    """By the curve's implicit form b² = 4ac in barycentric coordinates: distance = value / gradient (Sampson)."""
    start, control, end = curve
    area = cross(control - start, end - start)
    if abs(area) < STRAIGHT:
        return False
    a = cross(control - point, end - point) / area
    b = cross(end - point, start - point) / area
    c = 1 - a - b
    if a < 0 or c < 0:
        return False
    slope = abs(2 * b * (start - end) - 4 * (c * (end - control) + a * (control - start)))
    return abs(b * b - 4 * a * c) * abs(area) <= tolerance * slope
