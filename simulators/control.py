"""Control lines: one command a line on standard input, one JSON line for each answer and event on standard output."""

import json
import sys
import threading
from collections.abc import Callable

_lock = threading.Lock()

Answer = dict[str, object]
Command = Callable[[list[str]], Answer]


def say(**fields: object) -> None:
    """Write one JSON line; whole lines even when several threads write."""
    with _lock:
        sys.stdout.write(json.dumps(fields, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def _answer(commands: dict[str, Command], line: str) -> Answer:
    name, *words = line.split()
    if name not in commands:
        return {"error": f"Unknown command {name!r}; known: {', '.join(sorted(commands))}."}
    try:
        return commands[name](words)
    except (ValueError, IndexError, OSError) as error:
        return {"error": f"{name} {' '.join(words)}: {error}"}


def serve_commands(commands: dict[str, Command]) -> None:
    """Answer commands until a signal ends the program; it goes on when standard input ends (run in the background)."""
    for line in sys.stdin:
        if line.strip():
            say(answer=line.split()[0], **_answer(commands, line))
    threading.Event().wait()
