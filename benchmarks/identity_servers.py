"""The two servers of `benchmarks.identity`, on one core and with the same belongings: our central and oidc-provider."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backend_client.client.enrolment import request_for
from backend_client.client.keys import SigningKey
from benchmarks.identity_load import Plan, Result
from central.api.tls import tls_files
from central.enrolment.register import enrol, new_code
from central.personalise import personalise
from demo.parts.process import ROOT, Process, environment
from tests.bench import CityBench
from tests.city import free_port, register
from tests.interop.oidc_bench import OidcBench

SERVER_CORE, LOAD_CORE = 0, 1
ON_SERVER_CORE = ("taskset", "-c", str(SERVER_CORE))
RECORDS = "https://records.test"
CARDS = 40


@dataclass(frozen=True)
class Server:
    """One server under load. `pid`: its first process; `again` starts another one in its place.

    `plan`: a template for `load`; `folder`: its files.
    """

    name: str
    pid: int
    plan: Plan
    bench: CityBench
    folder: Path
    again: Callable[[], Process]

    @property
    def cpu(self) -> float:
        """Seconds that its processes have computed."""
        return _cpu(self.pid)


def _cpu(pid: int) -> float:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_cpu(int(child)) for child in children)


def load(plan: Plan) -> Result:
    """Run the load on the other core."""
    command = ["taskset", "-c", str(LOAD_CORE), sys.executable, "-m", "benchmarks.identity_load"]
    done = subprocess.run(
        command, input=json.dumps(asdict(plan)), capture_output=True, text=True, check=True, cwd=ROOT, env=environment()
    )
    return Result(**json.loads(done.stdout))


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(serialization.Encoding.PEM, *form)


def _shown(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, path: Path) -> str:
    path.write_bytes(_pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
    return str(path)


def _cards(bench: CityBench) -> tuple[dict[str, Any], ...]:
    return tuple(personalise(bench.city.engine, bench.city.keys, number, 3) for number in range(10, 10 + CARDS))


def _plan(bench: CityBench, cards: tuple[dict[str, Any], ...]) -> Plan:
    authority = str(bench.city.keys.folder / "device-ca.pem")
    return Plan("", bench.url, bench.terminal, _pem(bench.device).decode(), 0, 1, authority, cards)


@contextmanager
def ours(folder: Path) -> Iterator[Server]:
    """`central serve --tls`, with a resource server that signs and one that was enrolled."""
    bench = CityBench(folder, f"https://127.0.0.1:{free_port()}")
    register(bench.city.context, "records", SigningKey(bench.device), RECORDS)
    register(bench.city.context, "records-tls", SigningKey(bench.device), RECORDS)
    code = new_code(bench.city.engine, "records-tls")
    shown = enrol(bench.city.engine, bench.city.keys, "records-tls", code, request_for(bench.device, "records-tls"))
    _shown(shown, bench.device, folder / "client.pem")
    arguments = ("serve", "--tls", "--port", bench.url.rsplit(":", 1)[1], "--database", f"sqlite:///{folder}/c.db")

    def start() -> Process:
        return Process("central", *arguments, prefix=ON_SERVER_CORE)

    with start() as process:
        yield Server("central", process.child.pid, _plan(bench, _cards(bench)), bench, folder, start)
    bench.close()


class _Peer(OidcBench):
    """oidc-provider with TLS, and clients that show certificates. `disk`: where it keeps its tokens, "" for memory."""

    prefix = ON_SERVER_CORE
    scheme = "https"

    def __init__(self, folder: Path, disk: str = "") -> None:
        self.disk = disk
        super().__init__(folder)

    def _setup(self) -> dict[str, Any]:
        keys = self.city.keys
        _ = keys.tls_key
        chain, authority = tls_files(keys, "127.0.0.1")
        files = {"cert": chain, "ca": authority, "key": keys.folder / "tls.key"}
        self.cards = _cards(self)
        holders = {card["ef05"]["01"]: {"id_no": "990106198504120014", "name": "测甲"} for card in self.cards}
        tls = {name: path.read_text("ascii") for name, path in files.items()}
        return {**super()._setup(), "holders": holders, "tls": tls, "disk": self.disk}


def no_other() -> Process:
    """What a peer that starts again still knows is not measured: in memory, no token."""
    raise NotImplementedError


@contextmanager
def peer(folder: Path, name: str = "oidc-provider", disk: str = "") -> Iterator[Server]:
    """oidc-provider, its tokens in memory or in a file."""
    bench = _Peer(folder, disk)
    code = new_code(bench.city.engine, bench.terminal)
    shown = enrol(bench.city.engine, bench.city.keys, bench.terminal, code, request_for(bench.device, bench.terminal))
    _shown(shown, bench.device, folder / "client.pem")
    yield Server(name, bench.process.pid, _plan(bench, bench.cards), bench, folder, no_other)
    bench.close()


def by_assertion(server: Server) -> Plan:
    """Introspection with `private_key_jwt`."""
    return replace(server.plan, client="records" if server.name == "central" else server.bench.terminal)


def by_certificate(server: Server) -> Plan:
    """Introspection with a certificate (RFC 8705)."""
    client = "records-tls" if server.name == "central" else f"{server.bench.terminal}-tls"
    return replace(server.plan, client=client, certificate=str(server.folder / "client.pem"))


@contextmanager
def disk_peer(folder: Path) -> Iterator[Server]:
    """oidc-provider that knows its tokens after a restart, as a real one must."""
    with peer(folder, "oidc-provider, tokens on disk", f"{folder}/kept.db") as server:
        yield server


@contextmanager
def all_of_them(folder: Path) -> Iterator[tuple[Server, ...]]:
    """Central first, then its peers, ready."""
    with ExitStack() as stack:
        yield tuple(stack.enter_context(one(folder / one.__name__)) for one in (ours, peer, disk_peer))
