"""What must be true after a visit: the paper, central's word on it, journal, token, and no trace of the holder."""

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from demo.driver import VisitFailed
from demo.parts.process import Line
from demo.visits import Visit
from kiosk.journal.opening import open_journal


def demand(true: bool, otherwise: str) -> None:
    """VisitFailed unless it is true."""
    if not true:
        raise VisitFailed(otherwise)


def collect_paper(visit: Visit, papers: tuple[str, ...], slips: list[Line], pages: list[Line], out: Path) -> None:
    """Copy what came out, and compare it with what the visit should have given."""
    whole = [line for line in slips if line["complete"]]
    demand(len(whole) == ("slip" in papers), f"{len(whole)} whole slips came out")
    demand(len(pages) == ("a4" in papers), f"{len(pages)} pages came out")
    if slips:
        shutil.copy(str(slips[-1]["png"]), out / "slip.png")
        shutil.copy(str(slips[-1]["bin"]), out / "slip.bin")
    if pages:
        shutil.copy(str(pages[-1]["pdf"]), out / "document.pdf")
        check_page(visit, out / "document.pdf")


def check_page(visit: Visit, pdf: Path) -> None:
    """Central calls its code valid, and every figure of the record is in its text."""
    verdict = visit.street.central.verify(str(pdf))
    demand(verdict["state"] == "valid", f"central calls the page {verdict['state']}")
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    missing = missing_figures(visit.record, text)
    demand(not missing, f"figures missing on the page: {missing[:5]}")


CODED = {
    "sex", "ethnic", "hukou_type", "kind", "pay_state", "paid_state", "pay_type", "marital", "policy", "record_id",
    "theme_code", "is_test", "updated_at", "data_cutoff", "subject_id_no",
}  # fmt: skip


def figures(record: Any, field: str = "") -> set[str]:
    """Every value of a record that is printed as it is (codes are printed as words)."""
    if field in CODED or record in (None, ""):
        return set()
    if isinstance(record, dict):
        return set().union(*(figures(value, name) for name, value in record.items()))
    if isinstance(record, list):
        return set().union(*(figures(value, field) for value in record)) if record else set()
    return {str(record)}


def missing_figures(record: Any, text: str) -> list[str]:
    """Values that pdftotext does not give back; each contribution row must stand on one line, whole."""
    squeezed = re.sub(r"\s+", "", text)
    missing = [value for value in figures(record) if re.sub(r"\s+", "", value) not in squeezed]
    lines = text.splitlines()
    for row in record.get("rows", ()):
        wanted = [row["fee_ym"], row["base"], row["emp_amt"], row["per_amt"], row["gov_amt"], row["employer"]]
        if not any(all(part in line for part in wanted) for line in lines):
            missing.append(" ".join(wanted[:2]))
    return missing


def check_memory(visit: Visit) -> None:
    """Journal whole and every document ended, token revoked, nothing of the holder left on the terminal."""
    config = visit.driver.terminal.config
    journal = open_journal(config)
    problems, waiting = journal.verify(), journal.open_entries()
    journal.close()
    demand(not problems and not waiting, f"journal: {problems or [entry.step.value for entry in waiting]}")
    demand(live_tokens(visit) == 0, "a token of a holder still works")
    traces = leaks(visit)
    demand(not traces, f"traces of the holder in {traces}")


def live_tokens(visit: Visit) -> int:
    """Tokens that this terminal got since it began and central would still accept.

    One that central gave after an earlier terminal had stopped waiting is nobody's, and ends by itself.
    """
    database = visit.street.central.database.removeprefix("sqlite:///")
    with sqlite3.connect(database) as connection:
        question = (
            "SELECT count(*) FROM tokens JOIN sessions USING (sid) "
            "WHERE person IS NOT NULL AND ended = 0 AND min(expires, ends) > unixepoch() AND started >= ?"
        )
        count: int = connection.execute(question, (visit.driver.began,)).fetchone()[0]
    connection.close()
    return count


def secrets_of(visit: Visit) -> list[bytes]:
    """Name and number of holder and ward in the encodings that a leak could have, and the PIN as a word."""
    card = json.loads(visit.card.read_text(encoding="utf-8"))
    number = bytes.fromhex(card["ef06"]["08"]).decode()
    name = bytes.fromhex(card["ef06"]["09"]).rstrip(b"\0").decode("gbk")
    found = [form for text in {number, name, *named_in(visit.record)} for form in forms(text)]
    return [*found, rb"(?<![0-9A-Za-z.:])" + visit.pin.encode() + rb"(?![0-9A-Za-z])"]


def named_in(record: Any) -> tuple[str, ...]:
    """Of whom a record is."""
    if not isinstance(record, dict):
        return ()
    person = record.get("person", record)
    return person["name"], person["id_no"]


def forms(text: str) -> Iterator[bytes]:
    """A text in every encoding that has all of its characters, as a pattern."""
    for code in ("utf-8", "gbk", "utf-16-le"):
        try:
            yield re.escape(text.encode(code))
        except UnicodeEncodeError:
            continue


def leaks(visit: Visit, *others: str) -> list[str]:
    """Files of the terminal that hold the PIN, the name or the number; or one of these, as a word."""
    words = [rb"(?<![0-9A-Za-z.:])" + re.escape(word.encode()) + rb"(?![0-9A-Za-z])" for word in others]
    pattern = re.compile(b"|".join([*secrets_of(visit), *words]))
    files = [path for path in visit.street.data.rglob("*") if path.is_file()]
    return [path.name for path in files if pattern.search(path.read_bytes())]
