"""Whatever stands between terminal and central: nothing signed is believed when it was changed, nothing is issued or
printed twice, nothing crashes, no secret gets into the log, and afterwards journal and central agree.

Every lie is told about every call of a visit; `TAMPER_WHOLE=1` tries them all, the default every seventh.
"""

import json
import logging
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import delete, event, select

from backend_client.client import transport
from backend_client.client.central import Central, HolderSession
from backend_client.client.errors import CentralError, Nonsense, SealInvalid, Unreachable
from backend_client.contract.documents import DocumentKind, FateReport, IssueRequest, Medium
from backend_client.contract.model import Record
from central.issuing import document
from central.storage import documents
from central.synthetic.contributions import contributions
from central.synthetic.family_planning import family_planning
from demo.relay import Answer, Request
from kiosk.document_work import DocumentDesk, Order
from kiosk.journal.entry import Step
from kiosk.journal.journal import Journal
from kiosk.recovery import Recovery, try_reconcile
from printing.outcome import End, Outcome, PrinterStatus
from printing.slip import render_slip
from tests.city import City, client_of, free_port, serving
from tests.security.tamper import CALLS, LIES, Liar, call_of, field_changed, leaves

SHORT, LONG = 0.4, 20.0  # seconds
PERSON, OTHER_PERSON = 140, 320  # of few rows: what is tried here doesn't depend on how many there are
STRIDE = 1 if os.environ.get("TAMPER_WHOLE") else 7
NOW = datetime(2026, 1, 2, tzinfo=UTC)
NUMBER = re.compile(rb"SY\d{18,}")
pytestmark = [pytest.mark.expected_log("."), pytest.mark.timeout(0 if STRIDE == 1 else 120)]


class Printer:
    """A slip printer that prints, and keeps what it printed."""

    def __init__(self) -> None:
        self.papers: list[bytes] = []

    def print_slip(self, body: bytes, _job: int, on_sent: Any) -> Outcome:
        """As `ThermalPrinter`."""
        on_sent()
        self.papers.append(body)
        return Outcome(End.PRINTED, None, "it said so")

    def status(self) -> PrinterStatus:
        """Ready."""
        return PrinterStatus(None)


@dataclass
class Told:
    """What a visit got: records, what was printed, and the errors by step."""

    records: list[Record] = field(default_factory=list)
    failures: dict[str, Exception] = field(default_factory=dict)
    printed: Any = None
    owed: int = 0


class World:
    """Central, a liar before it, and one terminal with its journal."""

    def __init__(self, folder: Path) -> None:
        self.city = City(folder, f"http://127.0.0.1:{free_port()}", daily_limit=10**6)
        event.listen(self.city.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
        self.city.engine.dispose()
        self.liar = Liar(self.city.url)
        self.journal, self.printer = Journal(folder / "journal.db", folder / "journal.key"), Printer()
        self.cards = {person: self.city.card(person) for person in (PERSON, OTHER_PERSON)}
        seed = self.city.keys.seed
        self.truth = {
            person: [record for record in (contributions(seed, person), family_planning(seed, person)) if record]
            for person in self.cards
        }

    def close(self) -> None:
        """Give everything back."""
        self.liar.close()
        self.journal.close()
        self.city.close()

    def client(self, url: str | None = None) -> Central:
        """The terminal's client, through the liar. It waits only where nobody lies: a lie may take its time."""
        patience = SHORT if self.liar.lies else LONG
        return client_of(
            self.city,
            base_url=url or self.liar.url,
            audience=self.city.url,
            read_timeout=patience,
            connect_timeout=LONG,
        )

    def visit(self, person: int = PERSON) -> Told:
        """Sign in, see both records, take a slip, go."""
        told, client = Told(), self.client()
        try:
            session = client.sign_in(self.cards[person], "social family")
        except CentralError as error:
            told.failures["sign in"] = error
            client.close()
            return told
        for name in ("contributions", "family_planning"):
            try:
                told.records.append(getattr(session, name)())
            except CentralError as error:
                told.failures[name] = error
        told.printed = self._desk(client).make(self._order(session, person))
        session.revoke()
        told.owed = client.connection.revocations.owed
        client.close()
        return told

    def _desk(self, client: Central) -> DocumentDesk:
        printer: Any = self.printer
        return DocumentDesk(self.journal, printer, printer, Recovery(self.journal, client, printer), lambda: NOW)

    def _order(self, session: HolderSession, person: int) -> Order:
        holder = self.truth[person][0].subject_id_no
        slip = (DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP)
        return Order(*slip, "zh", session, holder, lambda: True, lambda _step: None)

    def settle(self) -> None:
        """The line is honest again, and the terminal finds out what happened."""
        self.liar.honest()
        client, printer = self.client(), Any
        del printer
        assert try_reconcile(Recovery(self.journal, client, self.printer)) == 0  # type: ignore[arg-type]
        client.close()

    def problems(self) -> list[str]:
        """The journal against central's register and the paper that came out."""
        with self.city.engine.connect() as connection:
            rows = connection.execute(select(documents).where(documents.c.doc_no.is_not(None))).all()
        states = {str(row.doc_no): str(row.state) for row in rows}
        wanted = {Step.CONFIRMED: "printed", Step.VOIDED: "voided"}
        entries = self.journal.entries()
        ours = [entry.doc_no for entry in entries if entry.doc_no]
        papers = [match.decode() for paper in self.printer.papers for match in set(NUMBER.findall(paper))]
        ended = [(entry.doc_no, wanted.get(entry.step)) for entry in entries if entry.doc_no]
        found = [f"{number} is not {state} at central" for number, state in ended if states.get(number) != state]
        found += [f"lost: {number}" for number in states.keys() - set(ours)]
        found += [f"two entries: {number}" for number in set(ours) if ours.count(number) > 1]
        found += [f"two papers: {number}" for number in set(papers) if papers.count(number) > 1]
        found += [
            f"paper of a document that is {states.get(number)}" for number in papers if states.get(number) != "printed"
        ]
        return found + [f"a paper that says something else: {number}" for number in papers if not self._true(number)]

    def _true(self, doc_no: str) -> bool:
        issued = document(self.city.engine, doc_no)
        return issued is not None and render_slip(issued, "zh", NOW) in self.printer.papers


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all lies."""
    made = World(tmp_path_factory.mktemp("tampered"))
    with serving(made.city), pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "PAUSES", (0.01, 0.02))
        yield made
    made.close()


@pytest.fixture(scope="module")
def past(world: World) -> dict[tuple[int, str], Answer]:
    """Answers of earlier visits, by holder and call."""
    found = {}
    for person in world.cards:
        world.liar.honest()
        assert world.visit(person).failures == {}
        found.update({(person, call_of(request)): answer for request, answer in world.liar.seen})
    world.settle()
    return found


@contextmanager
def honest_log(world: World, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No secret of the visit gets into the log."""
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "backend_client"), caplog.at_level(logging.DEBUG, "kiosk"):
        yield
    ours = "\n".join(
        record.getMessage() for record in caplog.records if record.name.split(".")[0] in ("backend_client", "kiosk")
    )
    assert [secret for secret in secrets_of(world.liar.seen) if secret in ours] == []
    assert not [
        record for record in caplog.records if record.exc_info and record.name.startswith(("backend_client", "kiosk"))
    ]


def secrets_of(seen: list[tuple[Request, Answer]]) -> set[str]:
    """Tokens, assertions, proofs and identity numbers that went over the line."""
    text = "\n".join(request.body.decode() + answer.body.decode("utf-8", "replace") for request, answer in seen)
    found = set(re.findall(r'"access_token":"([^"]+)"', text)) | set(re.findall(r"assertion=([\w.-]{40,})", text))
    return (
        found
        | set(re.findall(r"\b990\d{14}[\dX]\b", text))
        | {r.headers["DPoP"] for r, _ in seen if "DPoP" in r.headers}
    )


POINTS = [(call, name) for call in CALLS for name in LIES]


@pytest.mark.parametrize(("call", "name"), POINTS[::STRIDE])
def test_a_lie_about_a_call_leaves_the_terminal_right(
    world: World, caplog: pytest.LogCaptureFixture, call: str, name: str
) -> None:
    world.liar.honest()
    world.liar.lies = {call: LIES[name]}
    with honest_log(world, caplog):
        told = world.visit()
    assert [record for record in told.records if record not in world.truth[PERSON]] == []
    world.settle()
    assert world.problems() == []


def test_every_field_of_the_document_is_sealed(world: World, past: dict[tuple[int, str], Answer]) -> None:
    world.liar.honest()
    paths = list(leaves(json.loads(past[PERSON, "issue"].body)))
    assert len(paths) >= 60
    client = world.client()
    session = client.sign_in(world.cards[PERSON], "social family")
    believed, key = [], uuid.uuid4()
    for path in paths:
        world.liar.lies = {"issue": field_changed(path)}
        try:
            session.issue(IssueRequest(kind=DocumentKind.CONTRIBUTIONS_SLIP, medium=Medium.SLIP), key)
        except (SealInvalid, Nonsense):
            continue
        believed.append(path)
    assert believed == []
    world.liar.honest()
    doc_no = session.issue(IssueRequest(kind=DocumentKind.CONTRIBUTIONS_SLIP, medium=Medium.SLIP), key).doc_no
    client.report(doc_no, FateReport(state="voided"))
    session.revoke()
    client.close()
    with world.city.engine.begin() as connection:  # it was not the journal's
        connection.execute(delete(documents).where(documents.c.doc_no == doc_no))


FIELDS = [
    *((call, path) for call, path in (
        ("challenge", ("nonce",)), ("challenge", ("host_random",)), ("challenge", ("expires_in",)),
        *(("token", (name,)) for name in ("access_token", "token_type", "expires_in", "scope", "sid", "acr",
                                          "session_expires_in")),
        ("token", ("holder", "id_no")), ("token", ("holder", "name")),
        *(("own token", (name,)) for name in ("access_token", "token_type", "expires_in", "scope")),
        ("contributions", ("subject_id_no",)), ("contributions", ("is_test",)), ("contributions", ("theme_code",)),
        ("contributions", ("rows", 0, "base")), ("contributions", ("rows", 0, "fee_ym")),
        ("family", ("subject_id_no",)), ("family", ("name",)), ("family", ("boys",)),
        ("issue", ("doc_no",)), ("issue", ("facts", "record", "person", "name")), ("issue", ("signed_code",)),
        ("issue", ("terminal_id",)), ("issue", ("kind",)),
        ("fate", ("doc_no",)), ("fate", ("state",)), ("fate", ("issued_at",)),
    )),
]  # fmt: skip


@pytest.mark.parametrize(("call", "path"), FIELDS)
def test_a_changed_field_leaves_the_terminal_right(
    world: World, caplog: pytest.LogCaptureFixture, call: str, path: tuple[str | int, ...]
) -> None:
    world.liar.honest()
    world.liar.lies = {call: field_changed(path)}
    with honest_log(world, caplog):
        told = world.visit()
    assert {record.subject_id_no for record in told.records} <= {world.truth[PERSON][0].subject_id_no}
    if call == "issue":
        assert told.printed.doc_no is None
    world.settle()
    assert world.problems() == []


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("whose", [PERSON, OTHER_PERSON])
def test_an_old_answer_leaves_the_terminal_right(
    world: World, past: dict[tuple[int, str], Answer], caplog: pytest.LogCaptureFixture, call: str, whose: int
) -> None:
    world.liar.honest()
    old = past[whose, call]
    world.liar.lies = {call: lambda _answer: iter([old.raw()])}
    with honest_log(world, caplog):
        told = world.visit()
    assert [record for record in told.records if record not in world.truth[PERSON]] == []
    world.settle()
    assert world.problems() == []


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("counts", [0, 1])
def test_a_request_that_arrives_twice_does_nothing_twice(
    world: World, caplog: pytest.LogCaptureFixture, call: str, counts: int
) -> None:
    world.liar.honest()
    world.liar.twice = {call: counts}
    with honest_log(world, caplog):
        world.visit()
    world.settle()
    assert world.problems() == []


def test_answers_in_another_order_leave_the_terminal_right(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.liar.honest()
    world.liar.shuffled = True
    with honest_log(world, caplog):
        told = world.visit()
    assert told.failures and told.records == []
    world.settle()
    assert world.problems() == []


def test_nothing_of_a_visit_can_be_sent_again(world: World) -> None:
    world.liar.honest()
    assert world.visit().failures == {}
    recorded = [request for request, _ in world.liar.seen]
    assert [call_of(request) for request in recorded] == list(CALLS)
    assert [(call_of(request), world.liar.ask(request).status) for request in recorded] == [
        ("challenge", 401), ("token", 401), ("contributions", 401), ("family", 401), ("issue", 401),
        ("own token", 401), ("fate", 401), ("revoke", 401),
    ]  # fmt: skip
    world.settle()
    assert world.problems() == []


def test_another_ca_s_platform_is_told_nothing(tmp_path: Path) -> None:
    real, false = (City(tmp_path / name, f"https://127.0.0.1:{free_port()}") for name in ("real", "false"))
    asked: list[str] = []
    false.app = Witness(false.app, asked)  # type: ignore[assignment]  # served in its place
    anchor = tmp_path / "device-ca.pem"
    anchor.write_bytes(real.keys.device_ca.public_bytes(Encoding.PEM))
    with serving(false):
        for url, error in ((false.url, Unreachable), (false.url.replace("https", "http"), CentralError)):
            client = client_of(real, base_url=url, audience=real.url, ca_file=str(anchor))
            with pytest.raises(error):
                client.sign_in(real.card(), "social")
            client.close()
    with serving(real):
        client = client_of(real, ca_file=str(anchor))
        client.health()
        client.close()
    assert asked == []
    for city in (real, false):
        city.close()


class Witness:
    """Notes what an application is asked."""

    def __init__(self, app: Any, asked: list[str]) -> None:
        self._app, self._asked = app, asked

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        self._asked.append(scope["path"])
        await self._app(scope, receive, send)
