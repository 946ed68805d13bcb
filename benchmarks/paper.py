"""The one-page statement from facts to PDF bytes, warm, beside fpdf2, WeasyPrint and Typst; slips; turn by turn."""

import json
import subprocess
import sys
import time
import venv
from itertools import islice
from pathlib import Path

from backend_client.contract.documents import IssuedDocument
from benchmarks.paper_page import AT, documents, plain
from benchmarks.table import markdown, median, p95
from demo.parts.process import ROOT, environment
from printing.slip import render_slip

PEERS = ("fpdf2", "weasyprint", "typst")
TURNS = {1: 30, 20: 5}
NAMES = {
    "ours": "ours (reportlab canvas, own subset fonts, pikepdf)", "typst": "Typst, kept compiler, untagged",
    "fpdf2": "fpdf2", "weasyprint": "WeasyPrint",
}  # fmt: skip


def peers_python() -> Path:
    """An environment with the peers only, made once under var/."""
    folder = ROOT / "var" / "peers"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        packages = [*PEERS, "segno"]
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True, capture_output=True)
        (folder / "ready").touch()
    return python


class Worker:
    """One engine's process."""

    def __init__(self, engine: str, python: str | Path) -> None:
        command = [str(python), "-m", "benchmarks.paper_worker", engine]
        self._child = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.ours = engine == "ours"

    def draw(self, document: IssuedDocument) -> tuple[float, int]:
        """Milliseconds and bytes."""
        if self._child.stdin is None or self._child.stdout is None:
            raise RuntimeError("the worker has no pipes")
        page = document.model_dump_json() if self.ours else json.dumps(plain(document), ensure_ascii=False)
        self._child.stdin.write(page + "\n")
        self._child.stdin.flush()
        elapsed, size = json.loads(self._child.stdout.readline())
        return float(elapsed), int(size)

    def end(self) -> None:
        """Let it go."""
        self._child.communicate()


def _turns(workers: dict[str, Worker], pages: int) -> dict[str, list[tuple[float, int]]]:
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in workers}
    for document in islice(documents(pages), TURNS[pages] + 2):  # two to get warm
        for name, worker in workers.items():
            found[name].append(worker.draw(document))
    return {name: times[2:] for name, times in found.items()}


def _slips() -> str:
    first, whole = [], []
    for document in islice(documents(1), 40):
        start = time.perf_counter()
        body = render_slip(document, "zh", AT)
        whole.append((time.perf_counter() - start) * 1000)
        first.append(len(body))
    rows = [["facts to the slip's first byte", f"{median(whole[5:]):.1f}", f"{p95(whole[5:]):.1f}", str(max(first))]]
    return markdown(["slip, 80 mm", "median ms", "p95 ms", "bytes"], rows)


def measure() -> str:
    """The tables."""
    python = peers_python()
    workers = {name: Worker(name, sys.executable if name == "ours" else python) for name in NAMES}
    tables = []
    for pages in TURNS:
        found = _turns(workers, pages)
        ours = median([elapsed for elapsed, _size in found["ours"]])
        rows = [
            [NAMES[name], f"{median([t for t, _ in times]):.1f}", f"{p95([t for t, _ in times]):.1f}",
             f"{median([s for _, s in times]) / 1024:.0f}", f"{median([t for t, _ in times]) / ours:.1f}"]
            for name, times in found.items()
        ]  # fmt: skip
        head = f"{pages} page{'s' if pages > 1 else ''}, PDF/A-2b, another resident each time"
        tables.append(markdown([head, "median ms", "p95 ms", "KiB", "ratio"], rows))
    for worker in workers.values():
        worker.end()
    return "\n".join([*tables, _slips()])


if __name__ == "__main__":
    sys.stdout.write(measure())
