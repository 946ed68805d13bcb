"""The printers that a configuration names, and what recovery may ask them."""

from dataclasses import dataclass

from backend_client.contract.documents import DocumentKind
from kiosk.config import Config
from kiosk.document_work import Setting
from printing.ipp import IppPrinter
from printing.profiles import profiles
from printing.thermal import ThermalPrinter


@dataclass(frozen=True)
class Printers:
    """`others`: A4 printers that stand in for the kinds `others_for`, by the name that the journal notes."""

    thermal: ThermalPrinter
    a4: IppPrinter
    others: dict[str, IppPrinter]
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
    )


def printers(config: Config) -> Printers:
    """All of them; nothing is connected yet."""
    place = config.a4

    def at(uri: str) -> IppPrinter:
        return IppPrinter(uri, patience=place.patience, duplex=place.duplex)

    others = {f"a4-{number}": at(uri) for number, uri in enumerate(place.others, start=2)}
    return Printers(slip_printer(config), at(place.uri), others, frozenset(place.others_for))


def setting(config: Config) -> Setting:
    """What this site's paper says and can show."""
    return Setting(config.terminal.place, profiles()[config.thermal.profile])
