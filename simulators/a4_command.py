"""The print command of `ippeveprinter`: waits while a switch is on, then puts the sheets into the tray (a folder).

Speaks to the printer by lines on standard error: `STATE: +reason` and `STATE: -reason`.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

POLL_SECONDS = 0.05
REASONS = ("media-empty", "media-jam", "cover-open")


def _state(change: str) -> None:
    sys.stderr.write(f"STATE: {change}\n")
    sys.stderr.flush()


def _wait_until_clear(control: Path) -> None:
    told: set[str] = set()
    while True:
        now = {reason for reason in REASONS if (control / reason).exists()}
        for reason in now - told:
            _state(f"+{reason}-error")
        for reason in told - now:
            _state(f"-{reason}-error")
        told = now
        if not now:
            return
        time.sleep(POLL_SECONDS)


def _deliver(document: Path, out: Path) -> None:
    number = len(list(out.glob("job-*.pdf"))) + 1
    pdf = out / f"job-{number:03}.pdf"
    shutil.copyfile(document, pdf)
    subprocess.run(["pdftoppm", "-r", "100", "-png", str(pdf), str(pdf.with_suffix(""))], check=True)
    pages = sorted(str(page) for page in out.glob(f"job-{number:03}-*.png"))
    note = {"pdf": str(pdf), "png": pages, "job": os.environ.get("IPP_JOB_NAME", "")}
    unfinished = out / f".job-{number:03}"
    unfinished.write_text(json.dumps(note), encoding="utf-8")
    unfinished.rename(out / f"job-{number:03}.json")


def main(control: Path, out: Path, document: Path) -> int:
    """Print one document; 1 when the machine aborts it."""
    _wait_until_clear(control)
    delay = control / "delay"
    if delay.exists():
        time.sleep(float(delay.read_text()))  # the time that a slow machine needs
    _wait_until_clear(control)
    if (control / "abort-next").exists():
        (control / "abort-next").unlink()
        return 1
    _deliver(document, out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*(Path(argument) for argument in sys.argv[1:4])))
