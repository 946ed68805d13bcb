"""Family-planning certificate (计划生育信息凭证); fields in services.md section 2."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from backend_client.contract.model import AreaCode, IdNumber, Instant, Message, Record


class Marital(StrEnum):
    """婚姻状况, GB/T 2261.2."""

    SINGLE = "10"
    MARRIED = "20"
    FIRST_MARRIAGE = "21"
    REMARRIED = "22"
    REMARRIED_SAME = "23"
    WIDOWED = "30"
    DIVORCED = "40"
    UNSTATED = "90"


class Policy(StrEnum):
    """政策属性."""

    INSIDE = "1"
    OUTSIDE = "2"
    NOT_ASSESSED = "9"


class Child(Message):
    """One child of the person."""

    seq: int = Field(ge=1, le=20)
    name: str = Field(max_length=50)
    sex: str = Field(pattern="^[0129]$")
    birth_date: date
    policy: Policy
    reg_no: str = Field(max_length=20)


class FamilyPlanning(Record):
    """The record behind the certificate. Contraception is not in it: it needs a second confirmation (K+)."""

    cert_no: str = Field(max_length=20)
    name: str = Field(max_length=50)
    sex: str = Field(pattern="^[0129]$")
    birth_date: date
    id_no: IdNumber
    marital: Marital
    marriage_date: date | None
    hukou_addr: str = Field(max_length=100)
    hukou_area: AreaCode
    live_addr: str = Field(max_length=100)
    live_area: AreaCode
    spouse_name: str | None = Field(max_length=50)
    spouse_id_no: IdNumber | None
    spouse_hukou: str | None = Field(max_length=100)
    boys: int = Field(ge=0)
    girls: int = Field(ge=0)
    children: tuple[Child, ...]
    service_cert: str | None = Field(max_length=20)
    one_child_cert: str | None = Field(max_length=20)
    issuer: str = Field(max_length=60)
    issue_date: date
    expire_date: date | None
    operator: str = Field(max_length=50)
    phone: str = Field(max_length=20)
    data_cutoff: Instant
