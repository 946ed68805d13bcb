"""A table drawn by itself: hundreds of cells without hundreds of widgets (a year has 72 rows; 36 ms with widgets)."""

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from kiosk.screens.style import ACCENT_DARK, ACCENT_PALE, FAMILY, INK, LINE, Sizes
from kiosk.services.views import Table

ALIGN = {
    "l": Qt.AlignmentFlag.AlignLeft,
    "r": Qt.AlignmentFlag.AlignRight,
    "c": Qt.AlignmentFlag.AlignHCenter,
}
PADDING = 12
MIN_PIXELS = 20


class ViewTable(QWidget):
    """A `Table` of a view. Text that doesn't fit its cell is drawn smaller, never cut."""

    def __init__(self, table: Table, sizes: Sizes) -> None:
        super().__init__()
        self._table, self._pixels = table, sizes.small
        self._row = sizes.small + 30
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self._row * (1 + len(table.rows) + (table.total is not None)))
        self.setAccessibleName(" / ".join(table.titles))
        self.setAccessibleDescription("\n".join("  ".join(row) for row in table.rows))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the rows that are in sight."""
        painter = QPainter(self)
        seen = event.rect() if event is not None else self.rect()
        lines = [self._table.titles, *self._table.rows, *([self._table.total] if self._table.total else [])]
        for index, cells in enumerate(lines):
            top = index * self._row
            if top <= seen.bottom() and top + self._row >= seen.top():
                self._draw_row(painter, top, cells, index, is_total=index == len(self._table.rows) + 1)
        painter.end()

    def _draw_row(self, painter: QPainter, top: int, cells: tuple[str, ...], index: int, *, is_total: bool) -> None:
        if index == 0 or is_total:
            painter.fillRect(0, top, self.width(), self._row, QColor(ACCENT_PALE))
        painter.setPen(QColor(LINE))
        painter.drawLine(0, top + self._row - 1, self.width(), top + self._row - 1)
        painter.setPen(QColor(ACCENT_DARK if index == 0 else INK))
        left, total = 0, sum(self._table.widths)
        for cell, align, share in zip(cells, self._table.align, self._table.widths, strict=True):
            width = self.width() * share // total
            room = QRect(left + PADDING, top, width - 2 * PADDING, self._row)
            painter.setFont(self._fitting(cell, room.width(), bold=index == 0 or is_total))
            painter.drawText(room, ALIGN[align] | Qt.AlignmentFlag.AlignVCenter, cell)
            left += width

    def _fitting(self, text: str, room: int, *, bold: bool) -> QFont:
        for pixels in range(self._pixels, MIN_PIXELS - 1, -2):
            font = QFont(FAMILY.split(",", maxsplit=1)[0].strip('"'))
            font.setPixelSize(pixels)
            font.setBold(bold)
            if QFontMetrics(font).horizontalAdvance(text) <= room:
                return font
        return font
