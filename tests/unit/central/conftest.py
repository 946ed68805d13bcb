"""A city in each crypto profile, and an issuing office without HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from central.issuing import Office
from tests.city import City
from tests.unit.central import offices


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


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all tests of a file."""
    made = offices.office(tmp_path_factory.mktemp("office"))
    yield made
    made.engine.dispose()
