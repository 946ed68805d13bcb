"""`python -m kiosk.failures_page > docs/failures.md`: every failure, for attendants and writers of manuals."""

import sys

from kiosk.failures import Failure, failure_text

HEAD = """# Failures

Made from `kiosk/failures.py` and `kiosk/failures.toml` by `python -m kiosk.failures_page`; a test keeps it current.

| code | the holder reads | and can do | the attendant |
|---|---|---|---|
"""


def page() -> str:
    """The page in Markdown."""
    lines = []
    for failure in Failure:
        zh, en = failure_text(failure, "zh"), failure_text(failure, "en")
        cells = (f"{zh.holder}<br>{en.holder}", f"{zh.remedy}<br>{en.remedy}", f"{zh.attendant}<br>{en.attendant}")
        lines.append(f"| **{failure.value}** {failure.name} | {' | '.join(cells)} |\n")
    return HEAD + "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
