"""The reference central platform as a child, with its command line for cards, records and checks."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from demo.parts.process import ROOT, PartFailed, Process, environment


class CentralPlatform(Process):
    """`central serve` on a free port with a database of its own. `profile`: its crypto profile."""

    def __init__(self, folder: Path, *options: str, profile: str = "international") -> None:
        self.database = f"sqlite:///{folder / 'central.db'}"
        if profile != "international":  # before it serves: it looks once, at its start
            self.run("profile", profile)
        super().__init__("central", "serve", "--port", "0", "--card-key", "file", "--database", self.database, *options)

    def __enter__(self) -> Self:
        super().__enter__()
        self.url = str(self.wait_for("ready")["url"])
        return self

    def run(self, *arguments: str, check: bool = True) -> str:
        """One command of `central` on the same database; PartFailed with its sentence when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "central", *arguments, "--database", self.database],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=environment(),
            check=False,
        )
        if check and done.returncode:
            raise PartFailed(f"central {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def personalise(self, person: int, out: Path, *options: str) -> Path:
        """A card file for a resident."""
        self.run("personalise", "--person", str(person), "--out", str(out), *options)
        return out

    def record(self, person: int, kind: str) -> Any:
        """What the API answers, as JSON values; None when there is no record."""
        return json.loads(self.run("record", "--person", str(person), "--kind", kind, "--json"))

    def wards(self, person: int) -> list[int]:
        """Whom a resident may act for, by number."""
        return [found["person"] for found in json.loads(self.run("wards", "--person", str(person), "--json"))]

    def register(self, terminal_id: str, public_key: Path) -> None:
        """Allow a terminal."""
        place = ("--place-zh", "赤岗街道办事处一楼大厅", "--place-en", "Chigang street office, ground floor")
        self.run("register", terminal_id, "--public-key", str(public_key), *place)

    def seal_keys(self) -> str:
        """JWKS of the document-signing keys."""
        return self.run("keys")

    def verify(self, given: str) -> dict[str, Any]:
        """Central's verdict on a signed code."""
        verdict: dict[str, Any] = json.loads(self.run("verify", given, check=False))
        return verdict
