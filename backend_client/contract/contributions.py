"""Social-insurance contributions (社保缴费); field names in services.md section 1, codes from LD/T 92."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from backend_client.contract.model import IdNumber, Instant, Message, Record, YearMonth, Yuan


class InsuranceKind(StrEnum):
    """险种类型 (aae140)."""

    PENSION = "110"
    UNEMPLOYMENT = "210"
    MEDICAL = "310"
    SERIOUS_ILLNESS = "330"
    WORK_INJURY = "410"
    MATERNITY = "510"
    RESIDENT_PENSION = "170"
    RESIDENT_MEDICAL = "390"


class PayState(StrEnum):
    """参保缴费状态 (aac031)."""

    PAYING = "1"
    SUSPENDED = "2"
    ENDED = "3"


class PaidState(StrEnum):
    """到账标志."""

    UNPAID = "0"
    PAID = "1"
    IN_TRANSIT = "2"
    REFUNDED = "3"


class PayType(StrEnum):
    """缴费类型."""

    NORMAL = "01"
    BACK_PAYMENT = "02"
    DEEMED = "03"
    TRANSFERRED_IN = "04"


class InsuredPerson(Message):
    """登记信息."""

    person_no: str = Field(max_length=20)
    id_no: IdNumber
    name: str = Field(max_length=50)
    sex: str = Field(pattern="^[0129]$")
    ethnic: str = Field(pattern=r"^\d{2}$")
    birth_date: date
    hukou_type: str = Field(pattern="^(10|20)$")
    card_no: str = Field(pattern=r"^T\d{8}$|^[0-9A-Z]{9}$")
    first_insured: YearMonth | None


class Enrolment(Message):
    """One insurance that the person is in."""

    kind: InsuranceKind
    pay_state: PayState
    employer_no: str = Field(max_length=20)
    employer: str = Field(max_length=100)
    start_ym: YearMonth


class ContributionRow(Message):
    """One month of one insurance."""

    kind: InsuranceKind
    fee_ym: YearMonth
    base: Yuan
    emp_amt: Yuan
    per_amt: Yuan
    gov_amt: Yuan
    paid_state: PaidState
    paid_date: date | None
    pay_type: PayType
    employer: str = Field(max_length=100)


class PensionAccount(Message):
    """养老个人账户."""

    own_total: Yuan
    year_interest: Yuan
    months: int = Field(ge=0)


class MedicalAccount(Message):
    """医疗个人账户."""

    balance: Yuan
    year_in: Yuan
    year_out: Yuan


class Contributions(Record):
    """All that a contributions screen or statement shows; rows sorted newest month first, then by kind."""

    person: InsuredPerson
    enrolments: tuple[Enrolment, ...]
    rows: tuple[ContributionRow, ...]
    pension_acc: PensionAccount | None
    medical_acc: MedicalAccount | None
    data_cutoff: Instant


class KindTotal(Message):
    """Months and money of one insurance over a set of rows."""

    kind: InsuranceKind
    months: int
    emp_amt: Yuan
    per_amt: Yuan
    gov_amt: Yuan
