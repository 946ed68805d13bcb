"""The printers that a configuration names, and what recovery may ask them."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend_client.contract.documents import DocumentKind
from kiosk.config import Config
from kiosk.document_work import Setting
from printing.cups import CupsPrinter
from printing.ipp import IppPrinter
from printing.page_printer import PagePrinter
from printing.profiles import profiles
from printing.roll import Roll
from printing.spooler import Spooler
from printing.thermal import ThermalPrinter

OURS = "onecard-spool"  # wiped again and again, so never the configured folder itself


@dataclass(frozen=True)
class Printers:
    """`others`: A4 printers that stand in for the kinds `others_for`, by the name that the journal notes."""

    thermal: ThermalPrinter
    a4: PagePrinter
    others: Mapping[str, PagePrinter]
    others_for: frozenset[DocumentKind]


def slip_printer(config: Config) -> ThermalPrinter:
    """The slip printer at its port or line."""
    place = config.thermal
    return ThermalPrinter(
        place.host,
        place.port,
        print_timeout=place.print_timeout,
        device=place.device,
        baud=place.baud,
        process_ids=place.process_ids,
        counters=place.counters,
        roll=Roll(place.near_end_mm),
    )


def spooler(config: Config) -> Spooler | None:
    """The CUPS daemon between us and the A4 printer, where the configuration wants one."""
    cups = config.a4.cups
    return None if cups is None else Spooler(cups.spool / OURS, cups.device or config.a4.uri, cups.driver)


def printers(config: Config) -> Printers:
    """All of them; nothing is connected yet."""
    place = config.a4

    def at(uri: str) -> IppPrinter:
        return IppPrinter(uri, patience=place.patience, duplex=place.duplex)

    between = spooler(config)
    first = at(place.uri)
    others = {f"a4-{number}": at(uri) for number, uri in enumerate(place.others, start=2)}
    a4 = first if between is None else CupsPrinter(between, first)
    return Printers(slip_printer(config), a4, others, frozenset(place.others_for))


def setting(config: Config) -> Setting:
    """What this site's paper says and can show."""
    return Setting(config.terminal.place, profiles()[config.thermal.profile])
