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


def _sheets(document: Path) -> int:
    said = subprocess.run(["pdfinfo", str(document)], capture_output=True, text=True, check=True).stdout
    return next(int(line.split()[1]) for line in said.splitlines() if line.startswith("Pages:"))


def _print_sheets(document: Path, out: Path, control: Path, uri: str) -> int:
    """Sheet by sheet, each counted as it drops into the tray; how many came out."""
    total, jam = _sheets(document), control / "jam-after"
    done = 0
    while done < total:
        if jam.exists() and done >= int(jam.read_text()):
            jam.unlink()
            (control / "media-jam").write_text("1")
        if not _wait_until_clear(control, uri):
            break
        done += 1
        _count(control)
        sys.stderr.write(f"ATTR: job-impressions-completed={done}\n")
        sys.stderr.flush()
    if done:
        _deliver(document, out, control, done, complete=done == total)
    return done - total


def _count(control: Path) -> None:
    """The machine's own page counter; it prints one job at a time, so nobody else writes."""
    counter, new = control / ".sheets", control / ".sheets-new"
    new.write_text(str(1 + (int(counter.read_text()) if counter.exists() else 0)))
    new.rename(counter)


def _deliver(document: Path, out: Path, control: Path, sheets: int, *, complete: bool) -> None:
    """What lies in the tray, under a number that no other job has."""
    number = 1
    while (pdf := out / f"job-{number:03}.pdf").exists():
        number += 1
    shutil.copyfile(document, pdf)
    if not (control / "no-pictures").exists():
        last = ["-l", str(sheets)]
        subprocess.run(["pdftoppm", "-r", "100", "-png", *last, str(pdf), str(pdf.with_suffix(""))], check=True)
    pages = sorted(str(page) for page in out.glob(f"job-{number:03}-*.png"))
    name = os.environ.get("IPP_JOB_NAME", "")
    note = {"pdf": str(pdf), "png": pages, "job": name, "sheets": sheets, "complete": complete}
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
    return 1 if _print_sheets(document, out, control, uri) else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])))
