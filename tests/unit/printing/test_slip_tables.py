"""Tables and marks on a slip, on every printer's paper: of one make, flush with its edge, readable by its font."""

from decimal import Decimal

import pytest

from backend_client.contract.contributions import InsuranceKind
from printing.copy_mark import mark_slip
from printing.declaration import Table
from printing.documents import declare
from printing.escpos_bytes import Line, columns
from printing.profiles import Profile, profiles
from printing.slip import _table
from printing.words import Language
from simulators.escpos import Decoder, Op
from tests.samples import contributions, family_planning, issued, row

MILLIONS = contributions(
    rows=tuple(
        row(InsuranceKind(kind), "201612", emp_amt=Decimal("12345678.90"), per_amt=Decimal("98765432.10"))
        for kind in ("110", "210", "310")
    )
)
EVERY_PROFILE = pytest.mark.parametrize("profile", profiles().values(), ids=profiles())


def tables(record: object, language: Language, profile: Profile) -> list[tuple[Table, list[Line]]]:
    """Every table of a slip that has rows, without its title."""
    sections = declare(issued(record).facts).on("slip")  # type: ignore[arg-type]
    found = [item for item in sections if isinstance(item, Table) and item.rows]
    return [(item, list(_table(item, language, profile))[1:]) for item in found]


@EVERY_PROFILE
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("record", [contributions(), family_planning(), MILLIONS], ids=["social", "family", "millions"])
def test_all_rows_are_of_one_make_and_end_at_the_papers_edge(
    record: object, language: Language, profile: Profile
) -> None:
    for table, lines in tables(record, language, profile):
        rows = 1 + len(table.rows) + (table.total is not None)
        assert len(lines) in (rows, 2 * rows)
        ends = lines if len(lines) == rows else lines[1::2]
        assert {line.align for line in ends} in ({"left"}, {"right"})
        assert {columns(line.text) for line in ends if line.align == "left"} <= {profile.columns}
        assert all(columns(line.text) <= profile.columns for line in lines)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_usual_amounts_stand_on_one_line_even_on_narrow_paper(language: Language) -> None:
    for table, lines in tables(contributions(), language, profiles()["generic-58"]):
        assert len(lines) == 1 + len(table.rows) + (table.total is not None)


@EVERY_PROFILE
def test_the_mark_of_a_second_paper_fits_and_is_a_picture_where_the_printer_has_no_chinese(profile: Profile) -> None:
    sent = mark_slip(b"", 2, profile)
    drawn = [token for token, _raw in Decoder().feed(sent) if isinstance(token, Op)]
    assert ("补打".encode("gbk") in sent) is (profile.charset != "ascii")
    assert (b"\x1dv0" in sent) is (profile.charset == "ascii")
    assert drawn
    texts = [part for part in sent.split(b"\n") if "补打".encode("gbk") in part]
    assert all(len(part) <= profile.columns + 12 for part in texts)


def test_a_word_of_the_total_is_a_word() -> None:
    (_, lines), *_rest = tables(contributions(), "zh", profiles()["generic-80"])
    assert lines[-1].text.startswith("合计")
