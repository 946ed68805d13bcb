"""The simulators as children: a card in a slot, a thermal printer, an A4 printer."""

from pathlib import Path
from typing import Self

from demo.parts.process import Line, Process
from demo.parts.reader import SlotLease


class VirtualCard(Process):
    """A personalised card, or with a kind somebody's other card; starts outside the reader unless told otherwise."""

    def __init__(self, card: Path | str, slot: SlotLease, *options: str, absent: bool = True) -> None:
        which = ("--kind", card) if isinstance(card, str) else (str(card),)
        flags = ("--absent",) if absent else ()
        super().__init__("simulators", "card", *which, "--reader", str(slot.number), *flags, *options)

    def insert(self, card: Path | str | None = None) -> None:
        """Put the card in, or another one: a card file, or a kind by name."""
        if card is not None:
            self.ask(f"swap kind:{card}" if isinstance(card, str) else f"swap {card}")
        self.ask("insert")

    def remove(self) -> None:
        """Pull the card out."""
        self.ask("remove")

    def present(self, where: str, uid: str = "") -> None:
        """At the reader's `contact` or `contactless` side from now on; UID as hex or `random`."""
        self.ask(f"present {where} {uid}")

    @property
    def harm(self) -> list[Line]:
        """Every command so far that could harm a card or reads what is not ours; there should be none.

        The card is asked something first: its answers and events come in one order, so none is still on its way.
        """
        self.ask("status")
        return [line for line in self.lines if line.get("event") == "harm"]


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

    def __init__(self, out: Path, *options: str) -> None:
        self.out = out
        super().__init__("simulators", "a4", "--out", str(out), *options)

    def __enter__(self) -> Self:
        super().__enter__()
        self.uri = str(self.wait_for("ready")["uri"])
        return self

    @property
    def pages(self) -> list[Line]:
        """All documents so far, oldest first."""
        return [line for line in self.lines if line.get("event") == "page"]
