"""A served city for measurements: a signed-in holder, and a switch that puts nothing in the place of the log."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from unittest.mock import patch

from backend_client.client.central import HolderSession
from central.api import record_routes
from tests.city import City, client_of, free_port, serving

Switch = Callable[[bool], AbstractContextManager[None]]


@contextmanager
def served() -> Iterator[tuple[HolderSession, Switch]]:
    """The session, and the switch: `with unlogged(True)` nothing is logged."""
    with tempfile.TemporaryDirectory() as folder:
        city = City(Path(folder), f"http://127.0.0.1:{free_port()}", daily_limit=10**9)
        with serving(city):
            client = client_of(city)
            yield client.sign_in(city.card(4), "social"), _unlogged
            client.close()
        city.close()


@contextmanager
def _unlogged(off: bool) -> Iterator[None]:
    if not off:
        yield
        return
    with patch.object(record_routes, "note_read", lambda *_: None):
        yield
