"""One walk for all tests of the session: it takes some seconds."""

import pytest

from kiosk.session.walk import Walk, walk
from tests.unit.kiosk.session.promises import PROMISES


@pytest.fixture(scope="session")
def whole_walk() -> Walk:
    """The walk over every reachable state, with every promise asked."""
    return walk(PROMISES)
