"""The drawn page is that of the code."""

from pathlib import Path

from kiosk.session.matrix import EVENTS, SCREENS
from kiosk.session.walk import Walk
from kiosk.session_page import arrows, page

ROOT = Path(__file__).resolve().parents[4]


def test_the_page_is_current_and_every_screen_is_reached_by_an_arrow(whole_walk: Walk) -> None:
    assert (ROOT / "docs/session.md").read_text(encoding="utf-8") == page(whole_walk)
    assert {after for _, after in arrows(whole_walk, EVENTS)} == set(SCREENS)
