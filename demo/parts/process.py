"""A child process that speaks JSON lines, steered by lines on its standard input; it dies when we die."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
START_SECONDS = 120.0
"""For a part that hangs; one that ends is noticed at once. Central took over 30 s at load 15 on two cores."""
ANSWER_SECONDS = 30.0
STOP_SECONDS = 5.0

Line = dict[str, object]


class PartFailed(RuntimeError):
    """A part did not start, ended, or did not answer; the message has its last words."""


def die_with_parent() -> None:
    """Between fork and exec: let the kernel kill this child when its parent is gone (prctl(2))."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our environment with the checkout on the module path."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(extra or {})}


class Process:
    """Runs `python -m MODULE ARGUMENTS`; `lines` grows as the child speaks. `prefix`: a command that starts Python."""

    def __init__(
        self, module: str, *arguments: str, extra: Mapping[str, str] | None = None, prefix: tuple[str, ...] = ()
    ) -> None:
        self.name = module
        self.lines: list[Line] = []
        self._news = threading.Condition()
        self._ended = False
        self._errors: list[str] = []
        self.child = subprocess.Popen(
            [*prefix, sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(extra),
            preexec_fn=die_with_parent,
            start_new_session=True,
        )
        for work in (self._read_lines, self._read_errors):
            threading.Thread(target=work, daemon=True).start()

    def __enter__(self) -> Self:
        try:
            self.wait_for("ready")
        except PartFailed:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_for(self, event: str, after: int = 0, timeout: float = START_SECONDS) -> Line:
        """The first line with this event at or after position `after` of `lines`."""
        return self._wait(lambda line: line.get("event") == event, after, timeout, f"say {event!r}")

    def ask(self, command: str) -> Line:
        """Send one control line, give its answer; PartFailed when the part refuses it."""
        if self.child.stdin is None:
            raise PartFailed(f"{self.name} has no standard input.")
        after = len(self.lines)
        self.child.stdin.write(command + "\n")
        self.child.stdin.flush()
        word = command.split(maxsplit=1)[0]
        answer = self._wait(lambda line: line.get("answer") == word, after, ANSWER_SECONDS, f"answer {word!r}")
        if "error" in answer:
            raise PartFailed(f"{self.name}: {answer['error']}")
        return answer

    def stop(self) -> None:
        """SIGTERM, then SIGKILL; returns when the child is gone."""
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout, self.child.stderr):
            if pipe is not None and pipe is self.child.stdin:
                try:
                    pipe.close()
                except OSError:
                    pass  # the child was gone before our last line

    def _wait(self, wanted: Callable[[Line], bool], after: int, timeout: float, what: str) -> Line:
        def found() -> Line | None:
            return next((line for line in self.lines[after:] if wanted(line)), None)

        with self._news:
            self._news.wait_for(lambda: found() is not None or self._ended, timeout)
            line = found()
        if line is None:
            words = " / ".join(self._errors[-3:]) or "no message"
            raise PartFailed(f"{self.name} did not {what} within {timeout:.0f} s: {words}")
        return line

    def _read_lines(self) -> None:
        if self.child.stdout is not None:
            with self.child.stdout as stream:
                for line in stream:
                    self._publish(line)
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _publish(self, line: str) -> None:
        try:
            parsed = json.loads(line)
        except ValueError:
            parsed = {"text": line.rstrip()}
        with self._news:
            self.lines.append(parsed)
            self._news.notify_all()

    def _read_errors(self) -> None:
        if self.child.stderr is not None:
            with self.child.stderr as stream:
                for line in stream:
                    self._errors.append(line.rstrip())

    @property
    def errors(self) -> str:
        """What the child wrote to standard error so far."""
        return "\n".join(self._errors)
