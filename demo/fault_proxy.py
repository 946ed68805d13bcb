"""`python -m demo.fault_proxy`: stands between terminal and central and misbehaves on command.

Modes: ok · down · slow SECONDS · nonsense · wrong-json · clock SECONDS · status CODE · drop-answer N
(forwards the next N POSTs and drops their answers: the dangerous case).
"""

import json
import sys
import threading
import time
from dataclasses import dataclass

import typer

from demo.relay import Answer, Line, Relay, Request

MODES = ("ok", "down", "slow", "nonsense", "wrong-json", "clock", "status", "drop-answer")
JSON = {"Content-Type": "application/json"}
MADE = {"nonsense": Answer(200, JSON, b"<html>busy</html>"), "wrong-json": Answer(200, JSON, b'{"surprise": [1, 2]}')}


@dataclass
class Behaviour:
    """What the proxy does now. `drops`: answers still to be dropped."""

    mode: str = "ok"
    value: float = 0
    drops: int = 0


class FaultProxy:
    """The relay and its behaviour."""

    def __init__(self, upstream: str, port: int) -> None:
        self.behaviour = Behaviour()
        self.relay = Relay(upstream, self._serve, port)

    def _serve(self, line: Line, request: Request) -> None:
        now = self.behaviour
        if now.mode == "down":
            line.hang_up()
            return
        if now.mode == "slow":
            time.sleep(now.value)
        made = Answer(int(now.value), {}, b"{}") if now.mode == "status" else MADE.get(now.mode)
        if made is not None:
            line.answer(made)
            return
        answer = self.relay.ask(request)
        if now.drops and request.method == "POST":
            now.drops -= 1
            line.hang_up()
            return
        line.answer(answer, now.value if now.mode == "clock" else 0)


def _say(**fields: object) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def _obey(words: list[str], behaviour: Behaviour) -> dict[str, object]:
    name, value = words[0], float(words[1]) if len(words) > 1 else 0
    if name not in MODES:
        return {"error": f"unknown mode; known: {', '.join(MODES)}"}
    if name == "drop-answer":
        behaviour.drops = int(value)
    else:
        behaviour.mode, behaviour.value = name, value
    return {"mode": behaviour.mode}


def main(upstream: str, port: int = 0) -> None:
    """Serve until a signal ends it."""
    proxy = FaultProxy(upstream, port)
    _say(event="ready", url=proxy.relay.url)
    for line in sys.stdin:
        if line.strip():
            _say(answer=line.split()[0], **_obey(line.split(), proxy.behaviour))
    threading.Event().wait()


if __name__ == "__main__":
    typer.run(main)
