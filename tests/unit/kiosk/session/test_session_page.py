"""The drawn diagram is that of the code."""

import re
from pathlib import Path

from kiosk.session import events as e
from kiosk.session import state as s
from kiosk.session.steps import HOLDER_STEPS
from kiosk.session.transition import ALWAYS
from kiosk.session_page import page

ROOT = Path(__file__).resolve().parents[4]


def test_the_page_is_current() -> None:
    assert (ROOT / "docs/session.md").read_text(encoding="utf-8") == page()


def test_every_arrow_of_the_diagram_is_in_the_tables() -> None:
    for before, after, event in re.findall(r"(\w+) --> (\w+): (\w+)", page()):
        kind = getattr(e, event)
        assert (getattr(s, before), kind) in HOLDER_STEPS or kind in ALWAYS
        assert hasattr(s, after)
