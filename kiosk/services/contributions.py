"""社保缴费: contributions by year and insurance, totals, accounts; statement and slip."""

from backend_client.contract.contributions import ContributionRow, Contributions, KindTotal
from backend_client.contract.documents import DocumentKind, Medium
from backend_client.contract.masking import masked_id, masked_name
from backend_client.contract.totals import of_year, totals, years
from city import Scope
from kiosk.services.service import Records, Service
from kiosk.services.views import Pair, Section, Table, View
from kiosk.services.wording import code, money, month, say

TITLE = {"zh": "社保缴费", "en": "Social insurance"}


def _present(record: Contributions, year: int | None, language: str) -> View:
    body = _all_years(record, language) if year is None else _one_year(record, year, language)
    return View(TITLE[language], (_holder(record, language), *body), years(record.rows), year)


def _holder(record: Contributions, language: str) -> Section:
    person, pairs = record.person, []
    pairs.append(Pair(say("name", language), masked_name(person.name)))
    pairs.append(Pair(say("id_no", language), masked_id(person.id_no)))
    if record.pension_acc:
        pairs.append(Pair(say("own_total", language), money(record.pension_acc.own_total)))
    if record.medical_acc:
        pairs.append(Pair(say("balance", language), money(record.medical_acc.balance)))
    return Section("", tuple(pairs))


def _all_years(record: Contributions, language: str) -> tuple[Section, ...]:
    if not record.rows:
        return (Section(say("rows", language), note=say("no_rows", language)),)
    return (
        Section(say("totals", language), table=_totals(record.rows, language), note=say("yuan", language)),
        Section(say("enrolments", language), table=_enrolments(record, language)),
    )


def _one_year(record: Contributions, year: int, language: str) -> tuple[Section, ...]:
    rows = of_year(record.rows, year)
    title = f"{year} · {say('totals', language)}"
    return (
        Section(title, table=_totals(rows, language), note=say("yuan", language)),
        Section(f"{year} · {say('rows', language)}", table=_rows(rows, language)),
    )


def _totals(rows: tuple[ContributionRow, ...], language: str) -> Table:
    found = totals(rows)
    titles = tuple(say(name, language) for name in ("kind", "months", "emp_amt", "per_amt", "gov_amt"))
    lines = tuple(_total_line(total, language) for total in found)
    sums = (
        sum(total.emp_amt for total in found),
        sum(total.per_amt for total in found),
        sum(total.gov_amt for total in found),
    )
    last = ("Σ", "", *(f"{amount:,.2f}" for amount in sums))
    return Table(titles, "lrrrr", (20, 14, 22, 22, 22), lines, last)


def _total_line(total: KindTotal, language: str) -> tuple[str, ...]:
    kind = code("short_kind", total.kind.value, language)
    return (kind, str(total.months), money(total.emp_amt), money(total.per_amt), money(total.gov_amt))


def _enrolments(record: Contributions, language: str) -> Table:
    titles = tuple(say(name, language) for name in ("kind", "pay_state", "start_ym", "employer"))
    rows = tuple(
        (
            code("short_kind", item.kind.value, language),
            code("pay_state", item.pay_state.value, language),
            month(item.start_ym),
            item.employer,
        )
        for item in record.enrolments
    )
    return Table(titles, "lllr", (20, 20, 18, 42), rows)


def _rows(rows: tuple[ContributionRow, ...], language: str) -> Table:
    titles = tuple(say(name, language) for name in ("fee_ym", "kind", "base", "emp_amt", "per_amt", "paid_state"))
    lines = tuple(
        (
            month(row.fee_ym),
            code("short_kind", row.kind.value, language),
            money(row.base),
            money(row.emp_amt),
            money(row.per_amt),
            code("paid_state", row.paid_state.value, language),
        )
        for row in rows
    )
    return Table(titles, "llrrrr", (17, 17, 18, 18, 16, 16), lines)


def _query(records: Records) -> Contributions:
    return records.contributions()


SERVICE = Service(
    id="contributions",
    group="social",
    icon="shield",
    title=TITLE,
    purpose={"zh": "查缴费记录，打印参保缴费证明", "en": "See and print contributions"},
    scope=Scope.SOCIAL,
    query=_query,
    present=_present,
    documents={Medium.A4: DocumentKind.CONTRIBUTIONS_STATEMENT, Medium.SLIP: DocumentKind.CONTRIBUTIONS_SLIP},
    for_wards=True,
)
