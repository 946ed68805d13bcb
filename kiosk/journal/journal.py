"""The journal on SQLite: append-only steps with a hash chain, sealed payloads that are wiped when a document has ended.

WAL with synchronous=FULL: a step that returned is on disk (sqlite.org/pragma.html#pragma_synchronous).
"""

import hashlib
import json
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backend_client.contract.documents import DocumentKind, Medium
from kiosk.journal.durable import durable_folder, sync_folder
from kiosk.journal.entry import ENDED, FOLLOWS, Entry, Step
from kiosk.journal.errors import IllegalStep, JournalDamaged, JournalFull
from kiosk.journal.key import FileKey, JournalKey

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
  number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, job TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL, medium TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS steps (
  line INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL REFERENCES documents, step TEXT NOT NULL,
  doc_no TEXT, detail TEXT NOT NULL, at TEXT NOT NULL, chain TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS steps_by_number ON steps (number, line);
CREATE INDEX IF NOT EXISTS steps_by_document ON steps (doc_no);
CREATE TABLE IF NOT EXISTS payloads (number INTEGER PRIMARY KEY REFERENCES documents, sealed BLOB NOT NULL);
CREATE TRIGGER IF NOT EXISTS steps_stay BEFORE UPDATE ON steps BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END;
CREATE TRIGGER IF NOT EXISTS steps_keep BEFORE DELETE ON steps BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END;
"""
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "busy_timeout=5000")
FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
LATEST = """
SELECT d.number, d.key, d.job, d.kind, d.medium, s.step, s.detail, s.at,
  (SELECT doc_no FROM steps WHERE number = d.number AND doc_no IS NOT NULL ORDER BY line DESC LIMIT 1) AS doc_no,
  (SELECT COUNT(*) FROM steps WHERE number = d.number AND step = 'sent') AS attempts,
  (SELECT detail FROM steps WHERE number = d.number AND step = 'sent' ORDER BY line DESC LIMIT 1) AS sent_to
FROM documents d JOIN steps s ON s.line = (SELECT MAX(line) FROM steps WHERE number = d.number)
"""

ADOPTED = "only central knew of it"


@dataclass(frozen=True)
class Line:
    """One step as it stands in the file; `at` is ISO 8601, UTC."""

    line: int
    number: int
    step: Step
    doc_no: str | None
    detail: str
    at: str


def _chain(before: str, line: list[object]) -> str:
    return hashlib.sha256(f"{before}|{json.dumps(line)}".encode()).hexdigest()


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        number=row["number"],
        key=uuid.UUID(row["key"]),
        job=uuid.UUID(row["job"]),
        kind=DocumentKind(row["kind"]),
        medium=Medium(row["medium"]),
        step=Step(row["step"]),
        doc_no=row["doc_no"],
        detail=row["detail"],
        at=datetime.fromisoformat(row["at"]),
        attempts=row["attempts"],
        sent_to=row["sent_to"] or "",
    )


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        raise (JournalFull() if code in FULL else JournalDamaged(type(error).__name__)) from error


class Journal:
    """One journal file; safe to use from several threads. Raises JournalFull, JournalDamaged, IllegalStep.

    `key`: who seals payloads; a path is a key in that file.
    """

    def __init__(self, path: Path, key: JournalKey | Path) -> None:
        self._lock = threading.RLock()
        try:
            durable_folder(path.parent)
            self._key = FileKey(key) if isinstance(key, Path) else key
        except OSError as error:
            raise JournalFull from error
        with _named_errors():
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            for pragma in PRAGMAS:
                self._db.execute(f"PRAGMA {pragma}")
            self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
        try:
            sync_folder(path.parent)
        except OSError as error:
            raise JournalFull from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def request(self, kind: DocumentKind, medium: Medium) -> Entry:
        """A new document, before central is asked for it: its keys are on disk when this returns."""
        with self._writing():
            return self.entry(self._begin(uuid.uuid4(), kind, medium))

    def adopt(self, key: uuid.UUID, kind: DocumentKind, medium: Medium, doc_no: str) -> Entry:
        """A number that only central knew (this journal was lost, or put back): unknown until someone decides.

        Adopted once: whoever comes second gets the entry as it stands.
        """
        with self._writing():
            row = self._db.execute("SELECT number FROM documents WHERE key = ?", (str(key),)).fetchone()
            if row is not None:
                return self.entry(row["number"])
            number = self._begin(key, kind, medium)
            self._append(number, Step.ISSUED, doc_no, ADOPTED)
            self._append(number, Step.UNKNOWN, None, ADOPTED)
            return self.entry(number)

    def advance(
        self, number: int, step: Step, *, doc_no: str | None = None, detail: str = "", payload: bytes | None = None
    ) -> Entry:
        """The next step of a document. `detail` holds no personal data; `payload` is sealed, and wiped at the end."""
        with self._writing():
            before = self.entry(number)
            if step not in FOLLOWS[before.step]:
                raise IllegalStep(before.step, step)
            self._append(number, step, doc_no, detail)
            if payload is not None:
                sealed = self._key.seal(str(before.key), payload)
                self._db.execute("INSERT INTO payloads (number, sealed) VALUES (?, ?)", (number, sealed))
            if step in ENDED:
                self._db.execute("DELETE FROM payloads WHERE number = ?", (number,))
            return self.entry(number)

    def entry(self, number: int) -> Entry:
        """One document as it stands; LookupError when there is none."""
        with self._lock, _named_errors():
            row = self._db.execute(f"{LATEST} WHERE d.number = ?", (number,)).fetchone()
        if row is None:
            raise LookupError(f"There is no entry {number} in the journal.")
        return _entry(row)

    def entries(self) -> list[Entry]:
        """All documents, oldest first."""
        with self._lock, _named_errors():
            return [_entry(row) for row in self._db.execute(f"{LATEST} ORDER BY d.number")]

    def open_entries(self) -> list[Entry]:
        """Documents that have not ended, oldest first."""
        with self._lock, _named_errors():
            rows = self._db.execute(
                f"{LATEST} WHERE s.step NOT IN ('confirmed', 'voided') ORDER BY d.number"
            ).fetchall()
        return [_entry(row) for row in rows]

    def has(self, doc_no: str) -> bool:
        """Was there ever a document of this number here?"""
        with self._lock, _named_errors():
            return self._db.execute("SELECT 1 FROM steps WHERE doc_no = ? LIMIT 1", (doc_no,)).fetchone() is not None

    def sent_before(self, number: int, medium: Medium) -> Entry | None:
        """The last document before this one that was sent to a printer of this medium."""
        sent = "EXISTS (SELECT 1 FROM steps WHERE number = d.number AND step = 'sent')"
        where = f"d.number < ? AND d.medium = ? AND {sent}"
        with self._lock, _named_errors():
            row = self._db.execute(
                f"{LATEST} WHERE {where} ORDER BY d.number DESC LIMIT 1", (number, medium.value)
            ).fetchone()
        return _entry(row) if row else None

    def payload(self, entry: Entry) -> bytes | None:
        """The sealed payload of a document that has not ended."""
        with self._lock, _named_errors():
            row = self._db.execute("SELECT sealed FROM payloads WHERE number = ?", (entry.number,)).fetchone()
        return self._key.unseal(str(entry.key), row["sealed"]) if row else None

    def lines(self) -> list[Line]:
        """All steps of all documents, in the order in which they were written."""
        with self._lock, _named_errors():
            rows = self._db.execute("SELECT line, number, step, doc_no, detail, at FROM steps ORDER BY line").fetchall()
        return [Line(row[0], row[1], Step(row[2]), *row[3:]) for row in rows]

    def verify(self) -> list[str]:
        """What is wrong with the chain and the steps; empty when all is well."""
        problems: list[str] = []
        before = ""
        steps: dict[int, Step] = {}
        with self._lock, _named_errors():
            rows = self._db.execute("SELECT * FROM steps ORDER BY line").fetchall()
        for row in rows:
            line = [row["line"], row["number"], row["step"], row["doc_no"], row["detail"], row["at"]]
            if row["chain"] != _chain(before, line):
                problems.append(f"line {row['line']} does not follow from the line before it")
            last = steps.get(row["number"])
            legal = Step(row["step"]) is Step.REQUESTED if last is None else Step(row["step"]) in FOLLOWS[last]
            if not legal:
                problems.append(f"line {row['line']}: {row['step']} can't follow {last or 'nothing'}")
            before, steps[row["number"]] = row["chain"], Step(row["step"])
        return problems

    def _begin(self, key: uuid.UUID, kind: DocumentKind, medium: Medium) -> int:
        cursor = self._db.execute(
            "INSERT INTO documents (key, job, kind, medium) VALUES (?, ?, ?, ?)",
            (str(key), str(uuid.uuid4()), kind.value, medium.value),
        )
        number = cursor.lastrowid or 0
        self._append(number, Step.REQUESTED, None, "")
        return number

    def _append(self, number: int, step: Step, doc_no: str | None, detail: str) -> None:
        last = self._db.execute("SELECT line, chain FROM steps ORDER BY line DESC LIMIT 1").fetchone()
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = [(last["line"] if last else 0) + 1, number, step.value, doc_no, detail, at]
        self._db.execute(
            "INSERT INTO steps (line, number, step, doc_no, detail, at, chain) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*line, _chain(last["chain"] if last else "", line)),
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, _named_errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
