"""The access log (谁查过我): who read the holder's records, in 90 days."""

from typing import Literal

from pydantic import Field

from backend_client.contract.model import Instant, Message, Record


class AccessLine(Message):
    """One read (services.md section 11). `dept`: department, or the terminal's id; `operator`: masked, or `self`."""

    at: Instant
    dept: str = Field(max_length=40)
    operator: str = Field(max_length=20)
    purpose: str = Field(max_length=80)
    project_no: str | None = Field(default=None, max_length=32)
    theme_code: str = Field(pattern=r"^\d{4}$", description="unit 2 + sequence 2")
    fields: tuple[str, ...] = Field(max_length=60)
    channel: Literal["terminal", "phone", "site", "office"]
    legal_basis: Literal["consent", "statute"]
    result: Literal["ok", "denied", "empty"]


class AccessLog(Record):
    """The holder's lines, newest first, and the signed head of the chain they stand in: whoever keeps it can prove
    later that nothing before it was changed or taken out.
    """

    days: int = Field(ge=1, le=90)
    lines: tuple[AccessLine, ...] = Field(max_length=500)
    head: str = Field(max_length=600, description="compact JWS, typ access-log-head+jwt")
