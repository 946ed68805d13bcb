"""The daily reconciliation: every number that was issued on a day is confirmed, voided or open, once.

Counted from the steps themselves, so that a journal that was changed, or a number that came twice, doesn't add up.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from uuid import UUID

from backend_client.contract.documents import DocumentState, IssuedNumber
from kiosk.journal.entry import Entry, Step
from kiosk.journal.journal import Line

AskCentral = Callable[[UUID], DocumentState | None]
STATES = {Step.CONFIRMED: DocumentState.PRINTED, Step.VOIDED: DocumentState.VOIDED}


@dataclass(frozen=True)
class Report:
    """One day. `open`: neither confirmed nor voided yet; `copies`: papers of a number beyond its first.

    `only_central`: numbers that central gave this terminal on that day and the journal never heard of.
    """

    day: date
    issued: int
    confirmed: int
    voided: int
    open: int
    copies: int
    open_numbers: tuple[str, ...]
    problems: tuple[str, ...]
    only_central: tuple[str, ...] = ()

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


def span_of(day: date, zone: tzinfo | None = None) -> tuple[datetime, datetime]:
    """From the day's first moment to the next day's, aware (`zone` None: the terminal's own)."""
    first, next_first = (datetime.combine(each, time.min, zone) for each in (day, day + timedelta(days=1)))
    return (first, next_first) if zone is not None else (first.astimezone(), next_first.astimezone())


def never_heard_of(given: Iterable[IssuedNumber], entries: Iterable[Entry]) -> list[IssuedNumber]:
    """What central gave and the journal has under no key: it was lost, put back from a copy, or someone else asked."""
    keys = {entry.key for entry in entries}
    return [number for number in given if number.key not in keys]


def with_central(books: Report, given: Iterable[IssuedNumber], entries: list[Entry]) -> Report:
    """The day's figures with the numbers that only central knows, each where central has it; each is a problem.

    A number whose answer was lost on its way is known by its key: it is open until recovery has asked.
    """
    given = list(given)
    unheard = never_heard_of(given, entries)
    unnoted = {entry.key: entry for entry in entries if entry.doc_no is None}
    lost = [number for number in given if number.key in unnoted]
    states = Counter([number.state for number in unheard] + [DocumentState.ISSUED for _ in lost])
    problems = [f"{n.doc_no} is {n.state.value} at central, this terminal never heard of it" for n in unheard]
    problems += [f"{n.doc_no} was issued under a key that is closed here" for n in lost if unnoted[n.key].ended]
    return replace(
        books,
        issued=books.issued + states.total(),
        confirmed=books.confirmed + states[DocumentState.PRINTED],
        voided=books.voided + states[DocumentState.VOIDED],
        open=books.open + states[DocumentState.ISSUED],
        open_numbers=(*books.open_numbers, *(number.doc_no for number in lost)),
        problems=(*books.problems, *problems),
        only_central=tuple(number.doc_no for number in unheard),
    )
