"""Contributions of person N: employments, gaps, arrears, back payments, two employers at once, retirement.

Amount = base within the period's limits × rate, half up to 0.01 yuan (rates.csv; services.md section 1).
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from random import Random

from backend_client.contract.contributions import (
    ContributionRow,
    Contributions,
    Enrolment,
    InsuranceKind,
    InsuredPerson,
    MedicalAccount,
    PaidState,
    PayState,
    PayType,
    PensionAccount,
)
from backend_client.contract.model import cents
from central.synthetic import months
from central.synthetic.check_digits import uscc_check_digit
from central.synthetic.dice import dice
from central.synthetic.person import Person, person
from central.zone import ZONE

CUTOFF = datetime(2016, 12, 31, 23, 59, 59, tzinfo=ZONE)
EMPLOYED, INSURED = 0.72, 0.97
WORKING_AGE, RETIREMENT = 20, {"1": 60, "2": 55}
EMPLOYEE_KINDS = tuple(InsuranceKind(code) for code in ("110", "210", "310", "330", "410", "510"))
EMPLOYER_PARTS = (
    ("测试", "示例", "样本"),
    ("贸易", "餐饮", "物流", "科技", "服装", "物业服务", "建筑工程", "汽车配件"),
    ("有限公司", "股份有限公司", "（广州）有限公司"),
)


@dataclass(frozen=True)
class Rate:
    """One line of rates.csv."""

    first: str
    last: str
    employer: Decimal
    personal: Decimal
    fixed: Decimal
    base_min: Decimal
    base_max: Decimal


@dataclass(frozen=True)
class Employment:
    """One job: months (both included), employer and its wage in yuan."""

    first: str
    last: str
    employer: str
    employer_no: str
    wage: int


@cache
def rates() -> dict[str, tuple[Rate, ...]]:
    """Rates by insurance code, as rates.csv has them."""
    found: dict[str, list[Rate]] = {}
    with (Path(__file__).parent / "rates.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            numbers = [Decimal(line[key]) for key in ("emp", "per", "emp_fixed", "base_min", "base_max")]
            found.setdefault(line["kind"], []).append(Rate(line["from_ym"], line["to_ym"], *numbers))
    return {kind: tuple(lines) for kind, lines in found.items()}


def rate_for(kind: InsuranceKind, month: str) -> Rate:
    """The rate in force in a month; LookupError when the table has none."""
    for rate in rates()[kind.value]:
        if rate.first <= month <= rate.last:
            return rate
    raise LookupError(f"no rate for {kind.value} in {month}")


def _employer(throw: Random) -> tuple[str, str]:
    name = "".join(throw.choice(part) for part in EMPLOYER_PARTS)
    first17 = f"91990106MA9{throw.randrange(10**6):06}"
    return name, first17 + uscc_check_digit(first17)


def _employments(who: Person, throw: Random) -> tuple[Employment, ...]:
    start = max(months.FIRST, months.birthday_month(who.birth_date, WORKING_AGE + throw.randrange(6)))
    end = min(months.LAST, months.birthday_month(who.birth_date, RETIREMENT[who.sex]))
    jobs: list[Employment] = []
    wage = throw.randrange(1800, 12000, 50)
    while start <= end and len(jobs) < 5:
        last = min(months.at(months.index(start) + throw.randrange(5, 60)), end)
        jobs.append(Employment(start, last, *_employer(throw), wage))
        overlap = -1 if throw.random() < 0.1 else throw.choice((0, 0, 1, 2, 4))
        start = months.at(months.index(last) + 1 + overlap)
        wage = int(wage * throw.choice((0.95, 1.0, 1.1, 1.2, 1.35)))
    return tuple(jobs)


def _paid(throw: Random, month: str) -> tuple[PaidState, PayType]:
    if month == months.LAST and throw.random() < 0.3:
        return PaidState.IN_TRANSIT, PayType.NORMAL
    chance = throw.random()
    if chance < 0.01:
        return PaidState.UNPAID, PayType.NORMAL
    if chance < 0.015:
        return PaidState.REFUNDED, PayType.NORMAL
    return PaidState.PAID, PayType.BACK_PAYMENT if chance < 0.03 else PayType.NORMAL


def _paid_date(month: str, state: PaidState, pay_type: PayType, throw: Random) -> date | None:
    if state not in (PaidState.PAID, PaidState.REFUNDED):
        return None
    day = date(int(month[:4]), int(month[4:]), throw.randint(10, 25))
    return day + timedelta(days=90) if pay_type is PayType.BACK_PAYMENT else day


def _row(kind: InsuranceKind, month: str, job: Employment, throw: Random) -> ContributionRow:
    rate, (state, pay_type) = rate_for(kind, month), _paid(throw, month)
    base = min(max(Decimal(job.wage), rate.base_min), rate.base_max) if rate.base_max else Decimal(0)
    return ContributionRow(
        kind=kind,
        fee_ym=month,
        base=cents(base),
        emp_amt=cents(base * rate.employer + rate.fixed),
        per_amt=cents(base * rate.personal),
        gov_amt=cents(Decimal(0)),
        paid_state=state,
        paid_date=_paid_date(month, state, pay_type, throw),
        pay_type=pay_type,
        employer=job.employer,
    )


def _rows(jobs: tuple[Employment, ...], throw: Random) -> Iterator[ContributionRow]:
    for job in jobs:
        for month in months.between(job.first, job.last):
            for kind in EMPLOYEE_KINDS:
                yield _row(kind, month, job, throw)


def _resident_rows(who: Person, throw: Random) -> Iterator[ContributionRow]:
    """城乡居民 insurance: one yearly payment, booked on its first month, with the government's share."""
    for year in range(2012, 2017):
        for kind, own, share in (
            (InsuranceKind.RESIDENT_MEDICAL, 150, 480),
            (InsuranceKind.RESIDENT_PENSION, 360, 105),
        ):
            if throw.random() < 0.85 and (kind is InsuranceKind.RESIDENT_MEDICAL or year - who.birth_date.year > 16):
                yield ContributionRow(
                    kind=kind, fee_ym=f"{year}01", base=cents(Decimal(0)), emp_amt=cents(Decimal(0)),
                    per_amt=cents(Decimal(own)), gov_amt=cents(Decimal(share)), paid_state=PaidState.PAID,
                    paid_date=date(year, 1, throw.randint(5, 28)), pay_type=PayType.NORMAL, employer="个人缴费",
                )  # fmt: skip


def _enrolments(
    rows: tuple[ContributionRow, ...], jobs: tuple[Employment, ...], retired: bool
) -> tuple[Enrolment, ...]:
    found = []
    numbers = {job.employer: job.employer_no for job in jobs}
    for kind in InsuranceKind:
        own = [row for row in rows if row.kind is kind]
        if own:
            paying = max(row.fee_ym for row in own) >= ("201601" if kind.value in ("170", "390") else months.LAST)
            state = PayState.PAYING if paying else PayState.ENDED if retired else PayState.SUSPENDED
            latest = max(own, key=lambda row: row.fee_ym)
            found.append(
                Enrolment(
                    kind=kind,
                    pay_state=state,
                    employer_no=numbers.get(latest.employer, ""),
                    employer=latest.employer,
                    start_ym=min(row.fee_ym for row in own),
                )
            )
    return tuple(found)


def _pension(rows: tuple[ContributionRow, ...]) -> PensionAccount | None:
    paid = [r for r in rows if r.kind in (InsuranceKind.PENSION, InsuranceKind.RESIDENT_PENSION)]
    paid = [r for r in paid if r.paid_state is PaidState.PAID]
    if not paid:
        return None
    own = sum((row.per_amt for row in paid), Decimal(0))
    interest = cents(own * Decimal("0.0831"))
    return PensionAccount(own_total=cents(own) + interest, year_interest=interest, months=len({r.fee_ym for r in paid}))


def _medical(rows: tuple[ContributionRow, ...], throw: Random) -> MedicalAccount | None:
    paid = [r for r in rows if r.kind is InsuranceKind.MEDICAL and r.paid_state is PaidState.PAID]
    if not paid:
        return None
    this_year = sum((row.per_amt for row in paid if row.fee_ym.startswith("2016")), Decimal(0))
    spent = cents(this_year * Decimal(throw.randrange(0, 100)) / 100)
    before = sum((row.per_amt for row in paid), Decimal(0)) - this_year
    return MedicalAccount(balance=cents(before / 2 + this_year - spent), year_in=cents(this_year), year_out=spent)


@lru_cache(maxsize=256)
def contributions(seed: str, number: int) -> Contributions:
    """The contributions record of person `number`: a pure function."""
    who, throw = person(seed, number), dice(seed, "contributions", number)
    chance = throw.random()
    jobs = _employments(who, throw) if chance < EMPLOYED else ()
    resident = not jobs and chance < INSURED
    rows = [*_rows(jobs, throw), *(_resident_rows(who, throw) if resident else ())]
    ordered = tuple(sorted(rows, key=lambda row: (-int(row.fee_ym), row.kind.value, row.employer)))
    retired = months.birthday_month(who.birth_date, RETIREMENT[who.sex]) <= months.LAST
    return Contributions(
        record_id=f"SB{number:012d}",
        subject_id_no=who.id_no,
        source_unit="广州市社会保险基金管理中心（测试）",
        theme_code="S001",
        updated_at=CUTOFF.astimezone(UTC),
        is_test=True,
        person=InsuredPerson(
            person_no=f"9901{number:012d}", id_no=who.id_no, name=who.name, sex=who.sex, ethnic=who.ethnic,
            birth_date=who.birth_date, hukou_type=throw.choice(("10", "20")), card_no=who.card_no,
            first_insured=ordered[-1].fee_ym if ordered else None,
        ),
        enrolments=_enrolments(ordered, jobs, retired),
        rows=ordered,
        pension_acc=_pension(ordered),
        medical_acc=_medical(ordered, throw),
        data_cutoff=CUTOFF,
    )  # fmt: skip
