"""The drawn page is that of the code."""

from pathlib import Path

from kiosk.session.matrix import EVENTS, SCREENS
from kiosk.session_page import arrows, page

ROOT = Path(__file__).resolve().parents[4]


def test_the_page_is_current() -> None:
    assert (ROOT / "docs/session.md").read_text(encoding="utf-8") == page()


def test_every_screen_is_reached_by_an_arrow() -> None:
    assert {after for _, after in arrows(EVENTS)} == set(SCREENS)
