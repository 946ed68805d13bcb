"""Every visit of the demo, by the command that people run, and by persons that no plan names."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from demo.checks import missing_figures
from demo.parts.process import ROOT, environment
from demo.plans import PLANS

pytestmark = pytest.mark.reader


def headless(out: Path, *arguments: str) -> tuple[int, list[dict[str, object]], str]:
    """Run `python -m demo --headless`; exit status, visits of the summary, what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--headless", "--out", str(out), *arguments],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip
    summary = out / "summary.json"
    visits = json.loads(summary.read_text(encoding="utf-8"))["visits"] if summary.exists() else []
    return done.returncode, visits, done.stdout + done.stderr


@pytest.mark.timeout(430)
def test_all_planned_visits_end_as_they_should(tmp_path: Path) -> None:
    status, visits, said = headless(tmp_path)
    assert status == 0, said
    assert [visit["name"] for visit in visits] == list(PLANS)
    for visit in visits:
        folder = tmp_path / str(visit["name"])
        assert visit["ok"] is True
        assert visit["failure"] is None
        assert list((folder / "screens").glob("01-welcome.png"))
        assert (folder / "events.jsonl").stat().st_size > 0
        assert set(visit) == {
            "name", "person", "ok", "tap_to_menu_ms", "tap_to_slip_ms", "tap_to_document_ms", "failure"
        }  # fmt: skip
    for name in ("contributions", "family-planning", "contributions-gen2", "family-planning-gen2"):
        for file in ("slip.png", "slip.bin", "document.pdf"):
            assert (tmp_path / name / file).stat().st_size > 500


@pytest.mark.timeout(430)
@pytest.mark.parametrize("person", [38_525_400, 600])
def test_any_resident_may_come(tmp_path: Path, person: int) -> None:
    names = ("--visit", "contributions", "--visit", "family-planning-gen2")
    status, visits, said = headless(tmp_path, "--person", str(person), *names)
    assert status == 0, said
    assert {visit["person"] for visit in visits} == {person}


def test_an_unknown_visit_is_named(tmp_path: Path) -> None:
    status, visits, said = headless(tmp_path, "--visit", "no-such-visit")
    assert status == 2
    assert visits == []
    assert "no-such-visit" in said


def test_the_figures_check_can_fail() -> None:
    record = {"rows": [{"fee_ym": "201612", "base": "1.00", "emp_amt": "2.00", "per_amt": "3.00", "gov_amt": "0.00",
                        "employer": "测试"}]}  # fmt: skip
    line = "201612 养老 1.00 2.00 3.00 0.00 测试"
    assert missing_figures(record, line) == []
    assert missing_figures(record, line.replace("3.00", "3.01")) != []
    assert missing_figures(record, line.replace(" 2.00", "\n2.00")) != []
