"""A served city for measurements: a signed-in holder, and a switch that puts nothing in the place of the log."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from unittest.mock import patch

from central.api import grants, record_routes
from tests.city import City, client_of, free_port, serving

Switch = Callable[[bool], AbstractContextManager[None]]
Work = Callable[[], object]


@contextmanager
def served() -> Iterator[tuple[dict[str, Work], Switch]]:
    """What a terminal does, and the switch: `with unlogged(True)` nothing is logged."""
    with tempfile.TemporaryDirectory() as folder:
        city = City(Path(folder), f"http://127.0.0.1:{free_port()}", daily_limit=10**9)
        with serving(city):
            client = client_of(city)
            card = city.card(4)
            session = client.sign_in(card, "social")
            yield {"contributions": session.contributions, "sign-in": lambda: client.sign_in(card, "social")}, _unlogged
            client.close()
        city.close()


@contextmanager
def _unlogged(off: bool) -> Iterator[None]:
    if not off:
        yield
        return
    with (
        patch.object(record_routes, "note_read", lambda *_: None),
        patch.object(grants, "sign_in_of", lambda *_: None),
    ):
        yield
