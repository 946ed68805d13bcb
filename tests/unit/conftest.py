"""A served city and its client, for every test that talks to central over HTTP."""

from collections.abc import Iterator

import pytest

from backend_client.client.central import Central
from tests.city import City, client_of, served


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A served city for all tests of a file; a file with other wishes has its own fixture of this name."""
    with served(tmp_path_factory.mktemp("city"), daily_limit=1000) as made:
        yield made


@pytest.fixture
def central(city: City) -> Iterator[Central]:
    """A terminal's client of the city."""
    made = client_of(city)
    yield made
    made.close()
