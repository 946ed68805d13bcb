"""A step with a mistake in the place of the right one: the walk must find it."""

import pytest

from kiosk.session.going import Step
from kiosk.session.matrix import MATRIX
from kiosk.session.walk import walk
from tests.unit.kiosk.session.promises import PROMISES, ends_by_time_alone

Mistake = tuple[type, type, Step]


def complaint_about(mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the walk says of (screen, event, step)."""
    screen, event, step = mistake
    monkeypatch.setitem(MATRIX, (screen, event), step)
    ends_by_time_alone.cache_clear()
    found = walk(PROMISES, enough=1).broken
    ends_by_time_alone.cache_clear()
    return found[0]
