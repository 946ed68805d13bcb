"""`python -m kiosk.failures_page > docs/failures.md`: every failure, for attendants and writers of manuals."""

import sys

from card.failures import CardFailure
from card.pcsc import MEANINGS
from kiosk.failures import Failure, failure_text

HEAD = """# Failures

Made from `kiosk/failures.py` and `kiosk/failures.toml` by `python -m kiosk.failures_page`; a test keeps it current.

| code | the holder reads | and can do | the attendant |
|---|---|---|---|
"""

CODES = """
## Return codes of PC/SC

Names in pcsclite.h; a code that nobody has defined is READER_FAULT.

| failure | codes |
|---|---|
"""


def page() -> str:
    """The page in Markdown."""
    lines = []
    for failure in Failure:
        zh, en = failure_text(failure, "zh"), failure_text(failure, "en")
        cells = (f"{zh.holder}<br>{en.holder}", f"{zh.remedy}<br>{en.remedy}", f"{zh.attendant}<br>{en.attendant}")
        lines.append(f"| **{failure.value}** {failure.name} | {' | '.join(cells)} |\n")
    return HEAD + "".join(lines) + CODES + "".join(_codes())


def _codes() -> list[str]:
    """Every return code of PC/SC, by the failure that it is."""
    found = {
        failure: [f"{code:08X}" for code, meant in MEANINGS.items() if meant is failure] for failure in CardFailure
    }
    return [f"| {failure.value} {failure.name} | {' '.join(codes)} |\n" for failure, codes in found.items() if codes]


if __name__ == "__main__":
    sys.stdout.write(page())
