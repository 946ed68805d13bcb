"""A software HSM for tests: SoftHSM with a token of its own in a folder, spoken to over PKCS#11."""

import os
import subprocess
from pathlib import Path

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "271828"
TOKENS = 12
_free: list[str] = []
_folders: list[Path] = []


def token(folder: Path) -> str:
    """A new token; gives its URI without the object.

    SoftHSM reads its configuration and its tokens once per process, so that all of a test run are made at the start.
    """
    if not _folders:
        _make_all(folder)
    return f"pkcs11:token={_free.pop()};object={{}}?module-path={MODULE}&pin-source={_folders[0] / 'token.pin'}"


def _make_all(folder: Path) -> None:
    (folder / "tokens").mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", encoding="utf-8")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    pin = folder / "token.pin"
    pin.touch(0o600)
    pin.write_text(PIN, encoding="utf-8")
    for number in range(TOKENS):
        label = f"token-{number}"
        command = ("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "314159")
        subprocess.run(command, check=True, capture_output=True)
        _free.append(label)
    _folders.append(folder)
