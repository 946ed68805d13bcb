"""PyInstaller builds `kiosk.spec`, and what it built runs without our checkout."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.__version__ import VERSION

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(300)
def test_the_built_binary_runs(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--distpath", str(tmp_path / "dist")]
    subprocess.run(
        [*build, "--workpath", str(tmp_path / "work"), "kiosk.spec"], cwd=ROOT, check=True, capture_output=True
    )
    binary = tmp_path / "dist/kiosk/kiosk"
    said = subprocess.run([str(binary), "--version"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert VERSION in said
    doctor = subprocess.run([str(binary), "doctor"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert doctor.returncode == 1
    assert "ok      fonts" in doctor.stdout
    assert "MISSING configuration" in doctor.stdout
