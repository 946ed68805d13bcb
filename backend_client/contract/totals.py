"""Sums over contribution rows: the one place that counts months and money, for screens, paper and central."""

from collections.abc import Iterable
from decimal import Decimal

from backend_client.contract.contributions import ContributionRow, InsuranceKind, KindTotal, PaidState


def years(rows: Iterable[ContributionRow]) -> tuple[int, ...]:
    """Calendar years that have rows, newest first."""
    return tuple(sorted({int(row.fee_ym[:4]) for row in rows}, reverse=True))


def of_year(rows: Iterable[ContributionRow], year: int) -> tuple[ContributionRow, ...]:
    """The rows of one calendar year, in the order given."""
    return tuple(row for row in rows if int(row.fee_ym[:4]) == year)


def totals(rows: Iterable[ContributionRow]) -> tuple[KindTotal, ...]:
    """One total per insurance kind, in the order of the kinds' codes.

    Only rows that arrived (到账) count. A month with two employers counts once; its amounts add up
    (services.md section 1, "Months counted").
    """
    paid: dict[InsuranceKind, list[ContributionRow]] = {}
    for row in rows:
        if row.paid_state is PaidState.PAID:
            paid.setdefault(row.kind, []).append(row)
    return tuple(_total(kind, paid[kind]) for kind in InsuranceKind if kind in paid)


def _total(kind: InsuranceKind, rows: list[ContributionRow]) -> KindTotal:
    return KindTotal(
        kind=kind,
        months=len({row.fee_ym for row in rows}),
        emp_amt=sum((row.emp_amt for row in rows), Decimal("0.00")),
        per_amt=sum((row.per_amt for row in rows), Decimal("0.00")),
        gov_amt=sum((row.gov_amt for row in rows), Decimal("0.00")),
    )
