"""A PostgreSQL server of the test's own: a fresh cluster in a folder, reached over a socket file there, no network."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
OWNER = "postgres"


def _run(*command: str) -> None:
    """As the server's own user: it refuses to run as root."""
    root = ("runuser", "-u", OWNER, "--") if os.geteuid() == 0 else ()
    done = subprocess.run([*root, *command], capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Its SQLAlchemy URL; ended and removed afterwards. `folder`: short, a socket's name has 107 characters."""
    programs, data = BINARIES[-1], folder / "data"
    folder.mkdir(parents=True)
    if os.geteuid() == 0:
        shutil.chown(folder, OWNER)
    _run(str(programs / "initdb"), "-D", str(data), "-U", "central", "-A", "trust", "--no-sync", "-E", "UTF8")
    start(folder)
    try:
        yield f"postgresql+psycopg://central@/postgres?host={folder}"
    finally:
        stop(folder)
        shutil.rmtree(folder)


def start(folder: Path) -> None:
    """Start the cluster (again)."""
    options = f"-k {folder} -c listen_addresses='' -c max_connections=60"
    _run(str(BINARIES[-1] / "pg_ctl"), "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")


def stop(folder: Path) -> None:
    """As a crash does."""
    _run(str(BINARIES[-1] / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
