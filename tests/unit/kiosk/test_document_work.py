"""Making a document, with every ending and a crash at every step: journal and central agree afterwards."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend_client.client import errors
from backend_client.contract.documents import (
    DocumentKind,
    DocumentState,
    DocumentStatus,
    FateReport,
    IssuedDocument,
    IssueRequest,
    Medium,
)
from kiosk.document_work import DocumentDesk, Order, Setting
from kiosk.failures import Failure
from kiosk.journal.entry import Step
from kiosk.journal.journal import Journal
from kiosk.recovery import Recovery, try_reconcile
from kiosk.session.state import Step as Shown
from printing.a4 import render_a4
from printing.escpos_bytes import FEED_AND_CUT
from printing.outcome import End, Outcome, PrinterFault, PrinterStatus
from printing.profiles import profiles
from printing.slip import render_slip
from tests.samples import ID_NO, contributions, issued

NOW = datetime(2017, 1, 2, tzinfo=UTC)
PRINTED = Outcome(End.PRINTED, None, "it said so")


class PowerCut(Exception):
    """The machine is gone at this very moment."""


class CentralBook:
    """Central: issues once for a key, keeps fates; `trouble` is raised after or before issuing."""

    def __init__(self) -> None:
        self.issued: dict[uuid.UUID, IssuedDocument] = {}
        self.closed: set[uuid.UUID] = set()
        self.fates: dict[str, str] = {}
        self.trouble: Exception | None = None
        self.trouble_after = False

    def issue(self, request: IssueRequest, key: uuid.UUID) -> IssuedDocument:
        """As `HolderSession.issue`."""
        if self.trouble is not None and not self.trouble_after:
            raise self.trouble
        number = f"{request.kind.value}440105201701020{len(self.issued) + 1:03}"
        self.issued.setdefault(key, issued(contributions(), request.medium, doc_no=number))
        if self.trouble is not None:
            raise self.trouble
        return self.issued[key]

    def status_of(self, key: uuid.UUID) -> DocumentStatus | None:
        """As `Central.status_of`."""
        if key not in self.issued:
            self.closed.add(key)
            return None
        return DocumentStatus(doc_no=self.issued[key].doc_no, state=DocumentState.ISSUED, issued_at=NOW)

    def report(self, doc_no: str, fate: FateReport) -> DocumentStatus:
        """As `Central.report`."""
        assert self.fates.get(doc_no, fate.state) == fate.state, "two fates for one document"
        self.fates[doc_no] = fate.state
        return DocumentStatus(doc_no=doc_no, state=DocumentState(fate.state), issued_at=NOW)


class Printer:
    """Both printers: calls `on_sent`, remembers jobs, ends as told."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes, self.papers, self.bodies = list(outcomes), list[object](), list[bytes]()
        self.refuses, self.ready = False, True

    def _print(self, body: bytes, job: object, on_sent: Callable[[], None]) -> Outcome:
        if self.refuses:
            return Outcome(End.FAILED, PrinterFault.PAPER_OUT, "nothing was sent")
        on_sent()
        self.bodies.append(body)
        outcome = self.outcomes.pop(0) if self.outcomes else PRINTED
        if outcome.end is End.PRINTED:
            self.papers.append(job)
        return outcome

    def print_slip(self, body: bytes, job: int, on_sent: Callable[[], None]) -> Outcome:
        """As `ThermalPrinter`."""
        return self._print(body, job, on_sent)

    def print_document(self, pdf: bytes, job: uuid.UUID, on_sent: Callable[[], None], _wanted: object) -> Outcome:
        """As `IppPrinter`."""
        return self._print(pdf, job, on_sent)

    def status(self) -> PrinterStatus:
        """In order again, or not."""
        return PrinterStatus(None if self.ready else PrinterFault.JAM)

    def outcome_of(self, job: uuid.UUID, _counted: str = "") -> Outcome:
        """What it remembers."""
        return PRINTED if job in self.papers else Outcome(End.UNKNOWN, None, "not known")


class Bench:
    """A desk with its parts."""

    def __init__(self, folder: Path, *outcomes: Outcome) -> None:
        self.journal = Journal(folder / "j.db", folder / "j.key")
        self.central, self.printer, self.second = CentralBook(), Printer(*outcomes), Printer()
        self.recovery = Recovery(self.journal, self.central, self.printer, others={"a4-2": self.second})
        printers: Any = self.printer
        second: Any = {"a4-2": self.second}
        kinds = frozenset({DocumentKind.CONTRIBUTIONS_STATEMENT})
        self.desk = DocumentDesk(
            self.journal, printers, printers, self.recovery, lambda: NOW, others=second, others_for=kinds
        )
        self.told: list[Shown] = []

    def order(self, medium: Medium = Medium.A4, *, holder: str = ID_NO, wanted: bool = True) -> Order:
        """An order of the sample holder."""
        kinds = {Medium.A4: DocumentKind.CONTRIBUTIONS_STATEMENT, Medium.SLIP: DocumentKind.CONTRIBUTIONS_SLIP}
        session: Any = self.central
        return Order(kinds[medium], medium, "zh", session, holder, lambda: wanted, self.told.append)

    @property
    def step(self) -> Step:
        """Where the last document stands."""
        return self.journal.entries()[-1].step


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench whose printers print."""
    return Bench(tmp_path)


@pytest.mark.parametrize("medium", Medium)
def test_a_document_is_confirmed_step_by_step(bench: Bench, medium: Medium) -> None:
    printed = bench.desk.make(bench.order(medium))
    assert printed.failure is None
    assert printed.doc_no is not None
    assert bench.told == [Shown.REQUESTED, Shown.ISSUED, Shown.SENT, Shown.PRINTED]
    assert bench.step is Step.CONFIRMED
    assert bench.central.fates == {printed.doc_no: "printed"}


@pytest.mark.parametrize(
    ("outcome", "failure", "step", "fate"),
    [
        (Outcome(End.FAILED, PrinterFault.JAM, ""), Failure.A4_JAM, Step.VOIDED, "voided"),
        (Outcome(End.FAILED, None, ""), Failure.PRINT_UNKNOWN, Step.VOIDED, "voided"),
        (Outcome(End.UNKNOWN, PrinterFault.OFFLINE, ""), Failure.PRINT_UNKNOWN, Step.UNKNOWN, None),
    ],
)
def test_an_unhappy_printer(tmp_path: Path, outcome: Outcome, failure: Failure, step: Step, fate: str | None) -> None:
    bench = Bench(tmp_path, outcome)
    assert bench.desk.make(bench.order()).failure is failure
    assert bench.step is step
    assert list(bench.central.fates.values()) == ([fate] if fate else [])


@pytest.mark.parametrize("large", [False, True])
def test_the_page_says_the_place_and_is_as_large_as_asked_for(bench: Bench, large: bool) -> None:
    desk = replace(bench.desk, setting=Setting("海珠区测试路1号"))
    assert desk.make(replace(bench.order(), large_print=large)).failure is None
    wanted = render_a4(next(iter(bench.central.issued.values())), "zh", NOW, place="海珠区测试路1号", large=large)
    assert bench.printer.bodies == [wanted]


def test_the_slip_says_the_place_and_is_what_the_printer_can_show(bench: Bench) -> None:
    profile = profiles()["clone-58"]
    desk = replace(bench.desk, setting=Setting("海珠区测试路1号", profile))
    assert desk.make(bench.order(Medium.SLIP)).failure is None
    document = next(iter(bench.central.issued.values()))
    body = render_slip(document, "zh", NOW, place="海珠区测试路1号", profile=profile)
    assert bench.printer.bodies == [body]
    assert body != render_slip(document, "zh", NOW)


def test_a_printer_that_refuses_before_the_first_byte(bench: Bench) -> None:
    bench.printer.refuses = True
    assert bench.desk.make(bench.order(Medium.SLIP)).failure is Failure.SLIP_PAPER_OUT
    assert bench.step is Step.VOIDED
    assert Shown.SENT not in bench.told


def test_a_pulled_card_stops_before_the_printer(bench: Bench) -> None:
    printed = bench.desk.make(bench.order(wanted=False))
    assert printed.failure is Failure.SESSION_EXPIRED
    assert (bench.step, bench.printer.papers) == (Step.VOIDED, [])


def test_somebody_elses_document_is_never_printed(bench: Bench) -> None:
    assert bench.desk.make(bench.order(holder="990106198709300027")).failure is Failure.SEAL_INVALID
    assert (bench.step, bench.printer.papers) == (Step.VOIDED, [])


def test_an_earlier_document_in_the_place_of_the_new_one_is_never_printed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bench.desk.make(bench.order()).doc_no
    old = next(iter(bench.central.issued.values()))
    real = bench.central.issue

    def replayed(request: IssueRequest, key: uuid.UUID) -> IssuedDocument:
        real(request, key)
        return old

    monkeypatch.setattr(bench.central, "issue", replayed)
    assert bench.desk.make(bench.order()).failure is Failure.SEAL_INVALID
    assert (bench.step, len(bench.printer.papers)) == (Step.VOIDED, 1)
    assert len(bench.central.fates) == 2 and bench.central.fates[str(first)] == "printed"


@pytest.mark.expected_log("document not printed")
def test_a_character_that_can_not_be_drawn_prints_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = issued(contributions("测\ue5e5"))
    monkeypatch.setattr(bench.central, "issue", lambda _request, _key: bad)
    assert bench.desk.make(bench.order()).failure is Failure.GLYPH_MISSING
    assert (bench.step, bench.printer.papers) == (Step.VOIDED, [])


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    "error", [errors.Unreachable(), errors.TooSlow(), errors.Nonsense("x"), errors.SealInvalid("x")]
)
def test_an_issue_of_unknown_fate_is_asked_for_and_voided(bench: Bench, error: Exception, after: bool) -> None:
    bench.central.trouble, bench.central.trouble_after = error, after
    assert bench.desk.make(bench.order()).failure is not None
    assert bench.step is Step.VOIDED
    assert list(bench.central.fates.values()) == (["voided"] if after else [])
    assert bool(bench.central.closed) is not after


@pytest.mark.parametrize("code", ["no_record", "invalid_token", "made_up"])
def test_a_refusal_is_closed_at_once(bench: Bench, code: str) -> None:
    bench.central.trouble = errors.refusal(code)
    assert bench.desk.make(bench.order()).failure is not None
    assert bench.step is Step.VOIDED


TORN = Outcome(End.FAILED, PrinterFault.JAM, "one of two pages", nothing_whole=True)
PERHAPS = Outcome(End.FAILED, PrinterFault.JAM, "canceled")


def steps(bench: Bench) -> list[str]:
    """The last document's way, with where it was sent."""
    number = bench.journal.entries()[-1].number
    return [
        f"{line.step}:{line.detail}" if line.step is Step.SENT else line.step.value
        for line in bench.journal.lines()
        if line.number == number
    ]


@pytest.mark.parametrize("medium", Medium)
def test_a_torn_paper_is_printed_again_as_a_copy_of_the_same_number(tmp_path: Path, medium: Medium) -> None:
    bench = Bench(tmp_path, TORN)
    printed = bench.desk.make(bench.order(medium))
    name = {Medium.A4: "a4", Medium.SLIP: "slip"}[medium]
    assert printed.failure is None
    assert steps(bench) == [
        "requested", "issued", f"sent:{name}", "failed", f"sent:{name}", "printed", "confirmed"
    ]  # fmt: skip
    assert bench.central.fates == {printed.doc_no: "printed"}
    assert len(bench.central.issued) == 1
    first, second = bench.printer.bodies
    assert "第2份".encode("gbk") in second if medium is Medium.SLIP else second != first


def test_a_paper_that_may_have_come_out_is_never_printed_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, PERHAPS)
    assert bench.desk.make(bench.order()).failure is Failure.A4_JAM
    assert steps(bench) == ["requested", "issued", "sent:a4", "failed", "voided"]
    assert bench.second.papers == []


def test_a_holder_who_left_gets_no_copy(tmp_path: Path) -> None:
    bench = Bench(tmp_path, TORN)
    wanted = iter([True, False, False])
    order = replace(bench.order(), wanted=lambda: next(wanted))
    assert bench.desk.make(order).failure is Failure.A4_JAM
    assert (bench.step, bench.printer.papers, bench.second.papers) == (Step.VOIDED, [], [])


def test_the_second_printer_stands_in_when_the_first_refuses(bench: Bench) -> None:
    bench.printer.refuses = True
    assert bench.desk.make(bench.order()).failure is None
    assert steps(bench) == ["requested", "issued", "sent:a4-2", "printed", "confirmed"]
    assert "第2份".encode() not in bench.second.bodies[0]


def test_the_second_printer_stands_in_when_the_first_tore_it_and_stays_broken(tmp_path: Path) -> None:
    bench = Bench(tmp_path, TORN)
    bench.printer.ready = False
    assert bench.desk.make(bench.order()).failure is None
    assert steps(bench)[2:5] == ["sent:a4", "failed", "sent:a4-2"]


def test_a_kind_that_must_not_come_out_elsewhere_does_not(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.printer.refuses = True
    bench.desk = replace(bench.desk, others_for=frozenset())
    assert bench.desk.make(bench.order()).failure is Failure.A4_PAPER_OUT
    assert (bench.step, bench.second.papers) == (Step.VOIDED, [])


def test_three_torn_papers_are_enough(tmp_path: Path) -> None:
    bench = Bench(tmp_path, TORN, TORN)
    bench.second.outcomes.append(TORN)
    assert bench.desk.make(bench.order()).failure is Failure.A4_JAM
    assert steps(bench)[-2:] == ["failed", "voided"]
    assert bench.journal.entries()[-1].attempts == 3


def test_what_hangs_out_of_the_slip_printer_is_cut_off_before_the_next_slip(tmp_path: Path) -> None:
    unknown = Outcome(End.UNKNOWN, PrinterFault.CUT_OFF, "the connection broke")
    bench = Bench(tmp_path, unknown)
    for _ in range(3):
        bench.desk.make(bench.order(Medium.SLIP))
    assert [body.startswith(FEED_AND_CUT) for body in bench.printer.bodies] == [False, True, False]


def cut_at(journal: Journal, call: int) -> None:
    """Pull the plug right after (even) or right before (odd) a journal step."""
    real, count = journal.advance, iter(range(100))

    def advance(*arguments: Any, **more: Any) -> Any:
        now = next(count)
        if now == call // 2 and call % 2:
            raise PowerCut
        done = real(*arguments, **more)
        if now == call // 2:
            raise PowerCut
        return done

    journal.advance = advance  # type: ignore[method-assign]


@pytest.mark.parametrize("medium", Medium)
@pytest.mark.parametrize("call", range(8))
def test_a_power_cut_at_any_step_leaves_nothing_unaccounted_for(tmp_path: Path, call: int, medium: Medium) -> None:
    bench = Bench(tmp_path)
    cut_at(bench.journal, call)
    with pytest.raises(PowerCut):
        bench.desk.make(bench.order(medium))
    bench.journal.close()
    again = Journal(tmp_path / "j.db", tmp_path / "j.key")
    assert try_reconcile(Recovery(again, bench.central, bench.printer)) is not None
    (entry,) = again.entries()
    assert len(bench.printer.papers) <= 1
    assert entry.step in (Step.CONFIRMED, Step.VOIDED, Step.UNKNOWN)
    fate = bench.central.fates.get(entry.doc_no or "")
    assert fate == {Step.CONFIRMED: "printed", Step.VOIDED: "voided", Step.UNKNOWN: None}[entry.step]
    assert not (bench.printer.papers and entry.step is Step.VOIDED), "paper is out, its number is void"
    assert again.verify() == []
