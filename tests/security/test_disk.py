"""Nothing of a holder stays on the terminal's disk, and the search for it finds what is planted."""

import base64
import gzip
import json
import os
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.security.disk import examine
from tests.security.disk_image import Disk
from tests.security.traces import Search, forms, traces, used_runs, values

pytestmark = pytest.mark.reader

NAME, NUMBER, CARD = "测试甲", "990106198504120014", "44010000000000000000000000019901"
WANTED = traces(1, [("name", NAME), ("id_no", NUMBER), ("card id", CARD)])
VISITS = 2


@pytest.mark.timeout(180)
def test_after_some_visits_nobody_is_on_the_disk(tmp_path: Path) -> None:
    finding = examine(tmp_path, VISITS)
    assert (finding.found, finding.failures) == ((), ())
    assert finding.written > 100_000
    assert finding.traces > 50 * VISITS
    assert finding.read_only or os.geteuid() != 0


PLANTS: dict[str, Callable[[Path], object]] = {
    "utf-8": lambda place: place.write_text(f"log: {NAME} came", encoding="utf-8"),
    "utf-16-le": lambda place: place.write_bytes(b"\x01" + NAME.encode("utf-16-le")),
    "utf-16-be": lambda place: place.write_bytes(NUMBER.encode("utf-16-be")),
    "gb18030": lambda place: place.write_bytes(b"\x1b@" + NAME.encode("gbk")),
    "JSON": lambda place: place.write_text(json.dumps({"who": NAME})),
    "URL": lambda place: place.write_text("?name=%E6%B5%8B%E8%AF%95%E7%94%B2"),
    "BCD": lambda place: place.write_bytes(bytes.fromhex(NUMBER)),
    "bytes": lambda place: place.write_bytes(bytes.fromhex(CARD)),
    "base64": lambda place: place.write_bytes(base64.b64encode(json.dumps({"n": NUMBER, "m": 1}).encode())),
    "gb18030, compressed": lambda place: place.write_bytes(b"stream" + zlib.compress(NAME.encode("gbk")) + b"end"),
    "utf-8, compressed": lambda place: place.write_bytes(gzip.compress(NAME.encode())),
}
OTHERS: dict[str, Callable[[Path], object]] = {
    "a PDF": lambda place: place.write_bytes(b"%PDF-1.7\n"),
    "a slip": lambda place: place.write_bytes(b"\x1b@\x1c&\n"),
    "a picture": lambda place: place.write_bytes(b"\x89PNG\r\n\x1a\n"),
}


@pytest.mark.parametrize("form", PLANTS)
def test_a_planted_value_is_found_in_each_form(tmp_path: Path, form: str) -> None:
    place = tmp_path / "file"
    PLANTS[form](place)
    found = Search(WANTED).within(place.read_bytes())
    assert any(f"of person 1 in {form}" in each for each in found), found
    assert Search(traces(2, [("name", "别的人"), ("id_no", "990106198504120022")])).within(place.read_bytes()) == set()


@pytest.mark.parametrize("what", OTHERS)
def test_any_document_is_found(tmp_path: Path, what: str) -> None:
    OTHERS[what](tmp_path / "file")
    assert Search([]).within((tmp_path / "file").read_bytes()) == {what}


def test_a_file_name_is_searched_too(tmp_path: Path) -> None:
    with Disk(tmp_path) as disk:
        (disk.root / f"{NUMBER}.txt").touch()
        assert disk.searched(Search(WANTED))


def test_what_was_deleted_is_found_in_the_image(tmp_path: Path) -> None:
    with Disk(tmp_path) as disk:
        if disk.kind != "image":
            pytest.skip("this machine has no loop devices for us")
        gone = disk.root / "gone"
        gone.write_bytes(NAME.encode("gbk") * 3)
        gone.unlink()
        database = sqlite3.connect(disk.root / "a.db", isolation_level=None)
        database.execute("PRAGMA secure_delete=OFF")
        database.execute("CREATE TABLE t (x)")
        database.execute("INSERT INTO t VALUES (?)", (NUMBER,))
        database.execute("DELETE FROM t")
        database.close()
        found = disk.searched(Search(WANTED))
    assert "raw image: name of person 1 in gb18030" in found
    assert any(each.startswith("a.db: id_no of person 1 in utf-8") for each in found)
    assert disk.written == sum(len(run) for run in used_runs(disk.image))


def test_forms_too_short_to_mean_anything_are_left_out() -> None:
    assert traces(1, [("name", "ab")]) == []
    assert {form for form, _raw in forms(CARD)} >= {"bytes", "utf-8"}
    assert list(values({"name": "a", "rows": [{"reg_no": "b", "fee": "c"}], "is_test": True})) == [
        ("name", "a"), ("reg_no", "b")
    ]  # fmt: skip
