"""The pictures of the screens, drawn, so that they are sharp at every size: a table of name → drawing."""

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from kiosk.screens.style import ACCENT, ACCENT_DARK, ACCENT_PALE, ALERT, GOOD, LINE

Drawing = Callable[[QPainter], None]


def _pen(painter: QPainter, colour: str, width: float) -> None:
    pen = QPen(QColor(colour), width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _box(painter: QPainter, x: float, y: float, w: float, h: float, colour: str, radius: float = 4) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(QRectF(x, y, w, h), radius, radius)


def _card(painter: QPainter, y: float) -> None:
    _box(painter, 30, y, 40, 30, ACCENT, 3)
    _box(painter, 45, y + 3.5, 10, 8, "#e8c66a", 1.5)
    _box(painter, 35, y + 17, 22, 2.2, "#bcd3e6", 1)
    _box(painter, 35, y + 22, 14, 2.2, "#bcd3e6", 1)


def _slot(painter: QPainter) -> None:
    _box(painter, 16, 12, 68, 20, ACCENT_DARK, 5)
    _box(painter, 24, 20, 52, 4.5, "#05213a", 2)


def _arrow(painter: QPainter, y: float, up: bool) -> None:
    tip = y - 6 if up else y + 6
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ACCENT))
    painter.drawPolygon(QPolygonF([QPointF(43, y), QPointF(57, y), QPointF(50, tip)]))
    painter.drawRect(QRectF(47.5, y if up else y - 9, 5, 9))


def _insert(painter: QPainter) -> None:
    _slot(painter)
    _card(painter, 36)
    _arrow(painter, 80, up=True)


def _inside(painter: QPainter) -> None:
    _card(painter, 21)
    _slot(painter)
    _box(painter, 24, 26, 52, 3, "#05213a", 1)


def _take(painter: QPainter) -> None:
    _slot(painter)
    _card(painter, 38)
    _arrow(painter, 82, up=False)


def _shield(painter: QPainter) -> None:
    _box(painter, 4, 4, 92, 92, ACCENT_PALE, 22)
    _pen(painter, ACCENT, 6)
    shape = [(50, 18), (77, 28), (75, 54), (50, 83), (25, 54), (23, 28)]
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in shape]))
    painter.drawPolyline(QPolygonF([QPointF(37, 49), QPointF(47, 59), QPointF(64, 39)]))


def _family(painter: QPainter) -> None:
    _box(painter, 4, 4, 92, 92, ACCENT_PALE, 22)
    _pen(painter, ACCENT, 6)
    for x, y, r in ((33, 32, 9), (67, 32, 9), (50, 56, 7)):
        painter.drawEllipse(QPointF(x, y), r, r)
    painter.drawArc(QRectF(17, 47, 32, 44), 40 * 16, 140 * 16)
    painter.drawArc(QRectF(51, 47, 32, 44), 0 * 16, 140 * 16)
    painter.drawArc(QRectF(38, 68, 24, 28), 10 * 16, 160 * 16)


def _eye(painter: QPainter) -> None:
    _box(painter, 4, 4, 92, 92, ACCENT_PALE, 22)
    _pen(painter, ACCENT, 6)
    painter.drawArc(QRectF(14, 30, 72, 64), 25 * 16, 130 * 16)
    painter.drawArc(QRectF(14, 6, 72, 64), 205 * 16, 130 * 16)
    painter.drawEllipse(QPointF(50, 50), 10, 10)


def _person(painter: QPainter) -> None:
    _box(painter, 4, 4, 92, 92, ACCENT_PALE, 22)
    _pen(painter, ACCENT, 6)
    painter.drawEllipse(QPointF(50, 36), 14, 14)
    painter.drawArc(QRectF(22, 58, 56, 60), 0, 180 * 16)


def _door(painter: QPainter) -> None:
    _box(painter, 4, 4, 92, 92, ACCENT_PALE, 22)
    _pen(painter, ACCENT, 6)
    painter.drawRoundedRect(QRectF(20, 20, 38, 60), 6, 6)
    painter.drawLine(QPointF(44, 50), QPointF(82, 50))
    painter.drawPolyline(QPolygonF([QPointF(70, 37), QPointF(83, 50), QPointF(70, 63)]))


def _figure(painter: QPainter, x: float, head: float, size: float) -> None:
    """A person whose shoulders stand on the line at 86."""
    painter.drawEllipse(QPointF(x, head), size, size)
    top = head + size + 6
    painter.drawArc(QRectF(x - 1.6 * size, top, 3.2 * size, 2 * (86 - top)), 0, 180 * 16)


def _guardian(painter: QPainter) -> None:
    _box(painter, 4, 4, 92, 92, ACCENT_PALE, 22)
    _pen(painter, ACCENT, 6)
    _figure(painter, 38, 30, 12)
    _figure(painter, 72, 52, 8)


def _child(painter: QPainter) -> None:
    _box(painter, 4, 4, 92, 92, ACCENT_PALE, 22)
    _pen(painter, ACCENT, 6)
    _figure(painter, 50, 46, 11)


def _elder(painter: QPainter) -> None:
    _box(painter, 4, 4, 92, 92, ACCENT_PALE, 22)
    _pen(painter, ACCENT, 6)
    _figure(painter, 42, 34, 12)
    painter.drawLine(QPointF(76, 52), QPointF(76, 86))
    painter.drawArc(QRectF(66, 46, 10, 12), 0, 180 * 16)


def _sheet(painter: QPainter, x: float, y: float, w: float, h: float) -> None:
    _box(painter, x, y, w, h, "#ffffff", 3)
    _pen(painter, ACCENT, 4)
    painter.drawRoundedRect(QRectF(x, y, w, h), 3, 3)
    painter.setPen(QPen(QColor(LINE), 3))
    for offset in range(12, int(h) - 8, 10):
        painter.drawLine(QPointF(x + 8, y + offset), QPointF(x + w - 8, y + offset))


def _attendant(painter: QPainter) -> None:
    _pen(painter, ACCENT, 6)
    painter.drawEllipse(QPointF(50, 30), 15, 15)
    painter.drawArc(QRectF(20, 54, 60, 72), 0, 180 * 16)
    painter.drawLine(QPointF(20, 90), QPointF(80, 90))


def _slip(painter: QPainter) -> None:
    _box(painter, 4, 4, 92, 92, ACCENT_PALE, 22)
    _sheet(painter, 36, 16, 28, 68)


def _a4(painter: QPainter) -> None:
    _box(painter, 4, 4, 92, 92, ACCENT_PALE, 22)
    _sheet(painter, 25, 16, 50, 68)


def _both(painter: QPainter) -> None:
    _box(painter, 4, 4, 92, 92, ACCENT_PALE, 22)
    _sheet(painter, 34, 14, 48, 64)
    _sheet(painter, 16, 28, 26, 58)


def _alert(painter: QPainter) -> None:
    _pen(painter, ALERT, 6)
    painter.drawPolygon(QPolygonF([QPointF(50, 14), QPointF(90, 84), QPointF(10, 84)]))
    painter.drawLine(QPointF(50, 40), QPointF(50, 59))
    painter.drawPoint(QPointF(50, 71))


def _good(painter: QPainter) -> None:
    _pen(painter, GOOD, 7)
    painter.drawEllipse(QPointF(50, 50), 38, 38)
    painter.drawPolyline(QPolygonF([QPointF(33, 51), QPointF(45, 63), QPointF(68, 38)]))


def _wait(painter: QPainter) -> None:
    for index, colour in enumerate((ACCENT, "#4f86b3", "#9dbcd6")):
        _box(painter, 20 + index * 24, 42, 14, 14, colour, 7)


DRAWINGS: dict[str, Drawing] = {
    "insert": _insert,
    "inside": _inside,
    "take": _take,
    "shield": _shield,
    "family": _family,
    "eye": _eye,
    "person": _person,
    "door": _door,
    "guardian": _guardian,
    "child": _child,
    "elder": _elder,
    "attendant": _attendant,
    "slip": _slip,
    "a4": _a4,
    "both": _both,
    "alert": _alert,
    "good": _good,
    "wait": _wait,
}


class Picture(QWidget):
    """One drawing, on a 100 × 100 grid, scaled to its size."""

    def __init__(self, name: str, size: QSize, smallest: QSize | None = None) -> None:
        super().__init__()
        self._name, self._size = name, size
        self.setMaximumSize(size)
        self.setMinimumSize(smallest or size)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        """As large as it may be."""
        return self._size

    def show_drawing(self, name: str) -> None:
        """Another drawing in the same place."""
        if name != self._name:
            self._name = name
            self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height())
        painter.translate((self.width() - side) / 2, (self.height() - side) / 2)
        painter.scale(side / 100, side / 100)
        DRAWINGS[self._name](painter)
        painter.end()
