"""A run without hands that stands still leaves word of where, and ends."""

import subprocess
import sys
from pathlib import Path

from demo.headless import watched
from demo.parts.process import ROOT, environment

STANDING = """
import sys, threading
from pathlib import Path
from demo.headless import watched

def waits_for_ever():
    threading.Event().wait()

with watched(Path(sys.argv[1]), 0.1):
    waits_for_ever()
"""


def test_a_visit_that_stands_still_says_where_and_ends(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STANDING, str(tmp_path)], check=False, cwd=ROOT, env=environment(), capture_output=True
    )
    assert done.returncode == 1
    assert "in waits_for_ever" in (tmp_path / "stalled.txt").read_text()


def test_a_visit_that_ends_leaves_no_word_of_it(tmp_path: Path) -> None:
    with watched(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
