"""参保缴费证明 and its slip: person, enrolments, accounts, totals by insurance and year, and every month."""

from collections.abc import Iterable
from decimal import Decimal

from backend_client.contract.contributions import ContributionRow, Contributions, KindTotal
from backend_client.contract.masking import masked_id, masked_name
from backend_client.contract.totals import of_year, totals, years
from printing.declaration import A4, BOTH, SLIP, Column, Declaration, Field, Fields, Row, Table, Word
from printing.words import money

NOTES = ("note_arrived", "note_months", "note_social_law", "note_rights", "note_validity")


def contributions(record: Contributions) -> Declaration:
    """All sections of the statement."""
    return Declaration(record.person.name, tuple(_sections(record)), NOTES)


def _sections(record: Contributions) -> Iterable[Fields | Table]:
    yield _person(record)
    yield _accounts(record)
    if record.enrolments:
        yield _enrolments(record)
    if record.rows:
        yield _totals(record)
        yield from _years(record)
        yield _latest(record)
    yield _rows(record.rows)


def _person(record: Contributions) -> Fields:
    person = record.person
    return Fields(
        "holder",
        (
            Field("name", person.name, BOTH, masked_name(person.name)),
            Field("id_no", person.id_no, BOTH, masked_id(person.id_no)),
            Field("sex", Word("sex", person.sex)),
            Field("birth_date", person.birth_date),
            Field("ethnic", Word("ethnic", person.ethnic)),
            Field("hukou_type", Word("hukou", person.hukou_type)),
            Field("person_no", person.person_no),
            Field("card_no", person.card_no),
            Field("first_insured", person.first_insured, wide=True),
        ),
    )


def _accounts(record: Contributions) -> Fields:
    pension, medical = record.pension_acc, record.medical_acc
    items: list[Field] = []
    if pension:
        items += [
            Field("own_total", money(pension.own_total), BOTH),
            Field("year_interest", money(pension.year_interest)),
            Field("months_counted", str(pension.months), BOTH),
        ]
    if medical:
        items += [
            Field("balance", money(medical.balance), BOTH),
            Field("year_in", money(medical.year_in)),
            Field("year_out", money(medical.year_out)),
        ]
    return Fields("accounts", tuple(items))


def _enrolments(record: Contributions) -> Table:
    columns = (
        Column("kind", 24),
        Column("pay_state", 12, "centre"),
        Column("start_ym", 11, "centre"),
        Column("employer_no", 24, "centre"),
        Column("employer", 36),
    )
    rows = tuple(
        (Word("kind", item.kind.value), Word("pay_state", item.pay_state.value), item.start_ym, item.employer_no,
         item.employer)
        for item in record.enrolments
    )  # fmt: skip
    return Table("enrolments", columns, rows, on=A4)


MONEY = (
    Column("months", 11, "right", 8),
    Column("emp_amt", 14, "right", 14),
    Column("per_amt", 14, "right", 14),
    Column("gov_amt", 14, "right"),
)


def _amounts(total: KindTotal) -> Row:
    return (str(total.months), money(total.emp_amt), money(total.per_amt), money(total.gov_amt))


def _sum(found: Iterable[KindTotal]) -> Row:
    """Money adds up over insurances; months don't."""
    of = tuple(found)
    sums = (sum((getattr(total, name) for total in of), Decimal(0)) for name in ("emp_amt", "per_amt", "gov_amt"))
    return ("", *map(money, sums))


def _totals(record: Contributions) -> Table:
    found = totals(record.rows)
    rows = tuple((Word("kind", total.kind.value), *_amounts(total)) for total in found)
    total = (Word("label", "sum"), *_sum(found))
    return Table("totals", (Column("kind", 27, slip=12), *MONEY), rows, total, "yuan")


def _years(record: Contributions) -> Iterable[Table]:
    """All years on A4; a slip has the latest one."""
    by_year = {year: totals(of_year(record.rows, year)) for year in years(record.rows)}
    rows = tuple(
        (str(year), Word("kind", total.kind.value), *_amounts(total))
        for year, found in by_year.items()
        for total in found
    )
    columns = (Column("year", 8, "centre"), Column("kind", 24), *MONEY)
    if len(by_year) > 1:  # with one year it would say the totals again
        yield Table("year_totals", columns, rows, None, "yuan", on=A4)
    latest, found = next(iter(by_year.items()))
    short = tuple((Word("kind", total.kind.value), *_amounts(total)) for total in found)
    yield Table("year", (Column("kind", 27, slip=12), *MONEY), short, heading_value=str(latest), on=SLIP)


def _latest(record: Contributions) -> Table:
    month = record.rows[0].fee_ym
    columns = (
        Column("kind", 1, slip=12),
        Column("paid_state", 1, "right", 8),
        Column("emp_amt", 1, "right", 14),
        Column("per_amt", 1, "right", 14),
    )
    rows = tuple(
        (Word("kind", row.kind.value), Word("paid_state", row.paid_state.value), money(row.emp_amt), money(row.per_amt))
        for row in record.rows
        if row.fee_ym == month
    )
    return Table("last_month", columns, rows, heading_value=f"{month[:4]}-{month[4:]}", on=SLIP)


ROW_COLUMNS = (
    Column("number", 21, "centre"),
    Column("fee_ym", 32, "centre"),
    Column("kind", 85),
    Column("base", 44, "right"),
    Column("emp_amt", 42, "right"),
    Column("per_amt", 42, "right"),
    Column("gov_amt", 38, "right"),
    Column("paid_state", 34, "centre"),
    Column("paid_date", 47, "centre"),
    Column("pay_type", 26, "centre"),
    Column("employer", 95),
)


def _rows(rows: tuple[ContributionRow, ...]) -> Table:
    """Every month that central gave. Its sum is that of the totals: only what arrived."""
    cells = tuple(_row(number, row) for number, row in enumerate(rows, start=1))
    _months, *sums = _sum(totals(rows))
    total = ("", "", Word("label", "sum_arrived"), "", *sums, "", "", "", "")
    return Table("rows", ROW_COLUMNS, cells, total if rows else None, "yuan", "no_rows", on=A4 if rows else BOTH)


def _row(number: int, row: ContributionRow) -> Row:
    return (
        str(number), row.fee_ym, Word("kind", row.kind.value), money(row.base), money(row.emp_amt),
        money(row.per_amt), money(row.gov_amt), Word("paid_state", row.paid_state.value),
        row.paid_date.isoformat() if row.paid_date else "—", Word("pay_type", row.pay_type.value), row.employer,
    )  # fmt: skip
