"""The declaration of a service: everything that screens, printing and permissions need to know about it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from backend_client.contract.access_log import AccessLog
from backend_client.contract.account import AccountOverview, WardsOverview
from backend_client.contract.contributions import Contributions
from backend_client.contract.documents import DocumentKind, Medium
from backend_client.contract.family_planning import FamilyPlanning
from backend_client.contract.model import Record
from kiosk.services.views import View


class Assurance(StrEnum):
    """How a holder must have signed in, weakest first. Central is the judge; this is what the menu says before."""

    PHONE = "phone"
    CARD = "card"


class Records(Protocol):
    """The signed-in holder's records, as `backend_client` gives them."""

    def contributions(self) -> Contributions:
        """Social-insurance contributions."""
        ...

    def family_planning(self) -> FamilyPlanning:
        """The family-planning record."""
        ...

    def access_log(self, page: str = "") -> AccessLog:
        """A page of the holder's access log."""
        ...

    def account(self) -> AccountOverview:
        """The holder's account, or that there is none."""
        ...

    def wards(self) -> WardsOverview:
        """Everyone whom the holder may act for."""
        ...


@dataclass(frozen=True)
class Service:
    """One service. `scope`: what the token must cover; `more_scopes`: what its changes need beside that.

    `present(record, year, language)`: how the answer shows. `documents`: empty where nothing is printed.
    `turn(records, page, older)`: the page beside a page, for records that come in pages. `assurance`: the weakest
    sign-in that opens it. `for_wards`: who acts for a child or an elder may open it for them; central is the judge.
    """

    id: str
    group: str
    icon: str
    title: Mapping[str, str]
    purpose: Mapping[str, str]
    scope: str
    query: Callable[[Records], Record]
    present: Callable[[Any, int | None, str], View]
    documents: Mapping[Medium, DocumentKind]
    turn: Callable[[Records, Any, bool], Record] | None = None
    assurance: Assurance = Assurance.CARD
    more_scopes: tuple[str, ...] = ()
    for_wards: bool = False


def by_phone(services: Iterable[Service]) -> tuple[Service, ...]:
    """Those that a phone sign-in opens."""
    return tuple(service for service in services if service.assurance is Assurance.PHONE)
