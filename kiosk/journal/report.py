"""The daily reconciliation: every number that was issued on a day is confirmed, voided or open, once.

Counted from the steps themselves, so that a journal that was changed, or a number that came twice, doesn't add up.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from uuid import UUID

from backend_client.contract.documents import DocumentState
from kiosk.journal.entry import Entry, Step
from kiosk.journal.journal import Line

AskCentral = Callable[[UUID], DocumentState | None]
STATES = {Step.CONFIRMED: DocumentState.PRINTED, Step.VOIDED: DocumentState.VOIDED}


@dataclass(frozen=True)
class Report:
    """One day. `open`: neither confirmed nor voided yet; `copies`: papers of a number beyond its first."""

    day: date
    issued: int
    confirmed: int
    voided: int
    open: int
    copies: int
    open_numbers: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def adds_up(self) -> bool:
        """issued = confirmed + voided + open, and nothing else is wrong."""
        return self.issued == self.confirmed + self.voided + self.open and not self.problems


def day_of(line: Line, zone: tzinfo | None) -> date:
    """The local day of a step (`zone` None: the terminal's own)."""
    return datetime.fromisoformat(line.at).astimezone(zone).date()


def issued_on(day: date, lines: Iterable[Line], zone: tzinfo | None = None) -> list[Line]:
    """The steps with which the day's numbers were noted: a document belongs to that day."""
    return [line for line in lines if line.step is Step.ISSUED and day_of(line, zone) == day]


def report(day: date, lines: list[Line], entries: list[Entry], zone: tzinfo | None = None) -> Report:
    """The day's figures."""
    issued = issued_on(day, lines, zone)
    ours = {line.number for line in issued}
    ended = {step: {line.number for line in lines if line.step is step} & ours for step in STATES}
    waiting = ours - ended[Step.CONFIRMED] - ended[Step.VOIDED]
    sent = Counter(line.number for line in lines if line.step is Step.SENT and line.number in ours)
    return Report(
        day,
        issued=len(issued),
        confirmed=len(ended[Step.CONFIRMED]),
        voided=len(ended[Step.VOIDED]),
        open=len(waiting),
        copies=sum(count - 1 for count in sent.values()),
        open_numbers=tuple(entry.doc_no or "" for entry in entries if entry.number in waiting),
        problems=_twice(entries),
    )


def _twice(entries: list[Entry]) -> tuple[str, ...]:
    numbers = Counter(entry.doc_no for entry in entries if entry.doc_no is not None)
    return tuple(f"{number} is in the journal {count} times" for number, count in numbers.items() if count > 1)


def against_central(entries: Iterable[Entry], ask: AskCentral) -> tuple[str, ...]:
    """Where central says something else than the journal about these numbers; asked by key, nothing is changed."""
    found = []
    for entry in entries:
        here, there = STATES.get(entry.step, DocumentState.ISSUED), ask(entry.key)
        if here is not there:
            found.append(f"{entry.doc_no} is {here.value} here, {there.value if there else 'unknown'} at central")
    return tuple(found)
