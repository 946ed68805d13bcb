"""The simulators as children: a card in a slot, a thermal printer, an A4 printer."""

from pathlib import Path
from typing import Self

from demo.parts.process import Line, Process
from demo.parts.reader import SlotLease


class VirtualCard(Process):
    """A personalised card; starts outside the reader unless told otherwise."""

    def __init__(self, file: Path, slot: SlotLease, *options: str, absent: bool = True) -> None:
        flags = ("--absent",) if absent else ()
        super().__init__("simulators", "card", str(file), "--reader", str(slot.number), *flags, *options)

    def insert(self, file: Path | None = None) -> None:
        """Put the card in, or another one."""
        if file is not None:
            self.ask(f"swap {file}")
        self.ask("insert")

    def remove(self) -> None:
        """Pull the card out."""
        self.ask("remove")


class Thermal(Process):
    """A slip printer on a free TCP port and a serial line; slips land in `out`."""

    def __init__(self, out: Path, *options: str) -> None:
        self.out = out
        super().__init__("simulators", "thermal", "--port", "0", "--serial", "--out", str(out), *options)

    def __enter__(self) -> Self:
        super().__enter__()
        ready = self.wait_for("ready")
        self.port, self.device = int(str(ready["port"])), str(ready["device"])
        return self

    @property
    def slips(self) -> list[Line]:
        """All slips so far, oldest first."""
        return [line for line in self.lines if line.get("event") == "slip"]


class A4(Process):
    """An IPP printer on a free port; pages land in `out`."""

    def __init__(self, out: Path) -> None:
        self.out = out
        super().__init__("simulators", "a4", "--out", str(out))

    def __enter__(self) -> Self:
        super().__enter__()
        self.uri = str(self.wait_for("ready")["uri"])
        return self

    @property
    def pages(self) -> list[Line]:
        """All documents so far, oldest first."""
        return [line for line in self.lines if line.get("event") == "page"]
