"""The device key in a TPM 2: swtpm, tpm2-abrmd as its resource manager, and tpm2-pkcs11, all from Debian.

A PKCS#11 module reads its surroundings once per process, so that the terminal runs in processes of its own.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from central.enrolment import register
from demo.parts.process import ROOT, environment
from tests.city import free_port, served

MODULE = "/usr/lib/x86_64-linux-gnu/pkcs11/libtpm2_pkcs11.so"
TERMINAL, PIN = "T44010500088", "271828"
BUS = """<busconfig><type>session</type><listen>unix:dir={folder}</listen><auth>EXTERNAL</auth>
<servicedir>{folder}</servicedir><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"""
SERVICE = """[D-BUS Service]
Name=com.intel.tss2.Tabrmd
Exec=/usr/sbin/tpm2-abrmd --session --allow-root --tcti swtpm:host=127.0.0.1,port={port}
"""
CONFIGURATION = """[terminal]
id = "{terminal}"
data = "data"
[card]
reader = "none"
[central]
base_url = "{url}"
seal_keys = "seal-keys.json"
ca_file = "{ca}"
certificate = "terminal.pem"
device_key = "pkcs11:token=onecard;object=device?module-path={module}&pin-source={pin}"
[thermal]
host = "127.0.0.1"
[a4]
uri = "ipp://127.0.0.1/ipp/print"
"""
ASK = """
import sys, uuid
from pathlib import Path
from backend_client.client.central import Central
from kiosk.central_access import device_key, settings_of
from kiosk.config import load_config
config = load_config(Path(sys.argv[1]))
central = Central(settings_of(config), device_key(config))
print(central.status_of(uuid.uuid4()), device_key(config).place)
central.close()
"""


@dataclass(frozen=True)
class Machine:
    """A terminal's machine with a TPM: its folder, and the surroundings of its processes."""

    folder: Path
    surroundings: dict[str, str]

    def run(self, *command: str) -> str:
        """Run a program there; what it says."""
        done = subprocess.run(
            command, env=self.surroundings, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """swtpm, its resource manager on a bus of its own (started by the bus when it is first asked for), a token."""
    state, store, port = tmp_path / "state", tmp_path / "store", free_port()
    state.mkdir()
    store.mkdir()
    subprocess.run(["swtpm_setup", "--tpm2", "--tpmstate", str(state)], check=True, capture_output=True)
    where = ("--tpmstate", f"dir={state}", "--server", f"type=tcp,port={port}", "--ctrl", f"type=tcp,port={port + 1}")
    how = ("--flags", "not-need-init,startup-clear", "--pid", f"file={tmp_path / 'swtpm.pid'}", "--daemon")
    subprocess.run(["swtpm", "socket", "--tpm2", *where, *how], check=True, stdout=subprocess.DEVNULL)
    (tmp_path / "bus.conf").write_text(BUS.format(folder=tmp_path), encoding="utf-8")
    (tmp_path / "tabrmd.service").write_text(SERVICE.format(port=port), encoding="utf-8")
    command = ["dbus-daemon", f"--config-file={tmp_path / 'bus.conf'}", "--print-address", "--nofork"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as bus:
        assert bus.stdout is not None
        through = "tabrmd:bus_type=session"
        extra = {
            "DBUS_SESSION_BUS_ADDRESS": bus.stdout.readline().strip(), "TPM2_PKCS11_TCTI": through,
            "TPM2TOOLS_TCTI": through, "TPM2_PKCS11_STORE": str(store), "TPM2_PKCS11_LOG_LEVEL": "0",
        }  # fmt: skip
        made = Machine(tmp_path, environment(extra))
        made.run("tpm2_ptool", "init", "--path", str(store))
        token = ("--pid=1", f"--userpin={PIN}", "--sopin=314159", "--label=onecard")
        made.run("tpm2_ptool", "addtoken", *token, "--path", str(store))
        yield made
        bus.terminate()
    os.kill(int((tmp_path / "swtpm.pid").read_text(encoding="ascii")), 15)


def test_a_terminal_enrols_and_works_with_a_key_that_never_leaves_its_tpm(machine: Machine, tmp_path: Path) -> None:
    pin, path = tmp_path / "pin", tmp_path / "terminal.toml"
    pin.touch(0o600)
    pin.write_text(PIN, encoding="ascii")
    with served(tmp_path / "city", "https") as city:
        ca = city.keys.folder / "device-ca.pem"
        text = CONFIGURATION.format(terminal=TERMINAL, url=city.url, ca=ca, module=MODULE, pin=pin)
        path.write_text(text, encoding="utf-8")
        code = register.new_code(city.engine, TERMINAL)
        said = machine.run(sys.executable, "-m", "kiosk", "enrol", code, "--config", str(path))
        assert "in the PKCS#11 token 'onecard'" in said
        assert machine.run(sys.executable, "-c", ASK, str(path)) == "None in the PKCS#11 token 'onecard'\n"
        register.revoke(city.engine, TERMINAL)
