"""Sign-in, introspection and revocation: our central and oidc-provider, turn by turn, each on the same one core.

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
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import requests

from backend_client.client.central import Central
from backend_client.client.settings import CentralSettings
from backend_client.contract.identity import Introspection
from benchmarks.identity_load import Plan, Result
from benchmarks.identity_servers import LOAD_CORE, RECORDS, Server, both, by_assertion, by_certificate, load, ours
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


def _times_row(name: str, wanted: str, times: tuple[list[float], list[float]], part: float) -> list[str]:
    ours, peer = (_part(one, part) for one in times)
    return [name, f"{ours:.1f} ms", f"{peer:.1f} ms", f"{peer / ours:.1f}", wanted]


def _rate_rows(name: str, wanted: str, runs: tuple[list[Run], list[Run]]) -> list[list[str]]:
    def cells(value: Callable[[Run], float], form: str) -> list[str]:
        sides = [sorted(value(run) for run in side) for side in runs]
        return [f"{median(one):{form}} ({one[0]:{form}}–{one[-1]:{form}})" for one in sides]

    def ratio(value: Callable[[Run], float]) -> str:
        ours, peer = (median(value(r) for r in side) for side in runs)
        return f"{ours / peer:.2f}"

    def p99(run: Run) -> float:
        return _part(run.result.latencies, 0.99)

    busy = max(run.result.busy for side in runs for run in side)
    return [
        [f"{name}, a second of one core", *cells(lambda r: r.per_core, ",.0f"), ratio(lambda r: r.per_core), wanted],
        [f"{name}, a second by the clock", *cells(lambda r: r.per_second, ",.0f"), ratio(lambda r: r.per_second), ""],
        [f"{name}, p99 (load busy ≤ {busy:.0%})", *cells(p99, ".1f"), f"{1 / float(ratio(p99)):.2f}", ""],
    ]


def measure(turns: int = 3) -> str:
    """The table."""
    os.sched_setaffinity(0, {LOAD_CORE})
    with tempfile.TemporaryDirectory() as folder, both(Path(folder)) as servers:
        return _measured(servers, turns, revoked_while_down(Path(folder) / "down"))


def _measured(servers: tuple[Server, Server], turns: int, down: tuple[list[float], list[float]]) -> str:
    pulls, late = down
    plain: tuple[list[float], list[float]] = ([], [])
    pulled: tuple[list[float], list[float]] = ([], [])
    loads: dict[str, tuple[list[Run], list[Run]]] = {name: ([], []) for name in ("sign-ins", "signed", "shown")}
    for _ in range(turns):
        for place, server in enumerate(servers):
            plain[place].extend(visits(server))
            pulled[place].extend(revoked(server))
            own = replace(server.plan, kind="sign_in", count=SIGN_INS, connections=SIGN_IN_LINES)
            loads["sign-ins"][place].append(loaded(server, own))
            live = tokens(server)
            loads["signed"][place].append(loaded(server, asking(by_assertion(server), live, SIGNED)))
            loads["shown"][place].append(loaded(server, asking(by_certificate(server), live, SHOWN)))
    rows = [
        _times_row("card to token, p50", "", plain, 0.5),
        _times_row("card to token, p95", "≤ 20 ms", plain, 0.95),
        *_rate_rows("sign-ins", "≥ 200", loads["sign-ins"]),
        *_rate_rows("introspection, by certificate", "≥ 5,000; p99 ≤ 10 ms", loads["shown"]),
        *_rate_rows("introspection, signed each time", "", loads["signed"]),
        _times_row("pulled card to refused token, p95", "≤ 1 s", pulled, 0.95),
        ["central dead when the card is pulled: its return to refused token, p95", f"{_part(late, 0.95):.0f} ms",
         "knows no token any more", "", "≤ 1 s"],
        ["… and how long the pull itself took, p95", f"{_part(pulls, 0.95):.0f} ms", "", "", "≤ 1 s"],
    ]  # fmt: skip
    return markdown(["one core, TLS, loopback", "central", "oidc-provider", "ratio", "wanted"], rows)


if __name__ == "__main__":
    sys.stdout.write(measure(*map(int, sys.argv[1:2])))
