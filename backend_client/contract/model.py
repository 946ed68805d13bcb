"""What every message of the contract shares: frozen, strict about unknown fields, money that is never a float."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Round half up to 0.01 yuan, as contribution notices do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


Yuan = Annotated[
    Decimal,
    Field(max_digits=12, decimal_places=2),
    PlainSerializer(lambda value: f"{value:.2f}", return_type=str, when_used="json"),
]
"""Chinese yuan, two decimals; a string in JSON."""

YearMonth = Annotated[str, Field(pattern=r"^(19|20)\d{2}(0[1-9]|1[0-2])$")]
"""YYYYMM, 费款所属期."""

IdNumber = Annotated[str, Field(pattern=r"^\d{17}[\dX]$")]
"""公民身份号码, GB 11643-1999, check digit in upper case."""

AreaCode = Annotated[str, Field(pattern=r"^\d{12}$")]
"""12 digits: GB/T 2260 district (6) + street (3) + community (3)."""

Instant = AwareDatetime
"""ISO 8601 with an offset."""


class Message(BaseModel):
    """Parent of every contract model."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Record(Message):
    """The envelope around each record that central answers (services.md section 0)."""

    record_id: str = Field(max_length=32)
    subject_id_no: IdNumber
    source_unit: str = Field(max_length=40)
    theme_code: str = Field(pattern=r"^[A-Z]\d{3}$")
    updated_at: Instant
    is_test: bool
