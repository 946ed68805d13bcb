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
CANCEL_POLLS = 10
ASK_JOB = """{ OPERATION Get-Job-Attributes GROUP operation-attributes-tag ATTR charset attributes-charset utf-8
ATTR naturalLanguage attributes-natural-language en ATTR uri printer-uri $uri ATTR integer job-id %s
STATUS successful-ok DISPLAY job-state-reasons }"""
REASONS = ("media-empty", "media-jam", "cover-open")


def _state(change: str) -> None:
    sys.stderr.write(f"STATE: {change}\n")
    sys.stderr.flush()


def _canceled(uri: str, control: Path) -> bool:
    """Has someone asked to cancel this job? ippeveprinter leaves it to us to stop (processing-to-stop-point)."""
    question = control / f".ask-{os.getpid()}"
    question.write_text(ASK_JOB % os.environ["IPP_JOB_ID"])
    done = subprocess.run(["ipptool", "-tv", uri, str(question)], capture_output=True, text=True, check=False)
    question.unlink()
    return "processing-to-stop-point" in done.stdout


def _wait_until_clear(control: Path, uri: str) -> bool:
    """False when the job was canceled while the machine waited."""
    told: set[str] = set()
    turn = 0
    while True:
        now = {reason for reason in REASONS if (control / reason).exists()}
        for reason in now - told:
            _state(f"+{reason}-error")
        for reason in told - now:
            _state(f"-{reason}-error")
        told = now
        if not now:
            return True
        turn += 1
        if turn % CANCEL_POLLS == 0 and _canceled(uri, control):
            for reason in told:
                _state(f"-{reason}-error")
            return False
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


def main(control: Path, out: Path, uri: str, document: Path) -> int:
    """Print one document; 1 when the machine aborts it."""
    if not _wait_until_clear(control, uri):
        return 1
    delay = control / "delay"
    if delay.exists():
        time.sleep(float(delay.read_text()))  # the time that a slow machine needs
    if not _wait_until_clear(control, uri):
        return 1
    if (control / "abort-next").exists():
        (control / "abort-next").unlink()
        return 1
    _deliver(document, out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])))
