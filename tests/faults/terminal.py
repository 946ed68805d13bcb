"""The terminal's document path in a process that may die: imported once, forked for each point.

`python -m tests.faults.terminal SETTINGS`: reads one job a line, forks, says how the child ended.
"""

import base64
import ctypes
import json
import os
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import escpos.printer
import pyipp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import printing
from backend_client.client.central import Central, HolderSession
from backend_client.client.keys import DeviceKey
from backend_client.client.settings import CentralSettings
from backend_client.contract.documents import DocumentKind, Medium
from kiosk.document_work import DocumentDesk, Order
from kiosk.journal.journal import Journal
from kiosk.recovery import Recovery, try_reconcile
from printing.cups import CupsPrinter
from printing.ipp import IppPrinter
from printing.page_printer import PagePrinter
from printing.spooler import Spooler
from printing.thermal import ThermalPrinter

KINDS = {Medium.A4: DocumentKind.CONTRIBUTIONS_STATEMENT, Medium.SLIP: DocumentKind.CONTRIBUTIONS_SLIP}
HANG_SECONDS = 40.0
IMPORTED = (escpos.printer, pyipp)


@dataclass(frozen=True)
class SoftCard:
    """A personalised card as its file has it; the reader is another room's."""

    card_id: str
    certificate_chain: tuple[bytes, ...]
    key: EllipticCurvePrivateKey
    algorithm: str = "ES256"

    def sign(self, digest: bytes) -> bytes:
        """r‖s."""
        pair = decode_dss_signature(self.key.sign(digest, ECDSA(Prehashed(hashes.SHA256()))))
        return b"".join(number.to_bytes(32, "big") for number in pair)


def soft_card(path: Path) -> SoftCard:
    """From `central personalise`."""
    card = json.loads(path.read_text(encoding="utf-8"))
    key = load_pem_private_key(card["private_key"].encode(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return SoftCard(card["ef05"]["01"], (base64.b64decode(card["certificate"]),), key)


@dataclass(frozen=True)
class Parts:
    """What the document path is made of, at the addresses of this job."""

    central: Central
    thermal: ThermalPrinter
    a4: PagePrinter

    @classmethod
    def at(cls, job: dict[str, Any]) -> "Parts":
        """Nothing is connected yet."""
        seals = {key["kid"]: key for key in job["seal_keys"]["keys"]}
        settings = CentralSettings(
            job["central"], job["terminal"], seals, job["audience"], connect_timeout=0.5, read_timeout=0.8
        )
        thermal = ThermalPrinter("127.0.0.1", job["thermal"], answer_timeout=0.4, print_timeout=2.5, counters=True)
        direct = IppPrinter(job["a4"], answer_timeout=1, patience=1.5)
        a4 = CupsPrinter(Spooler(Path(job["spool"]), job["a4"]), direct) if job["spool"] else direct
        return cls(Central(settings, DeviceKey.load(Path(job["device_key"]))), thermal, a4)


def arm(job: dict[str, Any], folder: Path) -> None:
    """The fault of this job, in the library that was preloaded."""
    fault = job["fault"]
    shim = ctypes.CDLL(None)
    where = [str(folder).encode(), str(job["shadow"]).encode()]
    if fault is None:
        shim.fault_arm(*where, -1, ctypes.c_long(0), 0, 0, 0, 0, ctypes.c_long(0))
        return
    shim.fault_arm(
        *where, fault["operation"], ctypes.c_long(fault["nth"]), fault["error"], int(fault["sticky"]),
        int(fault["after"]), int(fault["torn"]), ctypes.c_long(fault["shift"]),
    )  # fmt: skip


def visit(job: dict[str, Any]) -> dict[str, object]:
    """One document, from an empty journal."""
    parts, data = Parts.at(job), Path(job["data"])
    card = soft_card(Path(job["card"]))
    session: HolderSession = parts.central.sign_in(card, "social")
    holder = session.holder
    assert holder is not None
    arm(job, data.parent)
    journal = Journal(data / "journal.db", data / "journal.key")
    recovery = Recovery(journal, parts.central, parts.a4, parts.thermal)
    desk = DocumentDesk(journal, parts.thermal, parts.a4, recovery, reprint_wait=job["reprint_wait"])
    medium = Medium(job["medium"])
    until = time.monotonic() + job["stays"]
    order = Order(
        KINDS[medium], medium, "zh", session, holder.id_no, lambda: time.monotonic() < until, lambda _step: None
    )
    printed = desk.make(order)
    shim = ctypes.CDLL(None)
    shim.fault_count.restype = ctypes.c_long
    return {"failure": printed.failure, "counts": [shim.fault_count(what) for what in range(4)]}


def recover(job: dict[str, Any]) -> dict[str, object]:
    """What the terminal does when it starts: reconcile."""
    parts, data = Parts.at(job), Path(job["data"])
    arm(job, data.parent)
    journal = Journal(data / "journal.db", data / "journal.key")
    return {"open": try_reconcile(Recovery(journal, parts.central, parts.a4, parts.thermal))}


ACTIONS = {"visit": visit, "recover": recover}


def _child(job: dict[str, Any]) -> None:
    status = 0
    try:
        said = ACTIONS[job["action"]](job)
    except Exception as error:  # noqa: BLE001  # whatever it is, the matrix must see it
        said, status = {"error": type(error).__name__, "text": str(error), "where": traceback.format_exc()[-900:]}, 1
    os.write(1, (json.dumps({"event": "said", **said}) + "\n").encode())
    os._exit(status)


def _wait(child: int) -> int:
    deadline = time.monotonic() + HANG_SECONDS
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -999


def main() -> None:
    """Serve until standard input ends."""
    printing.warm()
    os.write(1, b'{"event": "ready"}\n')
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            _child(job)
        os.write(1, (json.dumps({"event": "ended", "status": _wait(child)}) + "\n").encode())


if __name__ == "__main__":
    main()
