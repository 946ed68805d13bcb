"""kill -9 at arbitrary moments of a visit, twenty times: no second copy unseen, no number unaccounted for."""

import json
import random
import sqlite3
from collections import Counter

import pytest

from demo.parts.process import Process
from demo.street import Street
from kiosk.config import load_config
from kiosk.journal.entry import Entry, Step
from kiosk.journal.opening import open_journal

pytestmark = pytest.mark.reader

KILLS = 20
LONGEST_VISIT = 4.0


def terminal(street: Street, action: str, pin: str) -> Process:
    """A terminal in a process of its own."""
    return Process("demo.visit_process", action, str(street.config_path), pin)


def killed_visit(street: Street, pin: str, after: float) -> None:
    """Begin a visit and kill the terminal `after` seconds later."""
    with terminal(street, "visit", pin) as child:
        street.card.ask("insert")
        try:
            child._wait(lambda line: line.get("event") == "done", 0, after, "finish")
        except RuntimeError:
            pass  # as it should be: still under way
        child.child.kill()
        child.child.wait()
    street.card.remove()


def central_documents(street: Street) -> dict[str, str]:
    """Number → state of everything that central issued."""
    with sqlite3.connect(street.central.database.removeprefix("sqlite:///")) as database:
        rows = database.execute("SELECT doc_no, state FROM documents WHERE doc_no IS NOT NULL").fetchall()
    database.close()
    return dict(rows)


def entries(street: Street) -> list[Entry]:
    """The journal as it stands, after its chain was checked."""
    config = load_config(street.config_path)
    journal = open_journal(config)
    found, problems = journal.entries(), journal.verify()
    journal.close()
    assert problems == []
    return found


AT_CENTRAL = {Step.CONFIRMED: "printed", Step.VOIDED: "voided", Step.UNKNOWN: "issued"}


@pytest.mark.timeout(400)
def test_twenty_kills_leave_no_number_unaccounted_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    chance = random.Random(20161231)
    with Street(tmp_path_factory.mktemp("kill9"), patience=5) as street:
        card = street.personalise(4)
        pin = json.loads(card.read_text(encoding="utf-8"))["pin"]
        street.card.ask(f"swap {card}")
        for _ in range(KILLS):
            killed_visit(street, pin, chance.uniform(0.2, LONGEST_VISIT))
        with terminal(street, "recover", pin) as child:
            child.wait_for("settled", timeout=60)
        check(street, entries(street))
        with terminal(street, "recover", pin) as child:
            child.wait_for("settled", timeout=60)
        again = entries(street)
        check(street, again)
        assert {entry.step for entry in again} - {Step.UNKNOWN}, "no visit got far enough to test anything"


def check(street: Street, found: list[Entry]) -> None:
    """Journal, central and the paper that came out agree."""
    assert {entry.step for entry in found} <= set(AT_CENTRAL)
    documents = central_documents(street)
    by_number = {entry.doc_no: entry for entry in found if entry.doc_no is not None}
    assert set(documents) == set(by_number)
    for number, entry in by_number.items():
        assert documents[number] == AT_CENTRAL[entry.step], entry
    pages = Counter(str(page["job"]) for page in street.a4.pages)
    assert max(pages.values(), default=1) == 1, "a page came out twice"
    by_job = {f"onecard-{entry.job}": entry for entry in found}
    for job in pages:
        assert by_job[job].step in (Step.CONFIRMED, Step.UNKNOWN), by_job[job]
    slips = sum(bool(slip["complete"]) for slip in street.thermal.slips)
    perhaps = [e for e in found if e.medium.value == "slip" and e.step in (Step.CONFIRMED, Step.UNKNOWN)]
    sure = [e for e in perhaps if e.step is Step.CONFIRMED]
    assert len(sure) <= slips <= len(perhaps)
