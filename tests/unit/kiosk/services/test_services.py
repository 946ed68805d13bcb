"""Services' views: what the holder sees is what the record says, masked."""

from decimal import Decimal

import pytest

from backend_client.contract.contributions import InsuranceKind, PaidState
from backend_client.contract.documents import DocumentKind, Medium
from backend_client.contract.totals import of_year, totals, years
from kiosk.services.catalogue import all_services
from kiosk.services.views import View
from tests.samples import ID_NO, contributions, family_planning, row

SOCIAL, FAMILY = all_services()


def words(view: View) -> list[str]:
    """Every text of a view."""
    found = [view.title]
    for section in view.sections:
        found += [section.title, section.note, *(text for pair in section.pairs for text in (pair.label, pair.value))]
        if section.table:
            total = section.table.total or ()
            found += [*section.table.titles, *(cell for line in section.table.rows for cell in line), *total]
    return found


def test_declarations_are_whole() -> None:
    assert [service.id for service in all_services()] == ["contributions", "family-planning"]
    for service in all_services():
        assert set(service.title) == set(service.purpose) == {"zh", "en"}
        assert set(service.documents) == set(Medium)
        assert all(isinstance(kind, DocumentKind) for kind in service.documents.values())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_numbers_and_names_are_masked(language: str) -> None:
    for service, record in ((SOCIAL, contributions("许斌嘉")), (FAMILY, family_planning("许斌嘉"))):
        shown = words(service.present(record, None, language))
        assert "许**" in shown
        assert not any("许斌嘉" in text or ID_NO in text for text in shown)


def test_a_year_shows_its_rows_and_sums() -> None:
    record = contributions()
    view = SOCIAL.present(record, 2016, "zh")
    sums, rows = view.sections[1].table, view.sections[2].table
    assert rows is not None and len(rows.rows) == 72
    assert sums is not None and sums.total is not None
    assert sums.total[2] == f"{12 * 6 * Decimal('910.00'):,.2f}"
    assert view.years == (2016, 2015)


def test_no_rows_are_said_in_words() -> None:
    view = SOCIAL.present(contributions(rows=()), None, "en")
    assert "No contributions on record" in words(view)
    assert view.years == ()


def test_tables_have_a_cell_for_every_column() -> None:
    for service, record in ((SOCIAL, contributions()), (FAMILY, family_planning())):
        for year in (None, 2016):
            for section in service.present(record, year, "en").sections:
                table = section.table
                if table is not None:
                    lines = (*table.rows, *((table.total,) if table.total else ()))
                    assert {len(line) for line in lines} == {len(table.titles)} == {len(table.align)}
                    assert len(table.widths) == len(table.titles)


def test_only_what_arrived_counts_and_a_month_with_two_employers_counts_once() -> None:
    kind = InsuranceKind.PENSION
    rows = (
        row(kind, "201612"), row(kind, "201612", employer="另一家"), row(kind, "201611"),
        row(kind, "201610", paid_state=PaidState.UNPAID), row(kind, "201512"),
    )  # fmt: skip
    (total,) = totals(of_year(rows, 2016))
    assert (total.months, total.per_amt) == (2, Decimal("1560.00"))
    assert years(rows) == (2016, 2015)
