"""A city in each crypto profile."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.city import City


@pytest.fixture
def gm_city(tmp_path: Path) -> Iterator[City]:
    """A city in the gm profile."""
    made = City(tmp_path / "gm", profile="gm")
    yield made
    made.close()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[City]:
    """A city in the international profile."""
    made = City(tmp_path / "elsewhere")
    yield made
    made.close()
