"""Colours and sizes of the screens, and the one style sheet made from them.

Sizes for a 21.5-inch 1080×1920 panel at 500–600 mm: a capital H of 25–30 px, so text from 34 px (EN 301 549, 5.1.4).
Text contrast is at least 7:1 (WCAG 2.2, 1.4.6).
"""

from dataclasses import dataclass

INK, SOFT, PAPER, GROUND, LINE = "#14202b", "#44525f", "#ffffff", "#eef2f6", "#c3ccd5"
ACCENT, ACCENT_DARK, ACCENT_PALE = "#0a4b82", "#07365e", "#e2edf7"
ALERT, ALERT_PALE, GOOD = "#96231b", "#fbeae8", "#14603a"
ACTING = "#ffe2a0"
FAMILY = '"Noto Sans CJK SC", "Noto Sans SC", "LXGW WenKai", sans-serif'


@dataclass(frozen=True)
class Sizes:
    """Pixels: text in four sizes, touch targets, keys, a switch's box."""

    small: int
    body: int
    strong: int
    title: int
    target: int
    key: int
    box: int


NORMAL = Sizes(small=30, body=36, strong=44, title=62, target=104, key=136, box=70)
LARGE = Sizes(small=38, body=44, strong=54, title=74, target=116, key=144, box=84)


def sizes(large: bool) -> Sizes:
    """The sizes in use."""
    return LARGE if large else NORMAL


def style_sheet(large: bool) -> str:
    """The QSS of the whole window; widgets choose by their `role` property."""
    s = sizes(large)
    return f"""
* {{ font-family: {FAMILY}; color: {INK}; font-size: {s.body}px; }}
QWidget#window {{ background: {GROUND}; }}
QWidget[role="bar"] {{ background: {ACCENT_DARK}; }}
QWidget[role="bar"] QLabel {{ color: #ffffff; font-size: {s.body}px; font-weight: 600; }}
QWidget[role="bar"] QPushButton {{ background: transparent; color: #ffffff; border: 2px solid #9db8cf;
  border-radius: 14px; padding: 0 22px; min-height: 92px; font-size: {s.small + 2}px; }}
QWidget[role="bar"] QPushButton:pressed {{ background: {ACCENT}; }}
QWidget[role="acting"] {{ background: {ACTING}; }}
QLabel[role="acting"] {{ background: {ACTING}; border-radius: 16px; padding: 16px 28px; font-weight: 600; }}
QWidget[role="acting"] QPushButton {{ border: 2px solid {INK}; min-height: 92px; font-size: {s.small + 2}px; }}
QWidget[role="foot"] QLabel {{ color: {SOFT}; font-size: {s.small}px; }}
QLabel[role="title"] {{ font-size: {s.title}px; font-weight: 700; }}
QLabel[role="strong"] {{ font-size: {s.strong}px; font-weight: 600; }}
QLabel[role="soft"] {{ color: {SOFT}; }}
QLabel[role="small"] {{ color: {SOFT}; font-size: {s.small}px; }}
QLabel[role="alert"] {{ color: {ALERT}; background: {ALERT_PALE}; border-radius: 16px; padding: 22px 28px; }}
QLabel[role="count"] {{ font-size: {s.title * 2}px; font-weight: 700; color: {ACCENT}; }}
QLabel[role="dots"] {{ font-size: {s.title}px; letter-spacing: 26px; color: {ACCENT}; }}
QLabel[role="field"] {{ font-size: {s.title}px; font-weight: 600; background: {PAPER}; border: 2px solid {LINE};
  border-radius: 18px; padding: 18px 28px; }}
QFrame[role="card"] {{ background: {PAPER}; border: 1px solid {LINE}; border-radius: 20px; }}
QPushButton {{ background: {PAPER}; border: 2px solid {LINE}; border-radius: 18px; padding: 0 30px;
  min-height: {s.target}px; font-size: {s.body}px; }}
QPushButton:pressed {{ background: {ACCENT_PALE}; }}
QPushButton:disabled {{ color: {SOFT}; background: #e4e9ee; border-color: #e4e9ee; }}
QPushButton[role="main"] {{ background: {ACCENT}; color: #ffffff; border: none; font-weight: 600; }}
QPushButton[role="main"]:pressed {{ background: {ACCENT_DARK}; }}
QPushButton[role="main"]:disabled {{ background: #dfe5ea; color: {SOFT}; }}
QPushButton[role="quiet"] {{ min-height: 92px; font-size: {s.small + 2}px; }}
QPushButton[role="key"] {{ min-height: {s.key}px; font-size: {s.title}px; font-weight: 600; }}
QPushButton[role="key-word"] {{ min-height: {s.key}px; font-size: {s.body}px; }}
QPushButton[role="chip"] {{ min-height: 96px; padding: 0 12px; border-radius: 48px; }}
QPushButton[role="chip"]:checked {{ background: {ACCENT}; color: #ffffff; border-color: {ACCENT}; font-weight: 600; }}
QFrame[role="switch"] {{ background: {PAPER}; border: 2px solid {LINE}; border-radius: 24px; }}
QFrame[role="switch"][on="true"] {{ background: {ACCENT_PALE}; border-color: {ACCENT}; }}
QLabel[role="box"] {{ background: {PAPER}; border: 4px solid {ACCENT}; border-radius: 14px; color: {ACCENT};
  font-size: {s.strong}px; font-weight: 700; min-width: {s.box}px; max-width: {s.box}px;
  min-height: {s.box}px; max-height: {s.box}px; }}
QFrame[role="tile"] {{ background: {PAPER}; border: 2px solid {LINE}; border-radius: 24px; }}
QFrame[role="tile"]:disabled {{ background: #e9edf1; }}
QScrollArea {{ border: none; background: transparent; }}
QScrollBar:vertical {{ width: 12px; background: transparent; margin: 0; }}
QScrollBar::handle:vertical {{ background: {LINE}; border-radius: 6px; min-height: 80px; }}
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical {{ height: 0; }}
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical {{ background: transparent; }}
QWidget[role="clear"] {{ background: transparent; }}
QWidget#overlay {{ background: rgba(10, 24, 38, 190); }}
"""
