"""From the start of the process to the first painted frame of the terminal; a bare Qt window beside it."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.table import markdown, median
from demo.parts.process import ROOT, environment
from demo.street import Street

TURNS = 7
BARE = """
import sys
from PyQt6.QtWidgets import QApplication, QLabel
application = QApplication(sys.argv)
window = QLabel("hello")
window.resize(1080, 1920)
window.show()
application.processEvents()
window.grab()
print("frame", flush=True)
"""
TERMINAL = """
import sys
from pathlib import Path
from PyQt6.QtWidgets import QApplication
from kiosk.app import Terminal
from kiosk.config import load_config
application = QApplication(sys.argv)
terminal = Terminal(load_config(Path(sys.argv[1])))
terminal.window.resize(1080, 1920)
terminal.window.show()
terminal.start()
application.processEvents()
terminal.window.grab()
print("frame", flush=True)
terminal.stop()
"""


def _once(code: str, *arguments: str) -> float:
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=environment({"QT_QPA_PLATFORM": "offscreen"}),
    )  # fmt: skip
    if child.stdout is None or not child.stdout.readline().startswith(b"frame"):
        raise RuntimeError("there was no first frame")
    elapsed = (time.perf_counter() - start) * 1000
    child.communicate()
    return elapsed


def measure() -> str:
    """The table; turn by turn."""
    bare, ours = [], []
    with tempfile.TemporaryDirectory() as folder, Street(Path(folder)) as street:
        for _ in range(TURNS):
            bare.append(_once(BARE))
            ours.append(_once(TERMINAL, str(street.config_path)))
    rows = [
        ["a bare Qt label", f"{median(bare):.0f}", "1.0"],
        ["the terminal (`kiosk.app`)", f"{median(ours):.0f}", f"{median(ours) / median(bare):.1f}"],
    ]
    return markdown([f"start to first frame, {os.cpu_count()} cores, offscreen", "median ms", "ratio"], rows)
