"""The holder's copy: a symbol to scan with the phone, and nothing else to do."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage, QPixmap
from PyQt6.QtWidgets import QLabel

from kiosk.screens.context import Context, Screen
from kiosk.screens.parts import button, column, label, row
from kiosk.session import events as e
from kiosk.session import state as s
from printing.symbol import symbol

SIDE = 640  # pixels of a 21.5-inch panel: 16 cm, read from half a metre
QUIET = 4  # modules around the symbol (ISO/IEC 18004)


def picture(address: str, most: int = SIDE) -> QPixmap:
    """The address as a QR symbol, black on white, whole pixels for each module, at most so wide."""
    rows = symbol(address)
    count = len(rows) + 2 * QUIET
    image = QImage(count, count, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    for y, line in enumerate(rows):
        for x, dark in enumerate(line):
            if dark:
                image.setPixel(x + QUIET, y + QUIET, 0xFF000000)
    side = most // count * count
    return QPixmap.fromImage(image.scaled(side, side))


class ShowingCopyScreen(Screen):
    """Scan, then another service or the end."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.title, self.hint = label("title", centre=True), label("strong", centre=True)
        self.symbol = QLabel()
        self.symbol.setObjectName("copy_symbol")
        self.more = button("continue", lambda: context.post(e.HomeTouched()))
        self.finish = button("finish", lambda: context.post(e.EndTouched()), "main")
        body = column(self, margin=48, spacing=28)
        body.addWidget(self.title)
        body.addWidget(self.symbol, 0, Qt.AlignmentFlag.AlignHCenter)
        body.addWidget(self.hint)
        body.addStretch(1)
        body.addLayout(row(self.more, self.finish))
        self._shown: s.PhoneLink | None = None

    def render_state(self, state: s.State) -> None:
        """Where the files are."""
        if not isinstance(state.screen, s.ShowingCopy):
            return
        self.title.setText(self.say(state, "copy_title"))
        self.hint.setText(self.say(state, "copy_hint"))
        self.more.setText(self.say(state, "continue"))
        self.finish.setText(self.say(state, "finish"))
        if state.screen.link != self._shown:
            self._shown = state.screen.link
            self.symbol.setPixmap(picture(state.screen.link.address))

    def forget(self) -> None:
        """The next holder must not find it."""
        self._shown = None
        self.symbol.clear()
