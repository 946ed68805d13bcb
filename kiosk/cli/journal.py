"""`kiosk journal resolve`: an attendant says what became of an unknown document."""

from backend_client.client.central import Central
from backend_client.client.errors import CentralError
from backend_client.client.keys import KeyFileError
from kiosk.central_access import device_key, settings_of
from kiosk.cli.main import CommandError
from kiosk.config import Config
from kiosk.journal.entry import Step
from kiosk.journal.journal import Journal
from kiosk.recovery import Recovery, resolve
from printing.ipp import IppPrinter


def resolve_unknown(config: Config, journal: Journal, number: int, *, printed: bool) -> str:
    """Report to central, then close the entry; one sentence about it. CommandError when it isn't unknown."""
    entry = journal.entry(number)
    if entry.step is not Step.UNKNOWN:
        raise CommandError(f"Entry {number} is {entry.step.value}, not unknown; nothing was changed.")
    try:
        central = Central(settings_of(config), device_key(config))
        recovery = Recovery(journal, central, IppPrinter(config.a4.uri))
        ended = resolve(recovery, journal, entry, printed=printed, by="an attendant looked at the paper")
    except (CentralError, KeyFileError) as error:
        raise CommandError(f"Entry {number} stays unknown: {error}") from error
    return f"Entry {number} ({ended.doc_no}) is {ended.step.value}."
