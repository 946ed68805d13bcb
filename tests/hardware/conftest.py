"""A watch on the reader that a test has for itself."""

from collections.abc import Iterator

import pytest

from demo.parts.reader import SlotLease
from tests.hardware.events import Events, watched


@pytest.fixture
def events(slot: SlotLease) -> Iterator[Events]:
    """A running watch on our slot."""
    with watched(slot.reader) as told:
        yield told
