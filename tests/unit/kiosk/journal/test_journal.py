"""The journal: steps in order only, chain, sealed payloads, and what a full disk does."""

import resource
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.contract.documents import DocumentKind, Medium
from kiosk.journal.entry import FOLLOWS, Step
from kiosk.journal.errors import IllegalStep, JournalDamaged, JournalFull
from kiosk.journal.journal import Journal
from kiosk.journal.key import FileKey

SLIP = (DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """An empty journal."""
    return Journal(tmp_path / "journal.db", tmp_path / "journal.key")


def walk(journal: Journal, *steps: Step) -> int:
    """A document that took these steps."""
    number = journal.request(*SLIP).number
    for step in steps:
        journal.advance(number, step, doc_no="SY1" if step is Step.ISSUED else None)
    return number


def test_a_whole_way(journal: Journal) -> None:
    number = walk(journal, Step.ISSUED, Step.SENT, Step.PRINTED, Step.CONFIRMED)
    entry = journal.entry(number)
    assert (entry.step, entry.doc_no, entry.ended) == (Step.CONFIRMED, "SY1", True)
    assert journal.open_entries() == []
    assert journal.verify() == []


@given(st.lists(st.sampled_from(list(Step)), max_size=8))
@settings(max_examples=150, deadline=None)
def test_only_legal_steps_are_taken(tmp_path_factory: pytest.TempPathFactory, wanted: list[Step]) -> None:
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal(folder / "j.db", folder / "j.key")
    number, now = journal.request(*SLIP).number, Step.REQUESTED
    for step in wanted:
        if step in FOLLOWS[now]:
            now = journal.advance(number, step).step
        else:
            with pytest.raises(IllegalStep):
                journal.advance(number, step)
        assert journal.entry(number).step is now
    assert journal.verify() == []
    journal.close()


def test_what_was_written_is_there_after_reopening(journal: Journal, tmp_path: Path) -> None:
    number = walk(journal, Step.ISSUED)
    journal.close()
    again = Journal(tmp_path / "journal.db", tmp_path / "journal.key")
    assert again.entry(number).step is Step.ISSUED
    assert [entry.number for entry in again.open_entries()] == [number]


def test_payloads_are_sealed_and_wiped_at_the_end(journal: Journal, tmp_path: Path) -> None:
    secret = "许斌嘉 990113199110315431".encode()
    number = journal.request(*SLIP).number
    entry = journal.advance(number, Step.ISSUED, doc_no="SY1", payload=secret)
    assert journal.payload(entry) == secret
    assert all(secret not in path.read_bytes() for path in tmp_path.iterdir())
    journal.advance(number, Step.FAILED)
    ended = journal.advance(number, Step.VOIDED)
    assert journal.payload(ended) is None


def change(path: Path, *statements: str) -> None:
    """Someone changes the file behind our back."""
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def test_steps_can_not_be_changed_or_removed(journal: Journal, tmp_path: Path) -> None:
    walk(journal, Step.ISSUED)
    for statement in ("UPDATE steps SET step = 'confirmed'", "DELETE FROM steps"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            change(tmp_path / "journal.db", statement)


@pytest.mark.parametrize(
    "tampering", ["UPDATE steps SET doc_no = 'SY2' WHERE line = 2", "DELETE FROM steps WHERE line = 2"]
)
def test_tampering_is_found(journal: Journal, tmp_path: Path, tampering: str) -> None:
    walk(journal, Step.ISSUED, Step.FAILED)
    drop = ("DROP TRIGGER steps_stay", "DROP TRIGGER steps_keep")
    change(tmp_path / "journal.db", *drop, tampering)
    assert journal.verify() != []


def test_a_changed_payload_is_refused(tmp_path: Path) -> None:
    key = FileKey(tmp_path / "key")
    sealed = key.seal("entry-1", b"facts")
    assert key.unseal("entry-1", sealed) == b"facts"
    for other, name in ((sealed[:-1] + b"\0", "entry-1"), (sealed, "entry-2")):
        with pytest.raises(JournalDamaged):
            key.unseal(name, other)


def test_a_key_that_others_may_read_is_refused(journal: Journal, tmp_path: Path) -> None:
    journal.close()
    (tmp_path / "journal.key").chmod(0o644)
    with pytest.raises(JournalDamaged, match="chmod 600"):
        Journal(tmp_path / "journal.db", tmp_path / "journal.key")


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(JournalDamaged):
        Journal(tmp_path / "journal.db", tmp_path / "journal.key")


FILL = """
import resource, signal, sys
from pathlib import Path
from backend_client.contract.documents import DocumentKind, Medium
from kiosk.journal.errors import JournalFull
from kiosk.journal.journal import Journal
folder = Path(sys.argv[1])
journal = Journal(folder / "journal.db", folder / "journal.key")
journal.request(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
try:
    for _ in range(1000):
        journal.request(DocumentKind.CONTRIBUTIONS_SLIP, Medium.SLIP)
except JournalFull as error:
    print("full:", error)
"""


def test_a_full_disk_is_named_and_what_was_written_stays(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert "full: The journal can't be written" in done.stdout, done.stderr
    journal = Journal(tmp_path / "journal.db", tmp_path / "journal.key")
    assert journal.entries()
    assert journal.verify() == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalFull):
        Journal(tmp_path / "file" / "journal.db", tmp_path / "journal.key")


def test_a_key_is_whole_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "journal.key.new").write_bytes(b"half of a k")
    first = FileKey(tmp_path / "journal.key")
    again = FileKey(tmp_path / "journal.key")
    assert again.unseal("e", first.seal("e", b"x")) == b"x"
    assert not (tmp_path / "journal.key.new").exists()


def test_every_attempt_has_names_of_its_own(journal: Journal) -> None:
    entries = [journal.request(*SLIP) for _ in range(3)]
    jobs = {entry.job_of(attempt) for entry in entries for attempt in range(1, 5)}
    slips = {entry.slip_of(attempt) for entry in entries for attempt in range(1, 5)}
    assert (len(jobs), len(slips)) == (12, 12)


def test_attempts_and_where_the_last_one_went_are_kept(journal: Journal) -> None:
    number = walk(journal, Step.ISSUED, Step.SENT, Step.FAILED)
    entry = journal.advance(number, Step.SENT, detail="a4-2 pages=7")
    assert (entry.attempts, entry.sent_to) == (2, "a4-2 pages=7")


def test_a_number_is_adopted_once_however_many_do_it(journal: Journal, tmp_path: Path) -> None:
    key = uuid.uuid4()
    other = Journal(tmp_path / "journal.db", tmp_path / "journal.key")
    first, second = journal.adopt(key, *SLIP, "SY1"), other.adopt(key, *SLIP, "SY1")
    assert (first, len(journal.entries())) == (second, 1)
    journal.advance(first.number, Step.FAILED, detail="no paper")
    assert other.adopt(key, *SLIP, "SY1").step is Step.FAILED
    assert journal.verify() == []


def test_two_decisions_about_one_paper_leave_the_first(journal: Journal, tmp_path: Path) -> None:
    number = walk(journal, Step.ISSUED, Step.SENT, Step.UNKNOWN)
    other = Journal(tmp_path / "journal.db", tmp_path / "journal.key")
    journal.advance(number, Step.PRINTED, detail="an attendant looked at the paper")
    for step in (Step.FAILED, Step.PRINTED):
        with pytest.raises(IllegalStep):
            other.advance(number, step, detail="an attendant looked at the paper")
    assert other.entry(number).step is Step.PRINTED
