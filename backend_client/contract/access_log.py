"""The access log (谁查过我): who read the holder's records, in 90 days, page by page."""

from typing import Literal

from pydantic import Field

from backend_client.contract.model import Instant, Message, Record

DAYS, PAGE = 90, 6


class Words(Message):
    """The same in both languages."""

    zh: str = Field(max_length=60)
    en: str = Field(max_length=60)


class AccessLine(Message):
    """One reading (services.md section 11). It says which fields were read, never what stood in them.

    `number`: in its chain; `dept`: terminal, site, service or department by its id, `public` for somebody with the
    paper; `place`: the same in words; `operator`: `self`, the masked name of a guardian, a work number at a counter, or
    empty where a machine read; `purpose`: query, document, copy, sign-in, check, unfreeze, or a department's own words;
    `project_no`: the document's number.
    """

    number: int = Field(ge=1)
    at: Instant
    dept: str = Field(max_length=40)
    place: Words
    operator: str = Field(max_length=20)
    purpose: str = Field(max_length=80)
    project_no: str | None = Field(default=None, max_length=32)
    theme_code: str = Field(pattern=r"^\d{4}$", description="unit 2 + sequence 2")
    fields: tuple[str, ...] = Field(max_length=60)
    channel: Literal["terminal", "phone", "site", "service", "paper", "office"]
    legal_basis: Literal["consent", "statute"]
    result: Literal["ok", "denied", "empty"]


class AccessLog(Record):
    """A page of the holder's lines, newest first.

    `newer`, `older`: cursors of the neighbouring pages (opaque), None where there is none. `head`: the newest signed
    head of the chain that the lines stand in: whoever keeps it can prove later that nothing before it was changed.
    """

    days: int = Field(ge=1, le=DAYS)
    shard: int = Field(ge=0, le=15)
    lines: tuple[AccessLine, ...] = Field(max_length=PAGE)
    newer: str | None = Field(default=None, pattern=r"^a\d{1,12}$")
    older: str | None = Field(default=None, pattern=r"^b\d{1,12}$")
    head: str = Field(max_length=600, description="compact JWS, typ access-log-head+jwt")


class PublishedHeads(Message):
    """The newest signed head of every chain, for everyone to keep, and the keys that sign them (JWKS)."""

    keys: tuple[dict[str, str], ...]
    heads: tuple[str, ...] = Field(max_length=16)
