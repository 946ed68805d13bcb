"""After a crash: what central and the printer know decides; nothing is printed, nothing is lost."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend_client.client.errors import FateKnown, SessionExpired, Unreachable, refusal
from backend_client.contract.documents import DocumentKind, DocumentState, DocumentStatus, FateReport, Medium
from kiosk.journal.entry import Entry, Step
from kiosk.journal.journal import Journal
from kiosk.recovery import Recovery, resolve, try_reconcile
from printing.outcome import End, Outcome

NOW = datetime(2017, 1, 2, tzinfo=UTC)


class Registry:
    """Central as a book of keys and fates."""

    def __init__(self) -> None:
        self.issued: dict[uuid.UUID, str] = {}
        self.fates: dict[str, str] = {}
        self.reachable, self.quarrels = True, False
        self.strange: set[str] = set()

    def status_of(self, key: uuid.UUID) -> DocumentStatus | None:
        """The number under a key."""
        if not self.reachable:
            raise Unreachable
        number = self.issued.get(key)
        return DocumentStatus(doc_no=number, state=DocumentState.ISSUED, issued_at=NOW) if number else None

    def report(self, doc_no: str, fate: FateReport) -> DocumentStatus:
        """Note a fate."""
        if not self.reachable:
            raise Unreachable
        if self.quarrels:
            raise FateKnown("fate_known")
        if doc_no in self.strange:
            raise refusal("unknown_document")
        self.fates[doc_no] = fate.state
        return DocumentStatus(doc_no=doc_no, state=DocumentState(fate.state), issued_at=NOW)


class Printer:
    """An A4 printer with a memory of one answer."""

    def __init__(self, end: End) -> None:
        self.end = end

    def outcome_of(self, _job: uuid.UUID, _counted: str = "") -> Outcome:
        """That answer."""
        return Outcome(self.end, None, "it said so")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """An empty journal."""
    return Journal(tmp_path / "journal.db", tmp_path / "journal.key")


def left_at(journal: Journal, step: Step, medium: Medium = Medium.A4) -> Entry:
    """A document that a crash left at this step."""
    kind = DocumentKind.CONTRIBUTIONS_STATEMENT if medium is Medium.A4 else DocumentKind.CONTRIBUTIONS_SLIP
    entry = journal.request(kind, medium)
    way = {
        Step.REQUESTED: (), Step.ISSUED: (Step.ISSUED,), Step.SENT: (Step.ISSUED, Step.SENT),
        Step.PRINTED: (Step.ISSUED, Step.SENT, Step.PRINTED), Step.FAILED: (Step.ISSUED, Step.FAILED),
        Step.UNKNOWN: (Step.ISSUED, Step.SENT, Step.UNKNOWN),
    }[step]  # fmt: skip
    for following in way:
        entry = journal.advance(entry.number, following, doc_no="SB1" if following is Step.ISSUED else None)
    return entry


CASES = [
    (Step.REQUESTED, Medium.A4, End.UNKNOWN, Step.VOIDED, None),
    (Step.ISSUED, Medium.A4, End.PRINTED, Step.VOIDED, "voided"),
    (Step.SENT, Medium.A4, End.PRINTED, Step.CONFIRMED, "printed"),
    (Step.SENT, Medium.A4, End.FAILED, Step.VOIDED, "voided"),
    (Step.SENT, Medium.A4, End.UNKNOWN, Step.UNKNOWN, None),
    (Step.SENT, Medium.SLIP, End.PRINTED, Step.UNKNOWN, None),
    (Step.PRINTED, Medium.SLIP, End.UNKNOWN, Step.CONFIRMED, "printed"),
    (Step.FAILED, Medium.SLIP, End.UNKNOWN, Step.VOIDED, "voided"),
    (Step.UNKNOWN, Medium.A4, End.PRINTED, Step.CONFIRMED, "printed"),
    (Step.UNKNOWN, Medium.A4, End.UNKNOWN, Step.UNKNOWN, None),
    (Step.UNKNOWN, Medium.SLIP, End.PRINTED, Step.UNKNOWN, None),
]


@pytest.mark.parametrize(("step", "medium", "end", "expected", "fate"), CASES)
def test_each_step_finds_its_end(
    journal: Journal, step: Step, medium: Medium, end: End, expected: Step, fate: str | None
) -> None:
    registry = Registry()
    entry = left_at(journal, step, medium)
    still_open = Recovery(journal, registry, Printer(end)).reconcile()
    assert journal.entry(entry.number).step is expected
    assert registry.fates.get("SB1") == fate
    assert still_open == (expected is Step.UNKNOWN)


def test_a_number_that_was_issued_without_our_knowing_is_voided(journal: Journal) -> None:
    registry = Registry()
    entry = left_at(journal, Step.REQUESTED)
    registry.issued[entry.key] = "SB9"
    Recovery(journal, registry, Printer(End.PRINTED)).reconcile()
    assert journal.entry(entry.number).step is Step.VOIDED
    assert registry.fates == {"SB9": "voided"}


def test_without_central_everything_waits(journal: Journal) -> None:
    registry = Registry()
    registry.reachable = False
    entry = left_at(journal, Step.PRINTED)
    recovery = Recovery(journal, registry, Printer(End.PRINTED))
    assert try_reconcile(recovery) is None
    assert journal.entry(entry.number).step is Step.PRINTED
    registry.reachable = True
    assert try_reconcile(recovery) == 0


@pytest.mark.expected_log("another fate")
def test_a_fate_that_central_knows_otherwise_is_logged_and_closed(journal: Journal) -> None:
    registry = Registry()
    registry.quarrels = True
    entry = left_at(journal, Step.PRINTED)
    Recovery(journal, registry, Printer(End.PRINTED)).reconcile()
    ended = journal.entry(entry.number)
    assert (ended.step, ended.detail.startswith("central knows another fate")) == (Step.CONFIRMED, True)


@pytest.mark.expected_log("entry 1 stays printed")
def test_a_document_that_central_will_not_talk_about_holds_up_no_other(journal: Journal) -> None:
    registry = Registry()
    strange, after = left_at(journal, Step.PRINTED), left_at(journal, Step.FAILED)
    registry.strange.add("SB1")
    journal.advance(after.number, Step.VOIDED)
    following = journal.request(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP)
    assert Recovery(journal, registry, Printer(End.PRINTED)).reconcile() == 1
    assert journal.entry(strange.number).step is Step.PRINTED
    assert journal.entry(following.number).step is Step.VOIDED


def test_a_terminal_that_central_refuses_waits(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    left_at(journal, Step.PRINTED)
    registry = Registry()

    def refused(*_: object) -> DocumentStatus:
        raise SessionExpired("invalid_token")

    monkeypatch.setattr(registry, "report", refused)
    assert try_reconcile(Recovery(journal, registry, Printer(End.PRINTED))) is None


class Counting:
    """A slip printer whose counters say this."""

    def __init__(self, end: End) -> None:
        self.end, self.asked = end, list[str]()

    def outcome_since(self, counted: str) -> Outcome:
        """What they say."""
        self.asked.append(counted)
        return Outcome(self.end, None, "its counters")


@pytest.mark.parametrize(("end", "expected"), [(End.FAILED, Step.VOIDED), (End.UNKNOWN, Step.UNKNOWN)])
def test_a_slip_printers_counters_are_asked(journal: Journal, end: End, expected: Step) -> None:
    entry = journal.request(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP)
    journal.advance(entry.number, Step.ISSUED, doc_no="SY1")
    journal.advance(entry.number, Step.SENT, detail="slip cuts=7")
    counting = Counting(end)
    Recovery(journal, Registry(), Printer(End.UNKNOWN), counting).reconcile()
    assert journal.entry(entry.number).step is expected
    assert set(counting.asked) == {"cuts=7"}


def test_the_printer_that_got_the_last_attempt_is_asked_for_that_attempt(journal: Journal) -> None:
    entry = left_at(journal, Step.SENT)
    journal.advance(entry.number, Step.FAILED)
    entry = journal.advance(entry.number, Step.SENT, detail="a4-2")
    asked: list[uuid.UUID] = []

    class Second:
        """The printer in the next room."""

        def outcome_of(self, job: uuid.UUID, _counted: str = "") -> Outcome:
            """Notes what it was asked for."""
            asked.append(job)
            return Outcome(End.PRINTED, None, "it said so")

    Recovery(journal, Registry(), Printer(End.UNKNOWN), others={"a4-2": Second()}).reconcile()
    assert asked == [entry.job_of(2)]
    assert entry.job_of(2) != entry.job_of(1) == entry.job
    assert journal.entry(entry.number).step is Step.CONFIRMED


def test_a_decision_is_on_disk_before_central_is_told(journal: Journal) -> None:
    registry = Registry()
    registry.reachable = False
    entry = left_at(journal, Step.UNKNOWN)
    recovery = Recovery(journal, registry, Printer(End.UNKNOWN))
    with pytest.raises(Unreachable):
        resolve(recovery, journal, entry, printed=True, by="seen")
    assert journal.entry(entry.number).step is Step.PRINTED
    registry.reachable = True
    assert recovery.reconcile() == 0
    assert registry.fates == {"SB1": "printed"}


@pytest.mark.parametrize(("printed", "expected"), [(True, Step.CONFIRMED), (False, Step.VOIDED)])
def test_an_attendant_decides_what_nobody_knows(journal: Journal, printed: bool, expected: Step) -> None:
    registry = Registry()
    entry = left_at(journal, Step.UNKNOWN, Medium.SLIP)
    recovery = Recovery(journal, registry, Printer(End.UNKNOWN))
    assert resolve(recovery, journal, entry, printed=printed, by="seen").step is expected
    assert registry.fates == {"SB1": "printed" if printed else "voided"}
