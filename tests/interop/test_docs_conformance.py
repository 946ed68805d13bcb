"""docs/conformance.md is followed to the letter, as an integrator would: every command works as it is written."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from demo.parts.process import ROOT
from tests.city import free_port

PAGE = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")


def shell(command: str, folder: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """What a reader types, in a folder that has the checkout's `bin`."""
    return subprocess.run(
        ["bash", "-euc", command], cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **more}
    )


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the page uses the openssl program")
def test_the_page_is_followed_to_the_letter(tmp_path: Path) -> None:
    port = str(free_port())
    prepare, serve, ask = (block.replace("8080", port) for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    said = re.search(r"It says `([^`]+)`", PAGE)
    assert said
    (tmp_path / "bin").symlink_to(ROOT / "bin")
    made = shell(prepare, tmp_path)
    assert made.returncode == 0, made.stderr
    with subprocess.Popen(["bash", "-c", f"exec {serve}"], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert json.loads(server.stdout.readline())["event"] == "ready"
        asked = shell(ask, tmp_path)
        server.terminate()
    assert asked.stdout.splitlines()[-1] == said.group(1), asked.stdout + asked.stderr
    assert asked.returncode == 0
