"""`kiosk journal report` and `kiosk journal resolve`: the day's books, and what an attendant knows of a paper."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date
from uuid import UUID

from backend_client.client.central import Central
from backend_client.client.errors import CentralError
from backend_client.client.keys import KeyFileError
from backend_client.contract.documents import DocumentState
from kiosk.central_access import device_key, settings_of
from kiosk.cli.errors import CommandError
from kiosk.config import Config
from kiosk.journal.entry import Step
from kiosk.journal.journal import Journal
from kiosk.journal.report import Report, against_central, issued_on, never_heard_of, report, span_of
from kiosk.journal.report import with_central as compared
from kiosk.printers import printers
from kiosk.recovery import Recovery, resolve

FIELDS = ("issued", "confirmed", "voided", "open")


@contextmanager
def _central(config: Config) -> Iterator[Central]:
    try:
        central = Central(settings_of(config), device_key(config))
    except KeyFileError as error:
        raise CommandError(str(error)) from error
    try:
        yield central
    finally:
        central.close()


def resolve_unknown(config: Config, journal: Journal, number: int, *, printed: bool) -> str:
    """Note the end, then tell central; one sentence about it. CommandError when it isn't unknown."""
    entry = journal.entry(number)
    if entry.step is not Step.UNKNOWN:
        raise CommandError(f"Entry {number} is {entry.step.value}, not unknown; nothing was changed.")
    with _central(config) as central:
        at = printers(config)
        recovery = Recovery(journal, central, at.a4, at.thermal, at.others)
        try:
            ended = resolve(recovery, journal, entry, printed=printed, by="an attendant looked at the paper")
        except CentralError as error:
            noted = journal.entry(number).step.value
            raise CommandError(f"Entry {number} is noted as {noted}, central is told later: {error}") from error
    return f"Entry {number} ({ended.doc_no}) is {ended.step.value}."


def daily_report(config: Config, journal: Journal, day: date, *, with_central: bool) -> Report:
    """The day's books, the chain checked, and if wanted each number compared with central. CommandError without it."""
    lines, entries = journal.lines(), journal.entries()
    books = report(day, lines, entries)
    problems = (*journal.verify(), *books.problems)
    if with_central:
        ours = {line.number for line in issued_on(day, lines)}
        with _central(config) as central:

            def ask(key: UUID) -> DocumentState | None:
                status = central.status_of(key)
                return status.state if status else None

            try:
                problems += against_central((entry for entry in entries if entry.number in ours), ask)
                given = central.issued_between(*span_of(day))
            except CentralError as error:
                raise CommandError(str(error)) from error
        return compared(replace(books, problems=problems), given, entries)
    return replace(books, problems=problems)


def adopt_numbers(config: Config, journal: Journal, day: date) -> list[str]:
    """Take the day's numbers that only central knows into the journal, as unknown; a sentence about each."""
    with _central(config) as central:
        try:
            given = central.issued_between(*span_of(day))
        except CentralError as error:
            raise CommandError(str(error)) from error
    waiting = [one for one in never_heard_of(given, journal.entries()) if one.state is DocumentState.ISSUED]
    adopted = [journal.adopt(one.key, one.kind, one.medium, one.doc_no) for one in waiting]
    return [
        f"Entry {entry.number} ({entry.doc_no}) is unknown: look for its paper, then `kiosk journal resolve`."
        for entry in adopted
    ]


def as_json(books: Report) -> dict[str, object]:
    """The report for machines."""
    return {**asdict(books), "day": books.day.isoformat(), "adds_up": books.adds_up}


def as_text(books: Report) -> str:
    """The report for people."""
    figures = [f"{name:10}{getattr(books, name):>6}" for name in FIELDS]
    copies = f"{'copies':10}{books.copies:>6}   papers of a number beyond its first"
    verdict = "The day adds up." if books.adds_up else "The day does NOT add up."
    waiting = [f"open: {number}" for number in books.open_numbers]
    hint = ["`kiosk journal adopt` takes the numbers that only central knows."] if books.only_central else []
    return "\n".join([f"{books.day}", *figures, copies, *waiting, *books.problems, *hint, verdict])
