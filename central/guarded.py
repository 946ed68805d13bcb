"""A stranger's PDF is examined in a process of its own, which may neither work for long nor grow large.

A file of 13 kB can keep PDFium busy for minutes, one of 2 MB can unpack to gigabytes in qpdf; neither library has a
limit. The process has no keys and no database, either. `python -m central.guarded`: PDF in, JSON out.
"""

import base64
import json
import os
import resource
import subprocess
import sys
import threading
from dataclasses import asdict
from datetime import datetime

from central.evidence import is_pdf
from central.examined import Examined, FileSignature, examine

CPU_SECONDS = 12  # ten pages of a scan without any code take 4
LARGEST = 2 << 30  # bytes of address space; such a scan takes 600 MB
WAIT_SECONDS = 60.0
NOTHING = Examined()
_AT_ONCE = threading.BoundedSemaphore(2)


def examine_apart(data: bytes, authority: bytes | None, seconds: int = CPU_SECONDS) -> Examined:
    """As `examine`; nothing is found in what takes too much."""
    if not is_pdf(data):
        return examine(data, authority)  # pictures and packages are bounded before they are unpacked
    command = [sys.executable, "-m", "central.guarded", str(seconds), base64.b64encode(authority or b"").decode()]
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PATH": os.environ.get("PATH", "")}
    with _AT_ONCE:
        try:
            done = subprocess.run(
                command, input=data, capture_output=True, timeout=WAIT_SECONDS, check=False, env=environment
            )
        except subprocess.TimeoutExpired:
            return NOTHING
    return _read(done.stdout) if done.returncode == 0 else NOTHING


def _read(answer: bytes) -> Examined:
    said = json.loads(answer)
    signed = said["signature"]
    if signed is not None:
        stamped = datetime.fromisoformat(signed["stamped"]) if signed["stamped"] else None
        signed = FileSignature(signed["whole"], signed["trusted"], stamped)
    return Examined(signed, said["code"], said["contradicted"])


def _bounded(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST, LARGEST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Examine what comes in."""
    _bounded(int(sys.argv[1]))
    found = examine(sys.stdin.buffer.read(), base64.b64decode(sys.argv[2]) or None)
    json.dump(asdict(found), sys.stdout, default=datetime.isoformat)


if __name__ == "__main__":
    main()
