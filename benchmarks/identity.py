"""Sign-in, introspection and revocation: our central and oidc-provider (twice), turn by turn, all on the same one core.

`python -m benchmarks.identity [TURNS]`. The load runs in a process of its own on the other core; "busy" is the part of
the time that it computed. Rates are by the server's own processor time as well as by the clock, because a machine with
other work stretches the clock only.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import requests

from backend_client.client.central import Central
from backend_client.client.settings import CentralSettings
from backend_client.contract.identity import Introspection
from benchmarks.identity_load import Plan, Result
from benchmarks.identity_servers import (
    LOAD_CORE,
    RECORDS,
    Server,
    all_of_them,
    by_assertion,
    by_certificate,
    load,
    ours,
)
from benchmarks.table import markdown
from tests.city import SoftCard

VISITS, TOKENS = 60, 40
SIGN_INS, SIGNED, SHOWN = 800, 4000, 12000
SIGN_IN_LINES, LINES = 8, 16


def _part(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, round(part * (len(values) - 1)))]


class Timed:
    """A card whose own time is counted apart."""

    def __init__(self, card: SoftCard) -> None:
        self._card, self.seconds = card, 0.0
        self.card_id, self.certificate_chain, self.algorithm = card.card_id, card.certificate_chain, card.algorithm

    def sign(self, digest: bytes) -> bytes:
        """r‖s."""
        began = time.perf_counter()
        try:
            return self._card.sign(digest)
        finally:
            self.seconds += time.perf_counter() - began


def terminal(server: Server) -> Central:
    """The terminal's own client, connected."""
    settings = CentralSettings(server.plan.url, server.bench.terminal, ca_file=server.plan.authority)
    made = Central(settings, server.bench.city.device)
    card = SoftCard(server.plan.cards[0])
    made.sign_in(card, "social", _resource(server)).revoke()
    return made


def _resource(server: Server) -> str:
    return RECORDS if server.name == "central" else ""


def visits(server: Server, count: int = VISITS) -> list[float]:
    """Card to token, milliseconds, by the terminal's own client, one visit after the other."""
    client, times = terminal(server), []
    for number in range(count):
        card = Timed(SoftCard(server.plan.cards[number % len(server.plan.cards)]))
        began = time.perf_counter()
        session = client.sign_in(card, "social", _resource(server))
        times.append(1000 * (time.perf_counter() - began - card.seconds))
        session.revoke()
    client.close()
    return times


def tokens(server: Server) -> tuple[str, ...]:
    """Live tokens of many visits."""
    client = terminal(server)
    cards = [SoftCard(file) for file in server.plan.cards]
    made = [client.sign_in(cards[n % len(cards)], "social", _resource(server)) for n in range(TOKENS)]
    return tuple(str(one._token) for one in made)


@dataclass(frozen=True)
class Run:
    """One load and what the server computed for it."""

    result: Result
    cpu: float

    @property
    def per_second(self) -> float:
        """By the clock."""
        return self.result.done / self.result.seconds

    @property
    def per_core(self) -> float:
        """By the server's processor time."""
        return self.result.done / self.cpu


def loaded(server: Server, plan: Plan) -> Run:
    """Load a server. RuntimeError when it refused anything: that would be another measurement."""
    before = server.cpu
    result = load(plan)
    if result.refused:
        raise RuntimeError(f"{server.name} refused {result.refused} of {result.done} ({plan.kind})")
    return Run(result, server.cpu - before)


def asking(plan: Plan, live: tuple[str, ...], count: int) -> Plan:
    """Introspection of these tokens."""
    return replace(plan, kind="introspect", tokens=live, count=count, connections=LINES)


def revoked(server: Server, count: int = 20) -> list[float]:
    """From the pull of the card to the first answer that says `active: false`, milliseconds, on another connection."""
    client, times = terminal(server), []
    with requests.Session() as http:
        http.trust_env, http.verify, http.cert = False, server.plan.authority, str(server.folder / "client.pem")
        for _ in range(count):
            session = client.sign_in(SoftCard(server.plan.cards[0]), "social", _resource(server))
            form = {"token": str(session._token), "client_id": by_certificate(server).client}
            began = time.perf_counter()
            session.revoke()
            while Introspection.model_validate(http.post(f"{server.plan.url}/introspect", form).json()).active:
                pass
            times.append(1000 * (time.perf_counter() - began))
    client.close()
    return times


def revoked_while_down(folder: Path, count: int = 8) -> tuple[list[float], list[float]]:
    """Central is killed, the card pulled, central started again. Milliseconds that the pull took, and from "ready" to
    the first `active: false`.
    """
    pulls, times = [], []
    with ours(folder) as server, requests.Session() as http:
        client, process = terminal(server), None
        http.trust_env, http.verify, http.cert = False, server.plan.authority, str(server.folder / "client.pem")
        for _ in range(count):
            session = client.sign_in(SoftCard(server.plan.cards[0]), "social", RECORDS)
            form = {"token": str(session._token), "client_id": by_certificate(server).client}
            os.kill(process.child.pid if process else server.pid, signal.SIGKILL)
            began = time.perf_counter()
            session.revoke()
            pulls.append(1000 * (time.perf_counter() - began))
            process = server.again().__enter__()
            began = time.perf_counter()
            while Introspection.model_validate(http.post(f"{server.plan.url}/introspect", form).json()).active:
                pass
            times.append(1000 * (time.perf_counter() - began))
        client.close()
        if process is not None:
            process.stop()
    return pulls, times


def _row(name: str, form: str, sides: Sequence[Sequence[float]], *, less_is_better: bool = False) -> list[str]:
    """Median, smallest and largest of each side, and how far ahead of each peer we are (1: even)."""
    middles = [median(one) for one in sides]
    cells = [f"{median(one):{form}} ({min(one):{form}}–{max(one):{form}})" for one in sides]
    ahead = [peer / middles[0] if less_is_better else middles[0] / peer for peer in middles[1:]]
    pairs = [cell for one, by in zip(cells[1:], ahead, strict=True) for cell in (one, f"{by:.2f}")]
    return [name, cells[0], *pairs]


def _rate_rows(name: str, wanted: str, runs: Sequence[Sequence[Run]]) -> list[list[str]]:
    def sides(value: Callable[[Run], float]) -> list[list[float]]:
        return [[value(run) for run in side] for side in runs]

    busy = max(run.result.busy for side in runs for run in side)
    slowest = sides(lambda run: _part(run.result.latencies, 0.99))
    return [
        [*_row(f"{name}, a second of one core", ",.0f", sides(lambda run: run.per_core)), wanted],
        [*_row(f"{name}, a second by the clock", ",.0f", sides(lambda run: run.per_second)), ""],
        [*_row(f"{name}, p99 in ms (load busy ≤ {busy:.0%})", ".1f", slowest, less_is_better=True), ""],
    ]


def _time_row(name: str, wanted: str, sides: Sequence[Sequence[Sequence[float]]], part: float) -> list[str]:
    of_turns = [[_part(turn, part) for turn in side] for side in sides]
    return [*_row(name, ".1f", of_turns, less_is_better=True), wanted]


@dataclass
class Side:
    """What one server did, turn by turn."""

    plain: list[list[float]] = field(default_factory=list)
    pulled: list[list[float]] = field(default_factory=list)
    sign_ins: list[Run] = field(default_factory=list)
    signed: list[Run] = field(default_factory=list)
    shown: list[Run] = field(default_factory=list)

    def turn(self, server: Server) -> None:
        """Everything once."""
        self.plain.append(visits(server))
        self.pulled.append(revoked(server))
        own = replace(server.plan, kind="sign_in", count=SIGN_INS, connections=SIGN_IN_LINES)
        self.sign_ins.append(loaded(server, own))
        live = tokens(server)
        self.signed.append(loaded(server, asking(by_assertion(server), live, SIGNED)))
        self.shown.append(loaded(server, asking(by_certificate(server), live, SHOWN)))


def measure(turns: int = 3) -> str:
    """The table. One turn before them is not counted: V8 compiles while it runs."""
    os.sched_setaffinity(0, {LOAD_CORE})
    with tempfile.TemporaryDirectory() as folder, all_of_them(Path(folder)) as servers:
        for server in servers:
            Side().turn(server)
        sides = [Side() for _ in servers]
        for number in range(turns):
            for place in sorted(range(len(servers)), reverse=number % 2 == 1):
                sides[place].turn(servers[place])
        return _table([server.name for server in servers], sides, *revoked_while_down(Path(folder) / "down"))


def _table(names: Sequence[str], sides: Sequence[Side], pulls: list[float], late: list[float]) -> str:
    rest = [""] * (2 * len(names) - 2)
    rows = [
        _time_row("card to token, p50 in ms", "", [side.plain for side in sides], 0.5),
        _time_row("card to token, p95 in ms", "≤ 20", [side.plain for side in sides], 0.95),
        *_rate_rows("sign-ins", "≥ 200", [side.sign_ins for side in sides]),
        *_rate_rows("introspection, by certificate", "≥ 5,000; p99 ≤ 10", [side.shown for side in sides]),
        *_rate_rows("introspection, signed each time", "", [side.signed for side in sides]),
        _time_row("pulled card to refused token, p95 in ms", "≤ 1,000", [side.pulled for side in sides], 0.95),
        ["central dead when the card is pulled: its return to refused token, p95 in ms", f"{_part(late, 0.95):.0f}",
         *rest, "≤ 1,000"],
        ["… and how long the pull itself took, p95 in ms", f"{_part(pulls, 0.95):.0f}", *rest, "≤ 1,000"],
    ]  # fmt: skip
    peers = [cell for name in names[1:] for cell in (name, "ahead by")]
    return markdown(["one core, TLS, loopback", names[0], *peers, "wanted"], rows)


if __name__ == "__main__":
    sys.stdout.write(measure(*map(int, sys.argv[1:2])))
