"""Rules for every test: an unexpected warning in our own log is a failure, and a Qt warning is one too (pyproject)."""

import logging
import os
import re
from collections.abc import Iterator

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before any Qt module is loaded

from tests.parts import a4, card, daemon, driver, slot, street, thermal

__all__ = ["a4", "card", "daemon", "driver", "slot", "street", "thermal"]

settings.register_profile("onecard", deadline=None)  # no timed assertion: machines are shared
settings.load_profile("onecard")

READER = {"card", "daemon", "driver", "slot", "street"}
"""Fixtures of the reader's daemon, of which a machine has one."""

ROOMS = ("city", "card", "backend_client", "printing", "kiosk", "central", "simulators", "demo")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What `bin/test` runs at the same time: tests that share the machine's reader, and all others."""
    parser.addoption("--reader", choices=("with", "without"), help="only tests with, or without, the card reader")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers of this suite."""
    config.addinivalue_line("markers", "expected_log(pattern): this test may log a warning that matches the pattern")
    config.addinivalue_line("markers", "reader: this test starts programs that use the card reader")


def _uses_reader(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("reader") is not None or not READER.isdisjoint(fixtures)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `--reader` doesn't name."""
    wanted = config.getoption("--reader")
    if wanted is None:
        return
    others = [item for item in items if _uses_reader(item) is not (wanted == "with")]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


def _unexpected(records: list[logging.LogRecord], patterns: list[str]) -> list[str]:
    ours = (r for r in records if r.levelno >= logging.WARNING and r.name.split(".")[0] in ROOMS)
    lines = [f"{r.name}: {r.getMessage()}" for r in ours]
    return [line for line in lines if not any(re.search(pattern, line) for pattern in patterns)]


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail the test when one of our rooms logged a warning that the test did not announce."""
    patterns = [str(mark.args[0]) for mark in request.node.iter_markers("expected_log")]
    with caplog.at_level(logging.INFO):
        yield
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    lines = _unexpected(records, patterns)
    if lines:
        pytest.fail("unexpected log lines:\n" + "\n".join(lines), pytrace=False)
