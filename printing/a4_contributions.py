"""参保缴费证明: person, enrolments, accounts, totals by insurance and year, and every month that central gave."""

from backend_client.contract.contributions import ContributionRow, Contributions, KindTotal
from backend_client.contract.totals import of_year, totals, years
from printing.flow import Column, Flow
from printing.frame import Sheet
from printing.words import day, money, text, word


def contributions_pages(flow: Flow, sheet: Sheet, record: Contributions) -> None:
    """All sections of the statement."""
    _person(flow, sheet, record)
    if record.enrolments:
        _enrolments(flow, sheet, record)
    _accounts(flow, sheet, record)
    if not record.rows:
        flow.heading(sheet.say("rows"))
        flow.line(sheet.say("no_rows"), 10)
        return
    _totals(flow, sheet, record)
    _rows(flow, sheet, record.rows)


def _person(flow: Flow, sheet: Sheet, record: Contributions) -> None:
    person, say, language = record.person, sheet.say, sheet.language
    flow.heading(say("holder"))
    flow.grid(
        [
            (say("name"), person.name),
            (say("id_no"), person.id_no),
            (say("sex"), word("sex", person.sex, language)),
            (say("birth_date"), day(person.birth_date, language)),
            (say("ethnic"), word("ethnic", person.ethnic, language)),
            (say("hukou_type"), word("hukou", person.hukou_type, language)),
            (say("person_no"), person.person_no),
            (say("card_no"), person.card_no),
            (say("first_insured"), text(person.first_insured, language)),
        ]
    )


def _enrolments(flow: Flow, sheet: Sheet, record: Contributions) -> None:
    say, language = sheet.say, sheet.language
    flow.heading(say("enrolments"))
    columns = [
        Column(say("kind"), 24),
        Column(say("pay_state"), 13),
        Column(say("start_ym"), 10),
        Column(say("employer_no"), 24),
        Column(say("employer"), 36),
    ]
    rows = [
        [
            word("kind", item.kind.value, language),
            word("pay_state", item.pay_state.value, language),
            item.start_ym,
            text(item.employer_no, language),
            item.employer,
        ]
        for item in record.enrolments
    ]
    flow.table(columns, rows)


def _accounts(flow: Flow, sheet: Sheet, record: Contributions) -> None:
    pension, medical = record.pension_acc, record.medical_acc
    pairs: list[tuple[str, str]] = []
    if pension:
        pairs += [
            (sheet.say("own_total"), money(pension.own_total)),
            (sheet.say("year_interest"), money(pension.year_interest)),
            (sheet.say("months_counted"), str(pension.months)),
        ]
    if medical:
        pairs += [
            (sheet.say("balance"), money(medical.balance)),
            (sheet.say("year_in"), money(medical.year_in)),
            (sheet.say("year_out"), money(medical.year_out)),
        ]
    if pairs:
        flow.heading(sheet.say("accounts"), sheet.say("yuan"))
        flow.grid(pairs, columns=2, label_share=0.45)


def _money_columns(sheet: Sheet) -> list[Column]:
    names = ("months", "emp_amt", "per_amt", "gov_amt")
    return [Column(sheet.say(name), 12, "right") for name in names]


def _amounts(total: KindTotal) -> list[str]:
    return [str(total.months), money(total.emp_amt), money(total.per_amt), money(total.gov_amt)]


def _totals(flow: Flow, sheet: Sheet, record: Contributions) -> None:
    language = sheet.language
    flow.heading(sheet.say("totals"), sheet.say("yuan"))
    rows = [[word("kind", total.kind.value, language), *_amounts(total)] for total in totals(record.rows)]
    flow.table([Column(sheet.say("kind"), 28), *_money_columns(sheet)], rows)
    flow.heading(sheet.say("year_totals"), sheet.say("yuan"))
    by_year = [
        [str(year), word("kind", total.kind.value, language), *_amounts(total)]
        for year in years(record.rows)
        for total in totals(of_year(record.rows, year))
    ]
    columns = [Column(sheet.say("year"), 8), Column(sheet.say("kind"), 26), *_money_columns(sheet)]
    flow.table(columns, by_year)


def _rows(flow: Flow, sheet: Sheet, rows: tuple[ContributionRow, ...]) -> None:
    say = sheet.say
    flow.heading(say("rows"), say("yuan"))
    columns = [
        Column(say("number"), 5, "right"),
        Column(say("fee_ym"), 8, "centre"),
        Column(say("kind"), 21),
        Column(say("base"), 10, "right"),
        Column(say("emp_amt"), 10, "right"),
        Column(say("per_amt"), 10, "right"),
        Column(say("gov_amt"), 9, "right"),
        Column(say("paid_state"), 9, "centre"),
        Column(say("paid_date"), 12, "centre"),
        Column(say("pay_type"), 7, "centre"),
        Column(say("employer"), 29),
    ]
    flow.table(columns, [_row(sheet, number, row) for number, row in enumerate(rows, start=1)], size=7.5)


def _row(sheet: Sheet, number: int, row: ContributionRow) -> list[str]:
    language = sheet.language
    return [
        str(number),
        row.fee_ym,
        word("kind", row.kind.value, language),
        money(row.base),
        money(row.emp_amt),
        money(row.per_amt),
        money(row.gov_amt),
        word("paid_state", row.paid_state.value, language),
        row.paid_date.isoformat() if row.paid_date else "—",
        word("pay_type", row.pay_type.value, language),
        row.employer,
    ]
