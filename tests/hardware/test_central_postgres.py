"""Central on a real PostgreSQL, where calls run beside each other: what SQLite's one writer hides."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from backend_client.client.keys import SigningKey
from tests import postgres
from tests.city import City, refused


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """The server's folder."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        Path(folder).chmod(0o755)
        with postgres.server(Path(folder) / "s"):
            yield Path(folder) / "s"


@pytest.fixture
def city(cluster: Path, tmp_path: Path) -> Iterator[City]:
    """A city with a database of this test's own."""
    url = f"postgresql+psycopg://central@/{{}}?host={cluster}"
    engine = create_engine(url.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS city WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE city"))
    engine.dispose()
    made = City(tmp_path, database=url.format("city"))
    yield made
    made.close()


def test_what_the_database_cannot_keep_is_refused(city: City) -> None:
    answer = city.token(city.card(), SigningKey.generate(), form={"resource": "a\0b"})
    assert refused(answer, "invalid_request")


@pytest.mark.parametrize("path", ["/authorize?client_id=%00", "/verify/%00?code=x", "/device?user_code=%00"])
def test_no_address_crashes_it(city: City, path: str) -> None:
    assert 400 <= city.client.get(path).status_code < 500


@pytest.mark.expected_log("the database failed")
def test_a_database_that_went_away_is_not_now_and_comes_back(city: City, cluster: Path) -> None:
    token = city.token(city.card(), SigningKey.generate()).json()["access_token"]

    def asked() -> list[int]:
        forms = {"/introspect": {"token": token}, "/card/challenge": {}, "/device_authorization": {"scope": "account"}}
        answers = [city.client.post(path, data={**form, **city.form()}) for path, form in forms.items()]
        assert all(answer.status_code == 200 or refused(answer, "temporarily_unavailable") for answer in answers)
        return [answer.status_code for answer in answers]

    assert asked() == [200, 200, 200]
    postgres.stop(cluster)
    assert asked() == asked() == [503, 503, 503]
    postgres.start(cluster)
    asked()  # what was connected before is found to be dead, once
    assert asked() == [200, 200, 200]
