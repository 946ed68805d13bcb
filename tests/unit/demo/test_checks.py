"""What is looked at after a visit of the demo: each check must see what it is there for."""

import json
import sqlite3
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from demo import checks
from demo.driver import VisitFailed
from tests.samples import contributions

CARD = {"ef06": {"08": b"990106198504120014".hex(), "09": "许斌嘉".encode("gbk").ljust(30, b"\0").hex()}}
PIN = "246810"


@pytest.fixture
def visit(tmp_path: Path) -> Any:
    """A visit that is over."""
    (tmp_path / "card.json").write_text(json.dumps(CARD), encoding="utf-8")
    data = tmp_path / "terminal"
    (data / "visits").mkdir(parents=True)
    central = SimpleNamespace(database=f"sqlite:///{tmp_path / 'central.db'}")
    street = SimpleNamespace(data=data, central=central)
    record = {"person": {"name": "廖𬱖", "id_no": "990106193804120014"}}
    driver = SimpleNamespace(began=1000.0)
    return SimpleNamespace(card=tmp_path / "card.json", pin=PIN, street=street, driver=driver, record=record)


@pytest.mark.parametrize(
    "trace",
    [
        "name: 许斌嘉".encode(), "许斌嘉".encode("gbk"), "x许斌嘉".encode("utf-16-le")[2:], b"990106198504120014",
        "990106198504120014".encode("utf-16-le"), b"pin=246810;",
    ],
)  # fmt: skip
def test_a_trace_of_the_holder_is_found_in_every_encoding(visit: Any, trace: bytes) -> None:
    (visit.street.data / "visits" / "log").write_bytes(b"before " + trace + b" after")
    assert checks.leaks(visit) == ["log"]


@pytest.mark.parametrize("trace", ["廖𬱖".encode(), "廖𬱖".encode("utf-16-le"), b"990106193804120014"])
def test_a_trace_of_a_ward_is_found_too(visit: Any, trace: bytes) -> None:
    """By the record that was looked at; its name may have a character that GBK has not."""
    (visit.street.data / "terminal.log").write_bytes(b"before " + trace + b" after")
    assert checks.leaks(visit) == ["terminal.log"]


@pytest.mark.parametrize("harmless", [b"0.246810", b"1246810", b"2468100", b"12:246810", "许**".encode()])
def test_another_number_with_the_same_digits_is_no_trace_of_the_pin(visit: Any, harmless: bytes) -> None:
    (visit.street.data / "terminal.log").write_bytes(harmless)
    assert checks.leaks(visit) == []


def test_what_was_typed_is_found_where_it_stands_alone(visit: Any) -> None:
    log = visit.street.data / "terminal.log"
    for content, found in ((b"to 99000000021.", ["terminal.log"]), (b"990000000210", []), (b"a246813", [])):
        log.write_bytes(content)
        assert checks.leaks(visit, "99000000021", "246813") == found
    log.write_bytes(b"to 99000000021.")
    assert checks.leaks(visit) == []


def test_only_tokens_that_still_work_and_that_this_terminal_got_are_alive(visit: Any) -> None:
    later, over = time.time() + 100, time.time() - 1
    sessions = [("ours", 7, 0), ("ended", 7, 1), ("own", None, 0), ("over", 7, 0), ("earlier", 7, 0)]
    tokens = {"ours": (later, later), "ended": (later, later), "own": (later, later), "over": (later, over)}
    with sqlite3.connect(visit.street.central.database.removeprefix("sqlite:///")) as database:
        database.execute("CREATE TABLE sessions (sid, person, ended, started, ends)")
        database.execute("CREATE TABLE tokens (sid, expires)")
        for sid, person, ended in sessions:
            expires, ends = tokens.get(sid, (later, later))
            started = 999 if sid == "earlier" else 1001
            database.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", (sid, person, ended, started, ends))
            database.execute("INSERT INTO tokens VALUES (?, ?)", (sid, expires))
    database.close()
    assert checks.live_tokens(visit) == 1


def test_a_row_that_is_torn_apart_is_missing() -> None:
    record = contributions().model_dump(mode="json")
    row = record["rows"][0]
    wanted = [row["fee_ym"], row["base"], row["emp_amt"], row["per_amt"], row["gov_amt"], row["employer"]]
    record["rows"] = [row]
    others = [value for value in checks.figures(record) if value not in wanted]
    whole, torn = "\n".join([*others, " ".join(wanted)]), "\n".join([*others, *wanted])
    assert checks.missing_figures(record, whole) == []
    assert checks.missing_figures(record, torn) == [f"{row['fee_ym']} {row['base']}"]


def paper(folder: Path, *, complete: bool = True) -> dict[str, Any]:
    """A slip that came out."""
    for kind in ("png", "bin"):
        (folder / f"came.{kind}").write_text(kind)
    return {"complete": complete, "png": str(folder / "came.png"), "bin": str(folder / "came.bin")}


def test_paper_that_should_not_be_there_fails_the_visit(visit: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    slip = paper(tmp_path)
    checks.collect_paper(visit, ("slip",), [slip], [], out)
    assert (out / "slip.bin").read_text() == "bin"
    for papers, slips, pages, said in (
        ((), [slip], [], "1 whole slips"), (("slip",), [], [], "0 whole slips"),
        (("slip",), [paper(tmp_path, complete=False)], [], "0 whole slips"), (("a4",), [], [], "0 pages"),
    ):  # fmt: skip
        with pytest.raises(VisitFailed, match=said):
            checks.collect_paper(visit, papers, slips, pages, out)
