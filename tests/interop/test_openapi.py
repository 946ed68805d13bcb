"""schemathesis, which others wrote, against every operation of a running central: it finds nothing.

`OPENAPI_EXAMPLES=200 pytest tests/interop/test_openapi.py` looks longer; `OPENAPI_SEED` repeats what was found.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from backend_client.client.keys import DeviceKey
from demo.parts.central import CentralPlatform
from tests.city import TERMINAL

ROOT = Path(__file__).parents[2]
EXAMPLES = os.environ.get("OPENAPI_EXAMPLES", "2")
SEED = os.environ.get("OPENAPI_SEED", "1")
CREDENTIALS = 'terminal = "{terminal}"\nterminal_key = "device.pem"\ncard = "{card}"\n'
HOLDERS = {"first": 4, "second": 8}
UNLIMITED = ("--sms", "--daily-limit", "1000000")


def _credentials(central: CentralPlatform, folder: Path) -> None:
    (folder / "device.pub").write_bytes(DeviceKey.create(folder / "device.pem").public_pem())
    central.register(TERMINAL, folder / "device.pub")
    for who, person in HOLDERS.items():
        card = central.personalise(person, folder / f"{who}.json", "--generation", "3")
        text = CREDENTIALS.format(terminal=TERMINAL, card=card.name)
        (folder / f"{who}.toml").write_text(text, encoding="utf-8")


def _schemathesis(url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("schemathesis")
    settings = {"OPENAPI_URL": url, "OPENAPI_CREDENTIALS": str(folder), "PYTHONPATH": str(ROOT)}
    command = [
        str(program), "--config-file", str(Path(__file__).with_name("schemathesis.toml")), "run", f"{url}/openapi.json",
        "--checks", "all", "--continue-on-failure", "--phases", "coverage,fuzzing,stateful", "-n", EXAMPLES,
        "--seed", SEED, "--no-color",
    ]  # fmt: skip
    environment = {**os.environ, **settings, "SCHEMATHESIS_HOOKS": "tests.interop.openapi_hooks"}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)


@pytest.mark.timeout(0 if int(EXAMPLES) > 10 else 180)
def test_schemathesis_finds_nothing_in_any_operation(tmp_path: Path) -> None:
    with CentralPlatform(tmp_path, *UNLIMITED) as central:
        _credentials(central, tmp_path)
        done = _schemathesis(central.url, tmp_path)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-20_000:]
    counts = {name: int(count) for name, count in re.findall(r"(Selected|Tested): (\d+)", said)}
    assert counts["Tested"] == counts["Selected"] >= 46
    made, passed = (int(number) for number in re.findall(r"(\d+) generated, (\d+) passed", said)[0])
    assert made == passed > 900
