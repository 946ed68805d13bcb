"""Tap to menu and tap to paper, and where the milliseconds go, from the record of real headless visits."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.table import markdown, median
from demo.parts.process import ROOT, environment

TURNS = 3
NAMES = ("contributions", "contributions-gen2", "family-planning", "family-planning-gen2")
SPANS = (
    ("tap → pcscd tells of the card", None, "CardInserted"),
    ("card read (EF05, EF06)", "CardInserted", "CardRead"),
    ("PIN keyed in by the driver", "CardRead", "PinSubmitted"),
    ("VERIFY, card proof, token", "PinSubmitted", "SignedIn"),
    ("record fetched", "ServiceChosen", "RecordLoaded"),
    ("both papers, asked to confirmed", "PaperChosen", "DocumentEnded"),
)


def _times(events: Path) -> dict[str, int]:
    """The last time that each event came."""
    lines = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()[1:]]
    return {line["event"]["type"]: line["ms"] for line in lines}


def _run(out: Path) -> list[dict[str, object]]:
    arguments = [part for name in NAMES for part in ("--visit", name)]
    command = [sys.executable, "-m", "demo", "--headless", "--out", str(out), *arguments]
    subprocess.run(command, cwd=ROOT, env=environment(), check=True, capture_output=True)
    visits: list[dict[str, object]] = json.loads((out / "summary.json").read_text(encoding="utf-8"))["visits"]
    return visits


def measure() -> str:
    """Both tables."""
    summaries, spans = [], []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(TURNS):
            out = Path(folder) / str(turn)
            summaries += _run(out)
            spans += [(name, _times(out / name / "events.jsonl")) for name in NAMES]
    marks = ("tap_to_menu_ms", "tap_to_slip_ms", "tap_to_document_ms")
    rows = [
        [name, *(f"{median([float(str(v[mark])) for v in summaries if v['name'] == name]):.0f}" for mark in marks)]
        for name in NAMES
    ]
    where = [
        [label, f"{median([t[end] - (t[start] if start else 0) for _name, t in spans]):.0f}"]
        for label, start, end in SPANS
    ]
    first = markdown(["visit", "tap to menu, ms", "tap to slip, ms", "tap to page, ms"], rows)
    return first + "\n" + markdown([f"where they go (median of {len(spans)} visits)", "ms"], where)
