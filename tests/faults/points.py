"""The matrix: which fault at which place. A table that is made, not written: places × faults."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

SYNC, WRITE, SEND, RECEIVE = range(4)
MEDIA = ("slip", "a4")
DAY = 86400


@dataclass(frozen=True)
class Fault:
    """What the preloaded library does at the n-th call of an operation (shim.c); `power`: unsynced data is lost."""

    operation: int
    nth: int
    error: int = 0
    sticky: bool = False
    after: bool = False
    torn: bool = False
    power: bool = False
    shift: int = 0


@dataclass(frozen=True)
class Point:
    """One run: a document is made while something goes wrong, then the terminal starts again.

    `disk`: in the terminal's process; `second`: in the first recovery; `central`: what central does at which of its
    calls; `wire`: what happens on the way to the printer after which share of the job's bytes; `switch`: said to the
    printer before the visit; `refill`: an attendant puts it in order while the holder waits; `cups`: the page goes
    through a CUPS daemon; `spooler`: at which moment of the daemon's what is killed, and another visit follows.
    """

    family: str
    name: str
    medium: str
    disk: Fault | None = None
    second: Fault | None = None
    central: tuple[str, int] | None = None
    wire: tuple[str, float] | None = None
    switch: tuple[str, ...] = field(default=())
    refill: bool = False
    cups: bool = False
    spooler: tuple[str, str] | None = None


WRITE_STRIDE = 3
DISK: dict[str, dict[str, Any]] = {
    "SIGKILL before": {},
    "SIGKILL after": {"after": True},
    "power cut before": {"power": True},
    "power cut after": {"after": True, "power": True},
    "EIO": {"error": errno.EIO},
    "disk full": {"error": errno.ENOSPC, "sticky": True},
}
WRITES: dict[str, dict[str, Any]] = {
    "SIGKILL after": {"after": True},
    "half written, power cut": {"torn": True, "power": True},
    "disk full": {"error": errno.ENOSPC, "sticky": True},
    "read-only": {"error": errno.EROFS, "sticky": True},
    "EIO": {"error": errno.EIO},
}
STEPS = ("requested", "issued", "sent", "printed", "confirmed")  # what the last syncs of a visit are for
CALLS = range(1, 5)
CENTRAL = (
    "lost request", "lost answer", "answers lost twice", "delivered twice", "answered twice", "never answers",
    "late answer", "nonsense", "wrong JSON", "500", "503", "401 to a repetition",
)  # fmt: skip
SHARES = (0.0, 0.02, 0.2, 0.5, 0.8, 0.98, 1.0)
WIRE = ("cable pulled", "answers lost", "power off", "killed and restarted", "silent")
SWITCHES = {
    "slip": ("paper out", "cover open", "offline", "cutter fault", "silent on", "out-after 1", "out-after 400",
             "out-after 1500", "out-after 2500"),
    "a4": ("paper out", "cover open", "jam", "abort-next", "jam-after 0", "jam-after 1", "tray 1", "tray 0"),
}  # fmt: skip


SPOOLER_MOMENTS = ("it starts", "it has the queue", "it has the page", "its backend works", "the printer works",
                   "the page is out")  # fmt: skip
SPOOLER_ACTS = ("cupsd SIGTERM", "cupsd SIGKILL", "cupsd SIGSTOP", "backend SIGKILL", "terminal SIGKILL",
                "printer restarted")  # fmt: skip
SPOOLER_SHARES = (0.0, 0.5, 0.98, 1.0)


@dataclass(frozen=True)
class Size:
    """How many syncs and writes a visit takes when nothing goes wrong; counted, not known."""

    syncs: int
    writes: int

    def sync_of(self, step: str) -> int:
        """The sync that makes a step durable."""
        return self.syncs - len(STEPS) + 1 + STEPS.index(step)

    def name_of(self, sync: int) -> str:
        """What a sync is for."""
        step = sync - 1 - self.syncs + len(STEPS)
        return STEPS[step] if step >= 0 else f"making the journal, sync {sync}"


def disk_points(size: Size) -> Iterator[Point]:
    """Each durable step and each write, for both papers."""
    for medium in MEDIA:
        for kind, settings in DISK.items():
            for nth in range(1, size.syncs + 1):
                yield Point("sync", f"{size.name_of(nth)}: {kind}", medium, disk=Fault(SYNC, nth, **settings))
        for kind, settings in WRITES.items():
            for nth in range(1, size.writes + 1, WRITE_STRIDE):
                yield Point("write", f"write {nth}: {kind}", medium, disk=Fault(WRITE, nth, **settings))


def network_points() -> Iterator[Point]:
    """Killed before and after each packet that leaves, and after each that came."""
    for medium in MEDIA:
        for nth in range(1, 15):
            yield Point("send", f"send {nth}: SIGKILL before", medium, disk=Fault(SEND, nth))
            yield Point("send", f"send {nth}: power cut after", medium, disk=Fault(SEND, nth, after=True, power=True))
            yield Point("receive", f"receive {nth}: SIGKILL after", medium, disk=Fault(RECEIVE, nth, after=True))


def central_points() -> Iterator[Point]:
    """Each call of a document to central, misbehaving in each way."""
    for medium in MEDIA:
        for kind in CENTRAL:
            for call in CALLS:
                yield Point("central", f"call {call}: {kind}", medium, central=(kind, call))


def printer_points() -> Iterator[Point]:
    """The way to the printer and the printer itself, at each phase of a job."""
    for medium in MEDIA:
        for kind in WIRE:
            for share in SHARES:
                yield Point("printer", f"{kind} after {share:.0%} of the job", medium, wire=(kind, share))
        for switch in SWITCHES[medium]:
            yield Point("printer", switch, medium, switch=(switch,))
            yield Point("printer", f"{switch}, put in order in time", medium, switch=(switch,), refill=True)
    for kind in WIRE:
        for share in (0.97, 0.985, 0.99, 0.995):
            name = f"{kind} while it prints ({share:.1%} of the bytes)"
            yield Point("printer", name, "a4", wire=(kind, share), switch=("delay 0.7",))


def recovery_points(size: Size) -> Iterator[Point]:
    """The terminal dies a second time, while it finds out what happened."""
    for medium in MEDIA:
        for step in ("requested", "issued", "sent", "printed"):
            first = Fault(SYNC, size.sync_of(step), after=True)
            for nth in range(1, 6):
                for kind in ("SIGKILL before", "power cut after"):
                    name = f"dies after {step}, recovery sync {nth}: {kind}"
                    yield Point("recovery", name, medium, disk=first, second=Fault(SYNC, nth, **DISK[kind]))


def clock_points(size: Size) -> Iterator[Point]:
    """The clock jumps in the middle of a document."""
    for medium in MEDIA:
        for days in (-400, -1, 1, 400):
            for step in ("requested", "issued", "sent", "printed"):
                fault = Fault(SYNC, size.sync_of(step), sticky=True, shift=days * DAY)
                yield Point("clock", f"{days:+} days at {step}", medium, disk=fault)


def spooler_points(size: Size) -> Iterator[Point]:
    """The daemon, its children, the terminal above and the printer below it, at each moment of a job; slow printer."""
    for moment in SPOOLER_MOMENTS:
        for act in SPOOLER_ACTS:
            if act == "backend SIGKILL" and moment in SPOOLER_MOMENTS[:3]:
                continue  # there is no backend yet
            name = f"{act} when {moment}"
            yield Point("spooler", name, "a4", cups=True, spooler=(moment, act), switch=("delay 0.7",))
    for step in ("sent", "printed", "confirmed"):
        for kind, settings in DISK.items():
            fault = Fault(SYNC, size.sync_of(step), **settings)
            yield Point("spooler", f"{step}: {kind}", "a4", cups=True, disk=fault)
    for kind in WIRE:
        for share in SPOOLER_SHARES:
            yield Point("spooler", f"{kind} after {share:.0%} of the job", "a4", cups=True, wire=(kind, share))
    for switch in SWITCHES["a4"]:
        yield Point("spooler", switch, "a4", cups=True, switch=(switch,))


def matrix(size: Size) -> list[Point]:
    """All points."""
    sized = (disk_points, recovery_points, clock_points, spooler_points)
    others = (network_points, central_points, printer_points)
    return [point for part in sized for point in part(size)] + [point for make in others for point in make()]
