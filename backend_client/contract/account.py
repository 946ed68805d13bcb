"""The unified-identity account (统一身份认证账户): opened by card, with a notice, a phone, sessions and wards."""

from typing import Literal

from pydantic import Field

from backend_client.contract.model import Instant, Message, Record

PHONE = r"^(1[3-9]\d{9}|990\d{8})$"
"""A mainland mobile number, or one of the test range 990 that no network has."""


class Notice(Message):
    """What a person is told before they consent (个人信息保护法 articles 14 and 17)."""

    version: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    zh: str
    en: str
    digest: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of both texts, kept with the consent")


class OpenAccount(Message):
    """The holder read the notice of this version and consented."""

    notice_version: str = Field(max_length=20)
    notice_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    consent: Literal[True]


class Account(Message):
    """The holder's account. `level`: 1 phone only, 2 card and PIN (实名)."""

    account_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    state: Literal["open", "closed"]
    level: int = Field(ge=1, le=3)
    opened_at: Instant
    opened_terminal: str = Field(max_length=40)
    notice_version: str
    consent_at: Instant
    phone: str | None = Field(default=None, description="masked: first three and last four digits")


class LinkPhone(Message):
    """The number to link."""

    phone: str = Field(pattern=PHONE)


class PhoneCheck(Message):
    """A code is on its way by SMS."""

    check_id: str
    expires_in: int = Field(gt=0, le=300)


class ConfirmPhone(Message):
    """The code that came."""

    check_id: str = Field(min_length=20, max_length=64)
    code: str = Field(pattern=r"^\d{6}$")


class SessionInfo(Message):
    """One live session of the holder. `current`: the one that asks."""

    sid: str
    device: str = Field(max_length=40, description="terminal, or the phone's or site's client id")
    acr: str
    started: Instant
    auth_time: Instant
    current: bool
    acting: bool = Field(description="for a ward")


class Sessions(Message):
    """All live sessions of the holder, newest first."""

    sessions: tuple[SessionInfo, ...]


class Ward(Message):
    """Somebody whom the holder may act for. `relation_id` goes into the sign-in; the record `basis` proves it."""

    relation_id: str
    name: str = Field(max_length=50, description="masked")
    id_no: str = Field(max_length=18, description="masked")
    kind: Literal["child", "elder"]
    basis: str = Field(max_length=20)


class Wards(Message):
    """Everyone whom the holder may act for."""

    wards: tuple[Ward, ...]


class WardsOverview(Record):
    """What the client puts together: everyone whom the holder may act for, as a record of the holder's own."""

    wards: tuple[Ward, ...] = ()


class Done(Message):
    """It is done; `ended` sessions are over."""

    ended: int = Field(ge=0)


class AccountOverview(Record):
    """What the client puts together: the account or None, live sessions, and, without an account, the notice."""

    account: Account | None = None
    sessions: tuple[SessionInfo, ...] = ()
    notice: Notice | None = None
