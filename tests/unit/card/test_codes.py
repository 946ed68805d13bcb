"""Codes as words: every ethnic group, every sex, regions with their former codes; what is unknown stays unknown."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card import codes

TABLE = Path(codes.__file__).with_name("ethnic_groups.csv").read_text(encoding="utf-8")
ROWS = list(csv.DictReader(TABLE.splitlines()))
# Guangzhou's codes that no longer exist (services.md section 13), and the last year each was in force.
FORMER = {
    "440102": ("东山区", 2005), "440107": ("芳村区", 2005), "440116": ("萝岗区", 2014), "440121": ("花县", 1993),
    "440122": ("从化县", 1994), "440125": ("增城县", 1993), "440126": ("番禺县", 1992), "440181": ("番禺市", 2000),
    "440182": ("花都市", 2000), "440183": ("增城市", 2014), "440184": ("从化市", 2014),
}  # fmt: skip
TODAY = {
    "440103": "荔湾区", "440104": "越秀区", "440105": "海珠区", "440106": "天河区", "440111": "白云区",
    "440112": "黄埔区", "440113": "番禺区", "440114": "花都区", "440115": "南沙区", "440117": "从化区",
    "440118": "增城区",
}  # fmt: skip


def test_there_are_56_ethnic_groups() -> None:
    assert [row["code"] for row in ROWS] == [f"{number:02}" for number in range(1, 57)]
    for column in ("zh", "en", "roman"):
        assert len({row[column] for row in ROWS}) == 56


@pytest.mark.parametrize("row", ROWS, ids=[row["code"] for row in ROWS])
def test_each_group_has_its_names(row: dict[str, str]) -> None:
    group = codes.ethnic_group(row["code"])
    assert (group.zh, group.short, group.known) == (row["zh"] + "族", row["zh"], True)
    assert re.fullmatch(r"[一-鿿]{1,5}", group.short)
    assert re.fullmatch(r"[A-Z][a-z]+", group.en)


@pytest.mark.parametrize(
    ("code", "zh", "en", "known"),
    [
        ("01", "汉族", "Han", True), ("05", "维吾尔族", "Uyghur", True), ("20", "傈僳族", "Lisu", True),
        ("56", "基诺族", "Jino", True), ("97", "其他", "Other", True),
        ("98", "外国血统中国籍人士", "Foreign descent", True),
        ("57", "其他", "Other", False), ("99", "其他", "Other", False), ("", "未知", "Unknown", False),
    ],
)  # fmt: skip
def test_ethnic_groups(code: str, zh: str, en: str, known: bool) -> None:
    group = codes.ethnic_group(code)
    assert (group.code, group.zh, group.en, group.known) == (code, zh, en, known)


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("0", "未知", "Unknown"), ("1", "男", "Male"), ("2", "女", "Female"), ("9", "未说明", "Not stated"),
        ("", "未知", "Unknown"),
    ],
)  # fmt: skip
def test_sexes(code: str, zh: str, en: str) -> None:
    assert (codes.sex(code).zh, codes.sex(code).en, codes.sex(code).known) == (zh, en, code != "")


@pytest.mark.parametrize(("code", "name"), TODAY.items())
def test_guangzhou_today(code: str, name: str) -> None:
    assert codes.region(code) == codes.Region(code, ("广东省", "广州市", name))


@pytest.mark.parametrize(("code", "place"), FORMER.items())
def test_former_codes_of_guangzhou(code: str, place: tuple[str, int]) -> None:
    assert codes.region(code) == codes.Region(code, ("广东省", "广州市", place[0]), until=place[1])


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("440000", ("广东省",)), ("440100", ("广东省", "广州市")), ("440101", ("广东省", "广州市")),
        ("110101", ("北京市", "东城区")), ("441900", ("广东省", "东莞市")), ("469001", ("海南省", "五指山市")),
        ("810000", ("香港特别行政区",)), ("330113", ("浙江省", "杭州市", "临平区")),
    ],
)  # fmt: skip
def test_levels_without_a_name_of_their_own_are_left_out(code: str, names: tuple[str, ...]) -> None:
    assert codes.region(code).names == names


def test_one_code_has_had_two_names() -> None:
    assert codes.region("440111", 1985).names[-1] == "郊区"
    assert codes.region("440111", 2001).names[-1] == "白云区"
    assert codes.region("440304", 1700).names[-1] == "福田区"


@given(st.text("0123456789", max_size=7), st.none() | st.integers(1800, 2100))
def test_any_code_is_a_place_or_unknown(code: str, year: int | None) -> None:
    place = codes.region(code, year)
    assert place.known == bool(place.names)
    assert place.known or place.until is None


@pytest.mark.parametrize("code", ["990106", "440199", "000000", ""])
def test_unknown_regions_have_no_name(code: str) -> None:
    assert not codes.region(code).known
