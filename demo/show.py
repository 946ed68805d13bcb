"""`bin/demo` with people: the terminal on the display, or in a browser beside the street when there is no display."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from demo.page import serve_page
from demo.parts.process import ROOT, PartFailed, die_with_parent, environment
from demo.parts.site import DepartmentSite
from demo.street import Street

GEOMETRY = "1080x1920"
START_SECONDS = 15
NOVNC = Path("/usr/share/novnc")


def show(port: int, profile: str = "international") -> int:
    """Until Ctrl-C or SIGTERM; then everything that was started is ended."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: over.set())
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    with tempfile.TemporaryDirectory(prefix="onecard-") as folder, ExitStack() as stack:
        street = stack.enter_context(Street(Path(folder), profile=profile))
        stack.enter_context(DepartmentSite(street.central, street.folder))
        display, screen_port = (None, None) if has_display else stack.enter_context(_virtual_screen(Path(folder)))
        terminal = stack.enter_context(_terminal(street, display))
        url = stack.enter_context(serve_page(street, port, screen_port))
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        while not over.wait(0.5):
            if terminal.poll() is not None:
                raise PartFailed(f"The terminal ended (status {terminal.returncode}); its log: {street.data}.")
    return 0


@contextmanager
def _child(command: list[str], extra: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(extra),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=die_with_parent,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def _terminal(street: Street, display: str | None) -> Iterator[subprocess.Popen[bytes]]:
    extra = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"} if display else {}
    command = [sys.executable, "-m", "kiosk", "run", "--config", str(street.config_path)]
    with _child(command, extra, street.folder / "terminal.err") as child:
        yield child


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def _virtual_screen(folder: Path) -> Iterator[tuple[str, int]]:
    """An X server that speaks VNC, and a web socket before it; loopback only (screens.md section 3)."""
    vnc, web = _free_port(), _free_port()
    number = next(n for n in range(90, 400) if not Path(f"/tmp/.X11-unix/X{n}").exists())
    x_server = [
        "Xtigervnc", f":{number}", "-geometry", GEOMETRY, "-depth", "24", "-localhost", "yes",
        "-SecurityTypes", "None", "-rfbport", str(vnc), "-AlwaysShared",
    ]  # fmt: skip
    bridge = ["websockify", "--web", str(NOVNC), f"127.0.0.1:{web}", f"127.0.0.1:{vnc}"]
    with _child(x_server, {}, folder / "screen.log") as child:
        _wait_for(Path(f"/tmp/.X11-unix/X{number}"), child, folder / "screen.log")
        with _child(bridge, {}, folder / "bridge.log"):
            yield f":{number}", web


def _wait_for(path: Path, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not path.exists():
        if child.poll() is not None or time.monotonic() > deadline:
            raise PartFailed(f"The virtual screen did not start; see {log}.")
        time.sleep(0.02)
